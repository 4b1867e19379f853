"""`python -m yamlvault`."""

from yamlvault.cli import entry

entry()
