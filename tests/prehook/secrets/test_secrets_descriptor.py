"""Secrets on their way to CMD by a descriptor: what gets them, and what does not."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from sessions import PREHOOK, needs_namespace

PLAN = "steps:\n  - secrets: {file: secrets.yml, path: $.production}\n"
PASSWORD = "correct-horse/battery&staple"
PRINT = "import yamlvault; print(yamlvault.load(path='$.database.url'))"
URL = f"postgres://app:{PASSWORD}@db.internal/app"


def python(code):
    return [sys.executable, "-c", code]


def test_load_without_a_file(place):
    """The command reads what was opened: the same data as that of the file, and parts of it."""
    code = """
import os, yamlvault
os.environ.pop("YAMLVAULT_AGE_KEY_FILE")
found = yamlvault.load()
print(found == eval(os.environ["EXPECTED"], {"datetime": __import__("datetime")}))
print(found == yamlvault.load(), yamlvault.load(path="$.database.replicas[1]"))
"""
    import yamlvault

    keyring = yamlvault.Keyring([place.identity.read_text()])
    expected = yamlvault.load(place.file, path="$.production", keyring=keyring)
    environment = {**place.environment, "EXPECTED": repr(expected)}
    assert place.ok(PLAN, *python(code), env=environment) == "True\nTrue 10.0.0.2\n"


PREFORK = """
import os, sys, yamlvault

def load():
    assert yamlvault.load(path="$.motto") == "d\\u00e9j\\u00e0 vu"

stage = sys.argv[1]
load()
if stage == "worker":
    sys.exit()
children = []
for _ in range(4):
    child = os.fork()
    if child == 0:
        load()
        load()
        os.execv(sys.executable, [sys.executable, "-c", os.environ["CODE"], "worker"])
    children.append(child)
load()
for child in children:
    assert os.waitpid(child, 0)[1] == 0
if stage == "first":  # a master that has been told to start its new version in its place
    os.execv(sys.executable, [sys.executable, "-c", os.environ["CODE"], "second"])
load()
print("served")
"""


def test_workers_that_are_forked_and_started_anew(place):
    """All workers of a server read it at once, after an exec too, and its next master as well."""
    environment = {**place.environment, "CODE": PREFORK}
    command = [*python(PREFORK), "first"]
    assert place.ok(PLAN, *command, env=environment) == "served\n"


@pytest.mark.parametrize(
    "opening",
    [
        "os.closerange(3, 256)",
        "os.closerange(3, 256); os.dup2(os.open('/etc/hostname', os.O_RDONLY), number)",
    ],
    ids=["closed", "another"],
)
def test_a_server_that_closes_descriptors(place, opening):
    """Who can't read it any more is told so and what to do, even if its number is another's."""
    code = f"""
import os, yamlvault
number = int(os.environ["YAMLVAULT_FD"])
{opening}
try:
    yamlvault.load()
except yamlvault.YamlVaultError as error:
    print(error, "/", error.hint)
"""
    assert re.fullmatch(
        r"YAMLVAULT_FD: descriptor \d+ is (closed in this process|no sealed file in memory) / "
        r".*let the plan write a file \(docs/secrets.md\)\n",
        place.ok(PLAN, *python(code)),
    )


def test_a_spawned_worker(place):
    """`multiprocessing` with `spawn` closes it in the child, where the error says so."""
    (place.directory / "spawning.py").write_text(
        "import multiprocessing, yamlvault\n"
        "def work():\n"
        "    try:\n"
        "        yamlvault.load()\n"
        "    except yamlvault.YamlVaultError as error:\n"
        "        print(error, flush=True)\n"
        "if __name__ == '__main__':\n"
        "    process = multiprocessing.get_context('spawn').Process(target=work)\n"
        "    process.start()\n"
        "    process.join()\n"
    )
    done = place.ok(PLAN, sys.executable, "spawning.py")
    assert done.endswith("is closed in this process\n")


NODE = """
const fs = require("fs"), cluster = require("cluster");
const { execFileSync } = require("child_process");
const read = () => JSON.parse(fs.readFileSync("/dev/fd/" + process.env.YAMLVAULT_FD, "utf8"));
if (cluster.isPrimary) {
  console.log(read().database.url);
  console.log(execFileSync("sh", ["-c", "wc -l < /dev/fd/$YAMLVAULT_FD"], {encoding: "utf8"}) > 5);
  cluster.fork();
} else {
  console.log(read().database.url);
  process.exit(0);
}
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node")
def test_node(place):
    """Node reads /dev/fd/N, as often as it likes; so do its programs and cluster workers."""
    (place.directory / "server.js").write_text(NODE)
    plan = "steps:\n  - secrets: {file: secrets.yml, path: $.production, format: json}\n"
    assert place.ok(plan, "node", "server.js") == f"{URL}\ntrue\n{URL}\n"


RUBY = """
require "yaml"
path = "/dev/fd/#{ENV.fetch("YAMLVAULT_FD")}"
read = -> { YAML.load(File.read(path), permitted_classes: [Date]) }
puts read.call["database"]["url"]
Process.wait(fork { puts read.call["motto"] })
system("head -n 1 /dev/fd/$YAMLVAULT_FD")
"""


@pytest.mark.skipif(shutil.which("ruby") is None, reason="needs Ruby")
def test_ruby(place):
    """Ruby reads /dev/fd/N, in what it forks and starts as well."""
    command = ["ruby", "-E", "UTF-8", "-rdate", "-e", RUBY]
    assert place.ok(PLAN, *command).splitlines() == [URL, "déjà vu", "database:"]


def test_shell(place):
    """A shell reads it by name, and its own descriptors 3 to 9 are not in the way."""
    script = 'exec 3>&1 4>&1 5>&1 9>&1; tail -n 1 "/dev/fd/$YAMLVAULT_FD"'
    assert place.ok(PLAN, "sh", "-c", script) == "motto: déjà vu\n"


def test_few_descriptors(place):
    """Where the system allows few open files, the descriptor has a lower number."""
    place.plan(PLAN)
    script = 'ulimit -n 32; exec "$@"'
    command = ["sh", "-c", 'cat "/dev/fd/$YAMLVAULT_FD"; echo "$YAMLVAULT_FD"']
    done = subprocess.run(
        ["sh", "-c", script, "sh", PREHOOK, "-q", "-f", "prehook.yml", "--", *command],
        cwd=place.directory, env=place.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *_, motto, number = done.stdout.splitlines()
    assert motto == "motto: déjà vu"
    assert 2 < int(number) < 32


def test_nobody_changes_it(place):
    """CMD can't write, shorten or unseal what others read, though it owns it."""
    code = """
import fcntl, os, sys
number = int(os.environ["YAMLVAULT_FD"])
def attempt(what):
    try:
        what()
    except OSError as error:
        print(error.strerror)
again = os.open(f"/proc/self/fd/{number}", os.O_RDWR) if os.geteuid() == 0 else number
attempt(lambda: os.pwrite(again, b"x", 0))
attempt(lambda: os.ftruncate(again, 0))
attempt(lambda: os.truncate(f"/proc/self/fd/{number}", 1000))
attempt(lambda: fcntl.fcntl(again, fcntl.F_ADD_SEALS, 0))
"""
    assert len(place.ok(PLAN, *python(code)).splitlines()) == 4


@pytest.mark.root
@needs_namespace
def test_cmd_of_another_user(place):
    """A user that prehook becomes reads what root has opened."""
    options = ("--user", "12345:12345")
    place.directory.chmod(0o755)
    script = 'id -u; tail -n 1 "/dev/fd/$YAMLVAULT_FD"'
    found = place.ok(PLAN, "sh", "-c", script, options=options)
    assert found == "12345\nmotto: déjà vu\n"


def test_hooks_get_nothing(place):
    """A hook sees neither the descriptor nor the variables, unless it asks for the secrets."""
    code = (
        "import os, sys; path = '/proc/self/fd/100'; "
        "print(os.environ.get('YAMLVAULT_FD'), os.environ.get('URL'), os.path.exists(path))"
    )
    plan = f"""
steps:
  - secrets: {{file: secrets.yml, path: $.production, env: {{URL: $.database.url}}}}
  - run: {json.dumps(python(code))}
  - run: {{command: {json.dumps(python(code))}, secrets: true}}
"""
    assert place.ok(plan).splitlines() == ["None None False", f"100 {URL} True"]


def test_no_descriptor_for_cmd(place):
    """With `fd: false` CMD gets none."""
    plan = "steps:\n  - secrets: {file: secrets.yml, fd: false}\n"
    code = "import os; print(os.environ.get('YAMLVAULT_FD'), os.path.exists('/proc/self/fd/100'))"
    assert place.ok(plan, *python(code)) == "None False\n"


def test_two_files(place):
    """Two steps hand on two files, by two variables."""
    plan = """
steps:
  - secrets: {file: secrets.yml, path: $.production}
  - secrets: {file: secrets.yml, path: $.staging, as: others, fd: OTHERS}
"""
    script = 'tail -n 1 "/dev/fd/$YAMLVAULT_FD"; cat "/dev/fd/$OTHERS"'
    found = place.ok(plan, "sh", "-c", script)
    assert found == "motto: déjà vu\ndatabase:\n  url: postgres://staging\n"


WATCH = """
import os, sys
for name in ("environ", "cmdline", "maps"):
    data = open(f"/proc/self/{name}", "rb").read()
    assert b"correct" + b"-horse" not in data, name
found = []
for one in os.listdir("/proc/self/fd"):
    try:
        found.append(os.readlink(f"/proc/self/fd/{one}"))
    except FileNotFoundError:  # the one that listdir had open
        pass
print([one for one in found if "memfd" in one])
"""


def test_nowhere_else(place):
    """Neither environment nor argv have a secret, no other descriptor is left, and no file."""
    before = set(_files(place.directory))
    environment = {**place.environment, "TMPDIR": str(place.directory)}
    done = place.run(PLAN, *python(WATCH), options=("-v",), env=environment)
    assert done.stdout == "['/memfd:secrets (deleted)']\n", done.stderr
    assert PASSWORD not in done.stderr
    assert set(_files(place.directory)) - before == {place.directory / "prehook.yml"}


def test_read_only_and_without_a_home(place):
    """Nothing has to be written anywhere: a directory that nobody can write is enough."""
    environment = {"YAMLVAULT_AGE_KEY_FILE": "identity.txt", "PATH": os.environ["PATH"]}
    place.plan(PLAN)
    place.directory.chmod(0o555)
    try:
        done = subprocess.run(
            [PREHOOK, "-f", "prehook.yml", "--", "true"],
            cwd=place.directory, env=environment, capture_output=True, check=False,
        )  # fmt: skip
    finally:
        place.directory.chmod(0o755)
    assert done.returncode == 0, done.stderr


def _files(directory):
    return [path for path in directory.rglob("*") if path.is_file()]
