"""Templates to config files."""
