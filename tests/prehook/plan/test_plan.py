"""Plans, through the installed prehook: what their steps do."""

import os
import signal

import pytest
from sessions import PREHOOK, run

BASE = {"PATH": os.environ["PATH"], "HOME": "/root"}


def said(result):
    return result.stderr.decode().splitlines()


def test_order(plan):
    """Steps run in the order in which they stand, and CMD is last."""
    result = plan("""\
steps:
  - run: echo one
  - run: [echo, two, "", 3]
  - run: {command: 'printf "%s\\n" three', shell: true}
""")("echo", "CMD")
    assert result.stdout == b"one\ntwo  3\nthree\nCMD\n"
    assert result.returncode == 0


def test_names(plan):
    """A step is called what it is given, or its kind with the next free number."""
    result = plan("""\
steps:
  - run: 'true'
  - {name: setup, run: 'true'}
  - run: 'true'
  - {name: run-3, run: 'true'}
  - run: 'true'
""")()
    assert [line.split(":")[1].strip() for line in said(result)] == [
        "run", "setup", "run-2", "run-3", "run-4",
    ]  # fmt: skip


def test_failure(plan):
    """A step that fails ends the start with its status, and its name is said."""
    result = plan("""\
steps:
  - run: sh -c 'exit 7'
    name: migration
  - run: echo next
""")("echo", "CMD")
    assert (result.returncode, result.stdout) == (7, b"")
    assert said(result) == ['prehook: migration: exited with status 7; "echo" is not started']


def test_optional(plan):
    """The start goes on behind an optional step that fails, all its attempts over."""
    result = plan("""\
steps:
  - run: sh -c 'echo try; exit 7'
    optional: true
    retries: 2
    backoff: 1ms
""")("echo", "CMD")
    assert (result.returncode, result.stdout) == (0, b"try\ntry\ntry\nCMD\n")


def test_environment_is_handed_on(plan):
    """What a step writes to PREHOOK_ENV is there for conditions, templates, steps and CMD."""
    result = plan("""\
steps:
  - run: {command: 'echo STAGE=late >> "$PREHOOK_ENV"', shell: true}
  - when: {STAGE: late}
    run:
      command: [sh, -c, 'echo "$SHOWN"']
      env: {SHOWN: "<{{ env.STAGE }}>"}
""")("sh", "-c", "echo $STAGE ${SHOWN-none}")
    assert result.stdout == b"<late>\nlate none\n"


def test_variables_of_a_command(plan):
    """The values of `env` are texts, numbers, empty texts and templates with a default."""
    result = plan("""\
steps:
  - run:
      command: env
      env:
        A: text
        B: 0o17
        C: ""
        D: "{{ env.NOT_SET | default('x y') }}!"
        E: '{{ env.GREETING | upper }}'
        F: '{% if env.GREETING == "hello" %}yes{% endif %}'
        G: yes
        H: "{{ env.EMPTY }}"
""")(env={**BASE, "GREETING": "hello", "EMPTY": ""})
    assert result.returncode == 0, result.stderr
    found = dict(line.split("=", 1) for line in result.stdout.decode().splitlines())
    shown = {name: found[name] for name in "ABCDEFGH"}
    assert shown == {
        "A": "text", "B": "0o17", "C": "", "D": "x y!", "E": "HELLO", "F": "yes", "G": "yes",
        "H": "",
    }  # fmt: skip


def test_bytes_of_a_variable(plan):
    """A value that is not UTF-8 goes through templates, the short ones and Jinja's, as it is."""
    result = plan("""\
steps:
  - run: {command: env, env: {A: "{{ env.RAW }}", B: "{{ env.RAW | trim }}"}}
""")(env={**BASE, "RAW": b"\xff\xe9"})
    assert {b"A=\xff\xe9", b"B=\xff\xe9"} <= set(result.stdout.splitlines())


@pytest.mark.parametrize("template", ["{{ env.DB_HSOT }}", "{{ env.DB_HSOT | upper }}"])
def test_missing_variable(plan, template):
    """A variable that is not set is named with the line and a similar one, not with values."""
    text = f"steps:\n  - run:\n      command: env\n      env: {{A: '{template}'}}\n"
    result = plan(text)(env={**BASE, "DB_HOST": "s3cret"})
    assert result.returncode == 125
    problem = 'prehook.yml:4: environment variable "DB_HSOT" is not set'
    assert said(result) == [
        f'prehook: run: {problem}; "true" is not started',
        'hint: did you mean "DB_HOST"?',
    ]
    assert b"s3cret" not in result.stderr + result.stdout


def test_settings_of_a_command(plan, tmp_path):
    """`cwd`, `stdin` and `allow_background` are as the options of a hook."""
    (tmp_path / "there").mkdir()
    result = plan("""\
steps:
  - run: {command: pwd, cwd: there}
  - run: {command: cat, stdin: true}
  - run: {command: cat, stdin: false}
""")(stdin=None, input=b"typed\n")
    assert result.stdout == f"{tmp_path}/there\ntyped\n".encode()


CONDITIONS = [
    ("when: {A: x}", {"A": "x"}, True),
    ("when: {A: x}", {"A": "y"}, False),
    ("when: {A: x}", {}, False),
    ("when: {A: [x, y]}", {"A": "y"}, True),
    ("when: {A: [x, y]}", {"A": "z"}, False),
    ("when: {A: 010}", {"A": "010"}, True),
    ("when: {A: 010}", {"A": "8"}, False),
    ("when: {A: true}", {"A": "false"}, True),
    ("when: {A: true}", {"A": ""}, False),
    ("when: {A: 'true'}", {"A": "true"}, True),
    ("when: {A: 'true'}", {"A": "false"}, False),
    ("when: {A: false}", {}, True),
    ("when: {A: false}", {"A": ""}, True),
    ("when: {A: false}", {"A": "x"}, False),
    ("when: {A: ''}", {}, True),
    ("when: {A: ''}", {"A": "x"}, False),
    ("when: {A: x, B: y}", {"A": "x", "B": "y"}, True),
    ("when: {A: x, B: y}", {"A": "x"}, False),
    ("unless: {A: x}", {"A": "x"}, False),
    ("unless: {A: x}", {}, True),
    ("unless: {A: true}", {"A": "x"}, False),
    ("unless: {A: true}", {"A": ""}, True),
    ("unless: {A: false}", {"A": "x"}, True),
    ("unless: {A: false}", {}, False),
    ("unless: {A: [x, y]}", {"A": "y"}, False),
    ("unless: {A: x, B: y}", {"A": "x"}, False),
    ("unless: {A: x, B: y}", {"B": "y"}, False),
    ("unless: {A: x, B: y}", {"A": "y", "B": "x"}, True),
    ("when: {A: x}, unless: {B: true}", {"A": "x"}, True),
    ("when: {A: x}, unless: {B: true}", {"A": "x", "B": "1"}, False),
    ("when: {a.b-c: x}", {"a.b-c": "x"}, True),
]


@pytest.mark.parametrize(("condition", "environment", "runs"), CONDITIONS)
def test_condition(plan, condition, environment, runs):
    """A step runs if all entries of `when` hold and none of `unless`."""
    result = plan(f"steps:\n  - {{run: echo ran, {condition}}}\n")(env={**BASE, **environment})
    assert result.returncode == 0, result.stderr
    assert result.stdout == (b"ran\n" if runs else b"")


def test_skipping(plan):
    """PREHOOK_SKIP leaves out the steps that it names, by given and by default names."""
    start = plan("""\
steps:
  - run: echo one
  - run: echo two
  - {run: echo three, name: the third}
""")
    result = start(env={**BASE, "PREHOOK_SKIP": "run-2, the third"})
    assert result.stdout == b"one\n"
    result = start(env={**BASE, "PREHOOK_SKIP": "run-3"})
    assert (result.returncode, result.stdout) == (125, b"")
    assert said(result) == [
        'prehook: PREHOOK_SKIP: there is no step "run-3"',
        "hint: the steps: run, run-2, the third",
    ]


def test_deadline(plan):
    """The deadline of a plan holds for all of its steps, whatever time each of them has."""
    text = "deadline: 500ms\nsteps:\n  - run: {command: sleep 600}\n    timeout: 1h\n"
    result = plan(text)("echo", "CMD")
    assert (result.returncode, result.stdout) == (124, b"")
    assert b"the deadline of the whole start (0.5 s) has passed" in result.stderr


def test_shorter_deadline(plan):
    """Of two deadlines the shorter one holds."""
    text = "deadline: 1h\nsteps:\n  - run: sleep 600\n"
    result = plan(text)(options=("--deadline", "200ms"))
    assert result.returncode == 124


def test_timeout(plan):
    """A step that has had its time is ended, with status 124."""
    result = plan("steps:\n  - {run: sleep 600, timeout: 100ms, grace: 1s}\n")()
    assert result.returncode == 124
    assert b"run (prehook.yml:2): timed out after 0.1 s" in result.stderr


def test_plan_in_a_chain(plan, tmp_path):
    """A plan in the middle of a chain runs there, in the same process."""
    plan("steps:\n  - run: echo two\n  - run: echo three\n")
    result = run(
        "echo one", "--", "prehook", "-f", "prehook.yml", "--", PREHOOK, "--name", "last",
        "echo four", "--", "echo", "CMD", cwd=tmp_path,
    )  # fmt: skip
    assert result.stdout == b"one\ntwo\nthree\nfour\nCMD\n"
    assert len(said(result)) == 4, result.stderr


def test_nothing_runs_in_front_of_a_wrong_plan(plan, tmp_path):
    """Nothing of a chain runs if a plan further behind is wrong."""
    plan("steps:\n  - rum: echo two\n")
    result = run("echo one", "--", "prehook", "-f", "prehook.yml", "--", "echo", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (125, b"")
    assert said(result)[0] == "prehook: prehook.yml:2:5: unknown key 'rum'"


def test_names_of_a_chain(plan, tmp_path):
    """Names are given once in a whole chain, and default names keep clear of them."""
    plan("steps:\n  - run: echo a\n", "a.yml")
    plan("steps:\n  - run: echo b\n  - {run: echo c, name: hook}\n", "b.yml")
    chain = ("-f", "a.yml", "--", "prehook", "-f", "b.yml", "--", "true")
    result = run(*chain, cwd=tmp_path)
    assert [line.split(":")[1] for line in said(result)] == [" run", " run-2", " hook"]
    result = run("--name", "hook", "true", "--", "prehook", *chain, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (125, b"")
    assert said(result)[0] == "prehook: b.yml:3:25: hook 1 is called 'hook' already"


def test_aliases(plan):
    """An alias is what it stands for: a value, a mapping, a whole step."""
    result = plan("""\
steps:
  - &step
    run: {command: [echo, &word one, *word]}
    when: &condition {HOME: true}
  - *step
  - {run: echo two, when: *condition}
""")()
    assert result.stdout == b"one one\none one\ntwo\n"


def test_term(plan, start, tmp_path, prefix):
    """TERM during a step of a plan ends the start with 143; no further step runs."""
    plan("steps:\n  - run: sh -c 'echo up; exec sleep 600'\n  - run: echo next\n")
    session = start("-f", str(tmp_path / "prehook.yml"), "--", "echo", "CMD", prefix=prefix)
    session.await_line("up")
    session.signal(signal.SIGTERM)
    assert session.wait() == 143
    assert session.lines == ["up"]


def test_byte_order_mark(plan):
    """A byte order mark and CRLF line ends are no part of a plan."""
    result = plan(b"\xef\xbb\xbfsteps:\r\n  - run: echo one\r\n")()
    assert result.stdout == b"one\n"


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_user(plan):
    """`user` is who a single command runs as; the next ones and CMD do not."""
    result = plan("""\
steps:
  - run: {command: id -u, user: '4321:4321'}
  - run: id -u
""")("id", "-u")
    assert result.stdout == b"4321\n0\n0\n", result.stderr


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_user_of_a_chain(plan, tmp_path):
    """A plan behind a prehook with --user runs as that user."""
    plan("steps:\n  - run: id -u\n  - run: {command: id -u, user: '4321:4321'}\n")
    tmp_path.chmod(0o755)
    result = run(
        "--user", "1234:1234", "id -u", "--", "prehook", "-f", str(tmp_path / "prehook.yml"), "--",
        "id", "-u",
    )  # fmt: skip
    assert result.stdout == b"0\n1234\n4321\n1234\n", result.stderr
