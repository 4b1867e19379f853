"""What `yamlvault git` does: a module for each subcommand, and what they know of git."""
