"""Changing a file: one value set, one entry removed, a draft edited."""
