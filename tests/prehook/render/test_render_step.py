"""The step `render` of a plan, by the installed prehook; what it takes from earlier steps."""

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sessions import eventually, run

from prehook.errors import PrehookError
from prehook.handover import Handover
from prehook.journal import Journal
from prehook.render.task import RenderTask
from prehook.task import Context
from prehook.text import Text

DATABASE = {"password": "hunter2", "port": 5432}


@pytest.fixture
def plan(tmp_path):
    """Write a plan of one step, and run it in its folder before `echo started`."""

    def begin(step, **environment):
        (tmp_path / "plan.yml").write_text(f"steps:\n  - {step}\n")
        return run(
            *("-f", "plan.yml", "--", "echo", "started"),
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], **environment},
        )

    return begin


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_template(plan, tmp_path):
    """One text names one template; its target is SRC without .j2, and CMD starts behind it."""
    (tmp_path / "app.ini.j2").write_text("host={{ env.HOST }}\n")
    result = plan("render: app.ini.j2", HOST="db")
    assert (result.returncode, result.stdout) == (0, b"started\n")
    assert (tmp_path / "app.ini").read_text() == "host=db\n"
    assert mode(tmp_path / "app.ini") == 0o644


def test_a_list_and_variables_in_names(plan, tmp_path):
    """A list names several; source and target can name variables."""
    (tmp_path / "a.j2").write_text("a")
    (tmp_path / "b-staging.j2").write_text("b")
    result = plan(
        'render: [a.j2, "b-{{ env.APP_ENV }}.j2:{{ env.RUN }}/b"]', APP_ENV="staging", RUN="."
    )
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "a").read_text() + (tmp_path / "b").read_text() == "ab"


def test_a_mode(plan, tmp_path):
    """A mapping says with which mode."""
    (tmp_path / "a.j2").write_text("a")
    assert plan("render: {templates: a.j2, mode: 0640}").returncode == 0
    assert mode(tmp_path / "a") == 0o640


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("render: app.ini", "plan.yml:2:13: no target for app.ini"),
        ("render: 'app.ini.j2:'", "no target behind the colon"),
        ("render: 'app.ini.j2:-'", "to files, not to stdout"),
        ("render: [a.j2, 'b.j2:a']", "plan.yml:2:20: two templates for a"),
        ("render: {mode: 0640}", "the key `templates` is missing"),
        ("render: {templates: a.j2, mod: 0640}", "unknown key 'mod'"),
        ("render: {templates: a.j2, mode: rw}", "an octal mode"),
        ("render: []", "a list is expected that is not empty"),
    ],
)
def test_what_a_plan_can_not_say(plan, tmp_path, step, says):
    """A mistake is told with its place, before anything runs."""
    (tmp_path / "a.j2").write_text("a")
    result = plan(f"run: touch ran\n  - {step}".replace("plan.yml:2", "plan.yml:3"))
    assert result.returncode == 125
    assert says.replace("plan.yml:2", "plan.yml:3") in result.stderr.decode()
    assert not (tmp_path / "a").exists()
    assert not (tmp_path / "ran").exists()


def test_same_target_by_variables(plan, tmp_path):
    """Two templates that turn out to be for one file are refused, and none is written."""
    for name in "ab":
        (tmp_path / f"{name}.j2").write_text(name)
    result = plan('render: ["a.j2:{{ env.X }}", "b.j2:./{{ env.X }}"]', X="out")
    assert result.returncode == 125
    assert result.stderr == b'prehook: render: two templates for ./out; "echo" is not started\n'
    assert not (tmp_path / "out").exists()


def test_a_template_that_fails(plan, tmp_path):
    """One line says what, where and why it is over; a second one what to do. Nothing is written."""
    (tmp_path / "a.j2").write_text("a")
    (tmp_path / "b.j2").write_text("\n{{ env.DATABASE_HOTS }}")
    result = plan("render: [a.j2, b.j2]", DATABASE_HOST="value-marker")
    assert (result.returncode, result.stdout) == (125, b"")
    assert result.stderr.decode() == (
        'prehook: render: b.j2:2: environment variable "DATABASE_HOTS" is not set; '
        '"echo" is not started\n'
        'hint: did you mean "DATABASE_HOST"?\n'
    )
    assert not (tmp_path / "a").exists()


def test_secrets_without_their_step(plan, tmp_path):
    """Who asks for secrets that nothing has opened is told of the step that does."""
    (tmp_path / "a.j2").write_text("{{ secrets.db }}")
    result = plan("render: a.j2")
    assert result.returncode == 125
    assert b'"secrets" is not defined' in result.stderr
    assert b"hint: add a secrets step in front of this one\n" in result.stderr


def test_ended_while_it_renders(start, tmp_path):
    """A TERM in the middle ends the start with 128+15; nothing half-written stays."""
    (tmp_path / "a.j2").write_text("a")
    (tmp_path / "b.j2").write_text(
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
    )
    (tmp_path / "plan.yml").write_text("steps:\n  - run: echo begun\n  - render: [a.j2, b.j2]\n")
    before = sorted(path.name for path in tmp_path.iterdir())
    session = start("-f", "plan.yml", "--", "echo", "started", cwd=tmp_path)
    session.await_line("begun")
    eventually(lambda: rendering(session.pid), "a process that renders")
    session.signal(signal.SIGTERM)
    assert session.wait() == 128 + signal.SIGTERM
    assert session.lines == ["begun"]
    after = sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("session"))
    assert after == before


def rendering(pid):
    """Tell whether a child of a process has Jinja's sources open or has loaded it."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        children = file.read().split()
    for child in children:
        try:
            with open(f"/proc/{child}/stat", encoding="ascii") as file:
                ticks = int(file.read().rpartition(")")[2].split()[11])
        except OSError:
            continue
        if ticks > 50:  # half a second of its own: it has long been among the loops
            return True
    return False


def test_explained(tmp_path):
    """`explain` names templates as they are written, the mode, and a template that isn't there."""
    (tmp_path / "plan.yml").write_text(
        "steps:\n  - render: {templates: ['{{ env.X }}.j2:a', b.j2], mode: 0640}\n"
    )
    arguments = ["explain", "-f", "plan.yml", "--", "true"]
    environment = {"PATH": os.environ["PATH"], "X": "value-marker"}
    text = run(*arguments, cwd=tmp_path, env=environment).stdout.decode()
    assert "{{ env.X }}.j2:a" in text
    assert "0640" in text
    assert "b.j2: no such file" in text
    assert "value-marker" not in text


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_behind_a_secrets_step(plan, tmp_path, form):
    """What a secrets step has opened is seen by its name; the file is for its owner alone."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    (tmp_path / "secrets.yml").write_text("staging: {db: {password: 'hunter2 é 😀', port: 5432}}\n")
    for command in (["init"], ["encrypt", "secrets.yml"]):
        program = [Path(sys.executable).parent / "yamlvault", *command]
        subprocess.run(program, cwd=tmp_path, env=environment, check=True, capture_output=True)
    (tmp_path / "a.j2").write_text("{{ vault.db.password }}:{{ vault.db.port + 1 }}")
    step = f"secrets: {{file: secrets.yml, path: $.staging, as: vault, format: {form}}}"
    result = plan(f"{step}\n  - render: a.j2", HOME=str(tmp_path))
    assert (result.returncode, result.stdout) == (0, b"started\n"), result.stderr
    assert (tmp_path / "a").read_text() == "hunter2 é 😀:5433"
    assert mode(tmp_path / "a") == 0o600


# What is handed on, in a process of the test


@pytest.fixture
def work(tmp_path, monkeypatch):
    """Run the step's work with what secrets steps have opened."""
    monkeypatch.chdir(tmp_path)

    def run_it(template, mode=None, environment=(), **secrets):
        (tmp_path / "x.j2").write_text(template)
        handover = Handover(dict(environment))
        for name, data in secrets.items():
            handover.secrets[name] = os.memfd_create(name)
            os.write(handover.secrets[name], data.encode())  # and leave its position at the end
        try:
            step = RenderTask("plan.yml:2", [Text("x.j2", "plan.yml:2")], mode)
            step.work(Context(handover, Journal(), float("inf")))
        finally:
            for descriptor in handover.secrets.values():
                os.close(descriptor)
        return tmp_path / "x"

    return run_it


@pytest.mark.parametrize(
    "data",
    [
        "db: {password: hunter2, port: 5432}\n",
        json.dumps({"db": {"password": "hunter2", "port": 5432}}),
    ],
)
def test_secrets_that_were_opened(work, data):
    """They are seen by their names, YAML and JSON alike; the file is for its owner alone."""
    path = work("{{ vault.db.password }}:{{ vault.db.port + 1 }}", vault=data)
    assert path.read_text() == "hunter2:5433"
    assert mode(path) == 0o600


def test_a_mode_of_choice_with_secrets(work):
    """The plan's own mode goes before the one for secrets."""
    assert mode(work("{{ secrets.a }}", 0o640, secrets="a: 1")) == 0o640


def test_large_secrets(work):
    """What is opened can be of any length."""
    data = json.dumps({"a": "x" * 200_000})
    assert work("{{ secrets.a | length }}", secrets=data).read_text() == "200000"


def test_no_secret_hides_the_environment(work):
    """`env` is the environment, whatever was opened by that name."""
    assert work("{{ env.A }}", None, {b"A": b"1"}, env="A: 2").read_text() == "1"


def test_secrets_that_are_no_yaml(work):
    """What can't be read is named and not quoted."""
    with pytest.raises(PrehookError) as caught:
        work("x", vault="a: [hunter2")
    assert caught.value.message == 'what was opened as "vault" is no YAML that can be read'
    assert caught.value.__suppress_context__


def test_a_similar_name(work):
    """A name that is nearly one of those that were opened is suggested."""
    with pytest.raises(PrehookError, match='"vautl" is not defined') as caught:
        work("{{ vautl.a }}", vault="a: 1")
    assert caught.value.hint == 'did you mean "vault"?'


def test_no_value_in_an_error(work):
    """An expression that fails over a secret tells its place and no value."""
    with pytest.raises(PrehookError) as caught:
        work("{{ vault.a + 1 }}", vault="a: hunter2")
    assert caught.value.message == "x.j2:1: TypeError in an expression"
    assert "hunter2" not in f"{caught.value.hint}"


def test_colon_of_a_variable(plan, tmp_path):
    """A variable can't choose another target: a colon in it is refused, and not shown."""
    result = plan('render: "{{ env.NAME }}.j2:out"', NAME="a.j2:hunter2")
    assert result.returncode == 125
    assert b"a variable has a colon in it" in result.stderr
    assert b"hunter2" not in result.stderr


@pytest.mark.parametrize("template", ["{{ env[env.NAME] }}", "{% include env.NAME %}"])
def test_name_that_is_a_value(plan, tmp_path, template):
    """A name that comes out of a value is not in the message."""
    (tmp_path / "a.j2").write_text(template)
    result = plan("render: a.j2", NAME="hunter2")
    assert result.returncode == 125
    assert b"a.j2:1: " in result.stderr
    assert b"that an expression gives" in result.stderr
    assert b"hunter2" not in result.stderr
