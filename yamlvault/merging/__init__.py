"""Merging: three versions of a file become one, scalar by scalar (docs/git.md)."""
