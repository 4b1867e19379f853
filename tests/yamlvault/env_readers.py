"""Programs that read what `yamlvault env` prints: what each makes of it."""

from __future__ import annotations

import json
import os
import shutil
import socketserver
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from dotenv import dotenv_values

SHELLS = {
    "dash": ["dash", "-c"],
    "bash": ["bash", "--norc", "-c"],
    "bash --posix": ["bash", "--posix", "-c"],
    "zsh": ["zsh", "-f", "-c"],
    "busybox": ["busybox", "sh", "-c"],
    "ksh": ["ksh", "-c"],
    "fish": ["fish", "--no-config", "-c"],
}


def program(name: str) -> str:
    """Return the path of a program; without it the test is skipped."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


@contextmanager
def _file(text: str):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "variables.env")
        path.write_bytes(text.encode())
        yield str(path)


def _run(command: list[str], **environment: str) -> bytes:
    basic = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    done = subprocess.run(
        command, env=basic | environment, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def by_shell(name: str, script: str, text: str, locale: str = "C.UTF-8") -> dict[str, str]:
    """Return the environment of a child of a shell that has run a script with FILE in it."""
    words = SHELLS[name]
    program(words[0])
    with _file(text) as path:
        line = f"{script.replace('FILE', path)}\nexec env -0"
        printed = _run([*words, line], LC_ALL=locale)
    entries = (entry.partition(b"=") for entry in printed.split(b"\0") if entry)
    return {key.decode(): value.decode(errors="surrogateescape") for key, _, value in entries}


def by_python_dotenv(text: str) -> dict[str, str | None]:
    """Return what python-dotenv reads."""
    with _file(text) as path:
        return dict(dotenv_values(path))


def by_node(text: str) -> dict[str, str]:
    """Return the environment that Node.js has with --env-file."""
    node = program("node")
    if int(_run([node, "-p", "process.versions.node.split('.')[0]"])) < 20:
        pytest.skip("this Node.js has no --env-file")
    code = "process.stdout.write(JSON.stringify(process.env))"
    with _file(text) as path:
        return json.loads(_run([node, f"--env-file={path}", "-e", code]))


class _Daemon(BaseHTTPRequestHandler):
    """Answers the Docker client as its daemon does, up to the creation of a container."""

    protocol_version = "HTTP/1.1"

    def address_string(self) -> str:
        return "client"

    def log_message(self, *_words) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(200, b"")

    def do_GET(self) -> None:
        self._answer(200, b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.created.append(json.loads(body))
        self._answer(201, b'{"Id": "0123456789ab", "Warnings": []}')

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Api-Version", "1.47")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def by_docker(text: str) -> dict[str, str]:
    """Return the environment that the Docker client asks its daemon for, with --env-file."""
    docker = program("docker")
    with tempfile.TemporaryDirectory() as folder, _file(text) as path:
        address = f"{folder}/docker.sock"
        with socketserver.ThreadingUnixStreamServer(address, _Daemon) as server:
            server.created = []
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            try:
                command = [docker, "-H", f"unix://{address}", "create", "--env-file", path, "image"]
                _run(command, DOCKER_CONFIG=folder)
            finally:
                server.shutdown()
        (created,) = server.created
    return dict(entry.split("=", 1) for entry in created["Env"] or [])
