"""The step `secrets`: a file opened once, in memory, and handed on in memory (docs/secrets.md)."""
