"""Fixtures for plans."""

import pytest
from sessions import run


@pytest.fixture
def plan(tmp_path):
    """Write a plan and return how to run it: prehook in its directory, with its CMD."""

    def write(text, name="prehook.yml"):
        content = text if isinstance(text, bytes) else text.encode()
        (tmp_path / name).write_bytes(content)

        def start(*command, before=(), options=(), **settings):
            command = command or ("true",)
            settings.setdefault("cwd", tmp_path)
            return run(*before, *options, "-f", name, "--", *command, **settings)

        return start

    return write
