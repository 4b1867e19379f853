"""Editing: a plaintext copy in memory, somebody's editor, and what comes of it."""
