"""Waiting for what a container needs: ports, web services, sockets and files."""
