"""The commands, one a module: each has `run(arguments) -> exit status`."""
