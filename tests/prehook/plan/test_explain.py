"""`prehook explain`, through the installed prehook."""

import json
import os

import pytest
from sessions import run

from prehook.condition import Condition
from prehook.journal import Journal
from prehook.outline import outline
from prehook.start import Start
from prehook.step import Step

BASE = {"PATH": os.environ["PATH"], "HOME": "/root"}


@pytest.fixture
def explain(plan, tmp_path):
    """Explain a plan."""

    def ask(text, *command, options=(), **settings):
        settings.setdefault("env", BASE)
        return plan(text)(*(command or ("true",)), before=("explain",), options=options, **settings)

    return ask


@pytest.fixture
def details(explain):
    """Explain a plan as JSON."""

    def ask(text, *command, options=(), **settings):
        result = explain(text, *command, options=("--log", "json", *options), **settings)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    return ask


def blocks(result):
    """Return the facts of each block of an explanation."""
    assert result.returncode == 0, result.stderr
    found = {}
    for block in result.stdout.decode().split("\n\n"):
        first, *lines = block.splitlines()
        found[first] = dict(line.strip().split("  ", 1) for line in lines if "  " in line.strip())
    return {
        title: {name: text.strip() for name, text in facts.items()}
        for title, facts in found.items()
    }


def test_nothing_runs(explain, tmp_path):
    """Nothing is run, nothing is waited for, and neither is CMD."""
    result = explain(
        "steps:\n  - wait: tcp://127.0.0.1:1\n  - run: touch trace\n", "touch", "trace"
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == b""
    assert not (tmp_path / "trace").exists()


def test_text(explain, tmp_path):
    """Each step is told with its kind, its place and what differs from the default."""
    (tmp_path / "setup.py").touch()
    result = explain(
        """\
deadline: 5m
steps:
  - name: setup
    run: python3 setup.py --password s3cret
    timeout: 90
    retries: 2
    grace: 7s
    optional: true
  - run: {command: echo s3cret, shell: true, env: {TOKEN: s3cret, B: "{{ env.HOME }}"}}
    when: {HOME: [/root, /home], NOT_SET: true}
    timeout: 1m
""",
        "echo",
        "s3cret",
        "b",
    )
    found = blocks(result)
    assert list(found) == [
        "1. setup (run, prehook.yml:3)",
        "2. run (run, prehook.yml:9)",
        'CMD "echo"',
        "worst case: 294 s (4 m 54 s) until CMD starts",
    ]
    assert found["1. setup (run, prehook.yml:3)"] == {
        "runs": '"python3 setup.py" and 2 more words',
        "timeout": "90 s (1 m 30 s)",
        "grace": "7 s",
        "retries": "2, after 1, 2 s",
        "optional": "the start goes on when it fails",
        "worst case": "294 s (4 m 54 s)",
    }
    second = found["2. run (run, prehook.yml:9)"]
    assert second["runs"] == "a text for sh"
    assert second["variables"] == "TOKEN, B"
    assert b"skipped: only if NOT_SET is set" in result.stdout
    assert b"only if     HOME is /root or /home: yes" in result.stdout
    assert b"only if     NOT_SET is set: no" in result.stdout
    assert found['CMD "echo"']["program"].endswith("/echo")
    assert found['CMD "echo"']["arguments"] == "2, as they are"
    assert b"s3cret" not in result.stdout + result.stderr


def test_hooks_of_a_chain(tmp_path):
    """Hooks of a command line are explained like steps; CMD is the last one of the chain."""
    result = run(
        "explain", "--timeout", "3s", "echo s3cret", "--", "prehook", "true", "--", "cat", "x",
        env=BASE,
    )  # fmt: skip
    found = blocks(result)
    assert list(found) == [
        '1. hook 1: "echo" (run)', '2. hook 2: "true" (run)', 'CMD "cat"',
        'worst case: no bound: hook 2: "true" without a timeout',
    ]  # fmt: skip
    assert b"s3cret" not in result.stdout


def test_skipping(details):
    """What PREHOOK_SKIP names is told as skipped, and takes no time."""
    text = "steps:\n  - run: 'true'\n  - {run: 'true', timeout: 10s}\n"
    found = details(text, env={**BASE, "PREHOOK_SKIP": "run"})
    assert [step["skipped"] for step in found["steps"]] == ["PREHOOK_SKIP", None]
    assert found["worst_case"] == 15
    assert found["unbounded"] == []


def test_wrong_skipping(explain):
    """A name in PREHOOK_SKIP that no step has is as wrong as it is for a start."""
    result = explain("steps:\n  - run: 'true'\n", env={**BASE, "PREHOOK_SKIP": "rum"})
    assert (result.returncode, result.stdout) == (125, b"")


WORST = [
    ("- {run: a, timeout: 10s}", 15),
    ("- {run: a, timeout: 10s, grace: 1s}", 11),
    ("- {run: a, timeout: 10s, grace: 1s, retries: 2, backoff: 4s}", 33 + 4 + 8),
    ("- {run: a, timeout: 1s, grace: 1s, retries: 6}", 14 + 1 + 2 + 4 + 8 + 16 + 30),
    ("- {run: a, timeout: 10s}\n- {run: a, timeout: 20s}", 40),
    ("- {wait: 'tcp://a:1'}", 60 + 1 + 5),
    ("- {wait: 'tcp://a:1', timeout: 9s}\n- {wait: 'tcp://b:1', timeout: 1s}", 15 + 7),
    ("- run: a", None),
    ("- run: a\ndeadline: 20s", 25),
    ("- {run: a, timeout: 10s}\ndeadline: 1h", 15),
    ("- {run: a, timeout: 1h, grace: 2s}\ndeadline: 20s", 22),
    ("- {run: a, unless: {HOME: true}}", 0),
]


@pytest.mark.parametrize(("steps", "seconds"), WORST)
def test_worst_case(details, steps, seconds):
    """The worst case is what all attempts, grace periods and pauses make together."""
    assert details(f"steps:\n{steps}\n")["worst_case"] == seconds


class Overlapping(Step):
    overlaps = True
    timeout = 10.0
    grace = 1.0


class HoldingBack(Overlapping):
    holds_back = True
    timeout = 20.0


def test_beside():
    """Steps that overlap are told to run beside each other; the slowest of them counts."""
    start = Start(Journal())
    kinds = (Overlapping, Overlapping, Overlapping, HoldingBack, Overlapping, Step)
    start.steps = [kind(f"step {number}") for number, kind in enumerate(kinds, 1)]
    start.steps[1].conditions = (Condition("HOME", negated=True),)
    start.steps[5].timeout = 1.0
    found = outline(start, {b"HOME": b"/"})
    assert [one.beside for one in found.steps] == [[3, 4], [], [1, 4], [1, 3], [], []]
    assert found.bound == (20 + 1) + (10 + 1) + (1 + 5)


def test_what_is_missing(details, tmp_path):
    """Programs, directories, templates and variables that aren't there are pointed out."""
    (tmp_path / "there").mkdir()
    (tmp_path / "there/tool").touch(mode=0o755)
    found = details(
        """\
steps:
  - run: no-such-program
  - run: {command: 'true', cwd: nowhere}
  - run: {command: ./tool, cwd: there}
  - run: {command: ./gone, cwd: there}
  - run: {command: 'true', env: {A: "{{ env.HOMR }}"}}
  - wait: tcp://{{ env.HOMR }}:1
  - render: config/{{ env.HOMR | default('app') }}.j2
  - secrets: "{{ env.PLACE }}.yml"
  - render: config/a.j2:/run/a
  - {run: no-such-program, unless: {HOME: true}}
""",
        "no-such-command",
        env={**BASE, "PLACE": "s3cret"},
    )
    assert "s3cret" not in str(found)
    unset = 'environment variable "HOMR" is not set'
    assert [step["missing"] for step in found["steps"]] == [
        ["no-such-program: no such program"],
        ["nowhere: no such directory"],
        [],
        ["there/./gone: no such program"],
        [f"prehook.yml:6: {unset}"],
        [f"prehook.yml:7: {unset}"],
        ["config/{{ env.HOMR | default('app') }}.j2: no such file"],
        ["{{ env.PLACE }}.yml: no such file"],
        ["config/a.j2: no such file"],
        [],
    ]
    assert found["command"]["program"] is None


def test_command(details):
    """CMD is told with the file that PATH finds, its user, init and trace, which is not made."""
    found = details(
        "steps:\n  - run: 'true'\n", "sh", "-c", "s3cret",
        options=("--init", "--trace", "trace.json"), env={"PATH": "/nowhere:/bin"},
    )  # fmt: skip
    assert found["command"] == {
        "name": "sh", "arguments": 2, "program": "/bin/sh", "user": None, "init": True,
        "trace": "trace.json", "handed_on": [],
    }  # fmt: skip
    assert not os.path.exists("trace.json")


def test_wrong_plan(explain):
    """A wrong plan is refused as by a start."""
    result = explain("steps:\n  - rum: a\n")
    assert (result.returncode, result.stdout) == (125, b"")
    assert result.stderr.startswith(b"prehook: prehook.yml:2:5: unknown key 'rum'\n")


def test_one_line_each(explain):
    """Line breaks and control characters of a plan do not break the lines."""
    result = explain('steps:\n  - run: {command: "true", cwd: "a\\nb\\e[31m"}\n')
    assert b"in         a\\nb\\x1b[31m\n" in result.stdout


def test_schema():
    """`explain --schema` prints the JSON Schema of a plan."""
    result = run("explain", "--schema")
    assert (result.returncode, result.stderr) == (0, b"")
    assert json.loads(result.stdout)["title"] == "prehook.yml"
