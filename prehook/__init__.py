"""The entrypoint of a container. Each start imports this: it stays empty."""
