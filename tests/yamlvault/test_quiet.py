"""An import touches nothing; a load changes nothing of the process that it runs in."""

import json
import os
import subprocess
import sys

import pytest
from places import DATA, place  # noqa: F401  a fixture

# what an import may open is what Python is made of; the rest is told
GUARD = """
import json, os, sys, sysconfig
libraries = [os.path.realpath(path) for path in (sys.base_prefix, sys.prefix)]
libraries += [os.path.realpath(path) for path in sysconfig.get_paths().values()]
seen = []

def watch(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.fork", "os.exec", "os.posix_spawn")):
        seen.append(event)
    elif event == "open" and isinstance(arguments[0], (str, bytes)):
        path = os.path.realpath(os.fsdecode(arguments[0]))
        if not any(path.startswith(folder + os.sep) for folder in libraries):
            seen.append(path)

{before}
sys.addaudithook(watch)
import {module}
print(json.dumps(seen))
"""
PUBLIC = ["yamlvault", "yamlvault.section", "yamlvault.errors", "yamlvault.keyring"]


def seen(module, before=""):
    done = subprocess.run(
        [sys.executable, "-B", "-P", "-c", GUARD.format(module=module, before=before)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("module", "framework"),
    [
        *((module, "json") for module in PUBLIC),
        ("yamlvault.readers.pydantic", "pydantic_settings"),
        ("yamlvault.readers.dynaconf", "dynaconf"),
        ("yamlvault.readers.dynaconf", "dynaconf.loaders.base"),
        ("yamlvault.loading, yamlvault.kek.aws.light, yamlvault.kek.gcp.light", "json"),
    ],
)
def test_imports(module, framework, tmp_path, monkeypatch):
    """No connection, no process, no file but Python's own, whatever the environment names."""
    identity = tmp_path / "identity.txt"
    identity.write_text("not read")
    monkeypatch.setenv("YAMLVAULT_AGE_KEY_FILE", str(identity))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(identity))
    assert seen(module, f"import {framework}") == []


def test_the_guard_sees():
    """The test above can fail: a module that opens a file and a connection is noticed."""
    noticed = seen("os; open('/dev/null'); import socket; socket.socket().connect_ex(('', 9))")
    assert "/dev/null" in noticed
    assert "socket.connect" in noticed


QUIET = """
import json, logging, os, signal, sys, threading, warnings

def state():
    hooks = sys.excepthook, sys.displayhook, threading.excepthook, sys.stdout, sys.stderr
    loggers = logging.root.manager.loggerDict.items()
    return {
        "signals": {str(one): repr(signal.getsignal(one)) for one in signal.valid_signals()},
        "hooks": [repr(hook) for hook in hooks],
        "logging": [repr(logging.root.handlers), logging.root.level],
        "levels": [name for name, one in loggers if getattr(one, "level", 0)],
        "warnings": repr(warnings.filters),
        "environment": dict(os.environ) | {"cwd": os.getcwd(), "path": sys.path},
        "threads": [thread.name for thread in threading.enumerate()],
    }

import yamlvault
before = state()
data = yamlvault.load(sys.argv[1], path="$.production")
after = state()
with os.fdopen(int(sys.argv[2]), "w") as out:
    json.dump([data, before, after], out)
"""


def test_a_load(place, tmp_path):  # noqa: F811
    """Nothing is printed; handlers, hooks, loggers, environment and threads are what they were."""
    with (tmp_path / "out.json").open("w+") as out:
        done = subprocess.run(
            [sys.executable, "-P", "-c", QUIET, str(place), str(out.fileno())],
            pass_fds=[out.fileno()],
            capture_output=True,
            check=True,
        )
        out.seek(0)
        data, before, after = json.load(out)
    assert (done.stdout, done.stderr) == (b"", b"")
    assert data == DATA
    if "sdk" in os.environ.get("YAMLVAULT_KMS_CLIENT", ""):
        del after["warnings"], before["warnings"]  # urllib3 sets some as it is imported
    assert after == before
