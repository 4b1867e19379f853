"""git and yamlvault: what git runs, and what sets it up."""
