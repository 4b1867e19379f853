"""Format v1, as docs/format.md specifies it; comments name its sections."""
