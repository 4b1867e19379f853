import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
SECRETS = """\
production:
  db: {password: hunter2, port: 5432, note: ~}
staging:
  db: {password: other}
"""


def render(*arguments, cwd, **environment):
    return subprocess.run(
        [BIN / "prehook-render", *arguments],
        cwd=cwd,
        capture_output=True,
        check=False,
        timeout=60,
        env={"PATH": os.environ["PATH"], "HOME": str(cwd), **environment},
    )


@pytest.fixture
def write(tmp_path):
    def make(**files):
        for name, content in files.items():
            (tmp_path / f"{name}.j2").write_text(content)
        return tmp_path

    return make


@pytest.fixture
def vault(tmp_path):
    """A directory with an encrypted secrets.yml and the identity that opens it."""
    (tmp_path / "secrets.yml").write_text(SECRETS)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    for command in (["init"], ["encrypt", "secrets.yml"]):
        subprocess.run(
            [BIN / "yamlvault", *command],
            cwd=tmp_path,
            env=environment,
            check=True,
            capture_output=True,
        )
    assert "hunter2" not in (tmp_path / "secrets.yml").read_text()
    return tmp_path


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_renders_beside_the_template(write):
    """The target is SRC without .j2, its mode 0644, its last line break kept."""
    here = write(app="host={{ env.HOST }}\n\n", **{"b.conf": "x"})
    result = render("app.j2", "b.conf.j2", cwd=here, HOST="db")
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")
    assert (here / "app").read_bytes() == b"host=db\n\n"
    assert (here / "b.conf").read_bytes() == b"x"
    assert mode(here / "app") == 0o644


def test_other_target_and_stdout(write):
    """SRC:DST names another target, - is stdout; the environment's bytes come out as they are."""
    here = write(app="{{ env.X }}|")
    result = render("app.j2:-", "app.j2:out", cwd=here, X="\udcff\u00e9")
    assert result.stdout == b"\xff\xc3\xa9|"
    assert (here / "out").read_bytes() == b"\xff\xc3\xa9|"


def test_secrets_of_a_section(vault):
    """`secrets` is the part of the file at KEYPATH, and the file is private."""
    (vault / "db.conf.j2").write_text("pw={{ secrets.db.password }} {{ secrets.db.port + 1 }}\n")
    result = render("--secrets", "secrets.yml:$.production", "db.conf.j2", cwd=vault)
    assert (result.returncode, result.stderr) == (0, b"")
    assert (vault / "db.conf").read_text() == "pw=hunter2 5433\n"
    assert mode(vault / "db.conf") == 0o600


def test_secrets_as_a_whole(vault):
    """Without KEYPATH it is the whole file."""
    (vault / "x.j2").write_text("{{ secrets.staging.db.password }}")
    assert render("--secrets", "secrets.yml", "x.j2:-", cwd=vault).stdout == b"other"


@pytest.mark.parametrize(
    ("template", "message", "hint"),
    [
        ("\n{{ secrets.db.pasword }}", 'x.j2:2: there is no "pasword"', 'mean "password"?'),
        ("\n{{ secrets.db.note }}", "x.j2:2: secrets.db.note is null", "default"),
        ("{{ secrets.db.password.x }}", 'x.j2:1: there is no "x": it is asked of a str', None),
        ("{{ secrets.db.note.x }}", 'x.j2:1: "x" is asked of a null', None),
        ("{{ secrets.db.password + 1 }}", "x.j2:1: TypeError in an expression", "type"),
        ("{{ '%d' % secrets.db.password }}", "x.j2:1: TypeError in an expression", "type"),
        ("\n{% if secrets.db.nosuch %}{% endif %}", 'x.j2:2: there is no "nosuch"', None),
        ("{{ secrets.update({}) }}", "x.j2:1: not allowed in a template", None),
        ("{{ secrets.__class__ }}", "x.j2:1: not allowed in a template", None),
    ],
)
def test_error_says_where_and_what_and_no_value(vault, template, message, hint):
    """Template, line, name and a similar one; never a value, a traceback or a file."""
    (vault / "x.j2").write_text(template)
    result = render("--secrets", "secrets.yml:$.production", "x.j2", cwd=vault)
    errors = result.stderr.decode()
    assert result.returncode == 1
    assert errors.startswith(f"prehook-render: {message}")
    assert hint is None or hint in errors.partition("\nhint: ")[2]
    assert "hunter2" not in errors
    assert "Traceback" not in errors
    assert not (vault / "x").exists()


@pytest.mark.parametrize(
    ("template", "message", "hint"),
    [
        ("{{ env.HOMEE }}", 'x.j2:1: environment variable "HOMEE" is not set', 'mean "HOME"?'),
        ("{{ env['ZZZ'] }}", 'x.j2:1: environment variable "ZZZ" is not set', None),
        ("{{ emv.HOME }}", 'x.j2:1: "emv" is not defined', 'mean "env"?'),
        ("{{ secrets.a }}", 'x.j2:1: "secrets" is not defined', "--secrets"),
        ("a\nb\n{% if %}", "x.j2:3: not a Jinja template", None),
        ("\n{% include 'nosuch' %}", 'x.j2:2: there is no template "nosuch"', "beside"),
        ("\n{{ none }}", "x.j2:2: an expression is null", "default"),
        ("{{ 1 // 0 }}", "x.j2:1: ZeroDivisionError in an expression", None),
    ],
)
def test_error_without_secrets(write, template, message, hint):
    """The same for what has nothing to do with secrets."""
    here = write(x=template)
    result = render("x.j2", cwd=here)
    errors = result.stderr.decode()
    assert result.returncode == 1
    assert errors.startswith(f"prehook-render: {message}")
    assert hint is None or hint in errors.partition("\nhint: ")[2]
    assert not (here / "x").exists()


def test_default_stands_for_missing_and_for_null(vault):
    """With a default neither a missing name nor a null is an error."""
    (vault / "x.j2").write_text("{{ env.NO | default('a') }}{{ secrets.db.note | d('b') }}|")
    result = render("--secrets", "secrets.yml:$.production", "x.j2:-", cwd=vault)
    assert result.stdout == b"ab|"


def test_error_in_an_included_template_names_it(write):
    """The line is that of the template that it stands in."""
    here = write(x="{% include 'part.j2' %}", part="\n\n{{ env.NO }}")
    assert b"part.j2:3: environment variable" in render("x.j2", cwd=here).stderr


def test_nothing_is_written_if_one_template_fails(write):
    """All or none: also what stands in front of the one that fails."""
    here = write(a="new", b="{{ nosuch }}")
    (here / "a").write_text("old")
    assert render("a.j2", "b.j2", cwd=here).returncode == 1
    assert (here / "a").read_text() == "old"
    assert render("a.j2", "a.j2:nosuch/a", cwd=here).returncode == 1
    assert (here / "a").read_text() == "old"
    assert not list(here.glob(".*tmp"))


@pytest.mark.parametrize(
    "arguments",
    [[], ["--nosuch", "a.j2"], ["--mode", "9", "a.j2"], ["a"], ["a.j2:b", "a.j2:./b"], [".j2"]],
)
def test_wrong_usage_is_2(write, arguments):
    """Wrong usage is told from a failure, in the same form."""
    result = render(*arguments, cwd=write(a="x"))
    assert result.returncode == 2
    assert result.stderr.startswith(b"prehook-render: ")
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize("argument", ["nosuch.yml", "secrets.yml:$.prodction", "secrets.yml:["])
def test_errors_of_yamlvault_have_the_same_form(vault, argument):
    """What yamlvault refuses is shown with file and hint."""
    (vault / "x.j2").write_text("x")
    result = render("--secrets", argument, "x.j2", cwd=vault)
    assert result.returncode == 1
    assert b"Traceback" not in result.stderr
    assert result.stderr.startswith(b"prehook-render: ")
    assert not (vault / "x").exists()


def test_not_utf8(write):
    """A template in another encoding is refused."""
    here = write()
    (here / "x.j2").write_bytes(b"\xff")
    result = render("x.j2", cwd=here)
    assert (result.returncode, result.stdout) == (1, b"")
    assert b"not UTF-8" in result.stderr


def test_full_stdout(write):
    """A full stdout is an error, not silence."""
    here = write(x="x")
    with Path("/dev/full").open("wb") as full:
        result = subprocess.run(
            [BIN / "prehook-render", "x.j2:-"], cwd=here, stdout=full, stderr=-1, check=False
        )
    assert result.returncode == 1
    assert result.stderr.startswith(b"prehook-render: stdout: can't write")


def test_term_leaves_nothing_half_written(write):
    """TERM during the run: 143, and either the old file or the new one, and no temporary one."""
    here = write(x="{% for i in range(90000) %}{{ i }}{% endfor %}" * 4)
    (here / "x").write_text("old")
    for step in range(12):
        process = subprocess.Popen(
            [BIN / "prehook-render", "x.j2"], cwd=here, stderr=subprocess.DEVNULL
        )
        time.sleep(0.05 + step * 0.03)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in (0, 143, -signal.SIGTERM)
        assert len((here / "x").read_text()) in (3, 4 * sum(len(str(i)) for i in range(90000)))
        assert not list(here.glob(".x*"))


def test_version(tmp_path):
    """The version is that of the distribution."""
    result = render("--version", cwd=tmp_path)
    expected = subprocess.run([BIN / "prehook", "--version"], check=True, capture_output=True)
    assert result.stdout == expected.stdout.replace(b"prehook", b"prehook-render")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["app.j2:"], b"no target behind the colon"),
        (["--secrets", "secrets.yml:", "app.j2"], b"no key path behind the colon"),
        (["--secrets", "secrets.yml", "--secrets", "x.yml", "app.j2"], b"given twice"),
    ],
)
def test_empty_parts_are_refused(vault, arguments, says):
    """What a variable of a shell left empty is not taken for the default: all secrets, say."""
    (vault / "app.j2").write_text("x")
    result = render(*arguments, cwd=vault)
    assert result.returncode == 2
    assert says in result.stderr
    assert not (vault / "app").exists()


def test_missing_template_says_where_it_was_looked_for(tmp_path):
    """A relative name is one of the working directory, which in an image is easily another."""
    result = render("config/app.j2", cwd=tmp_path)
    assert result.stderr.endswith(f"hint: it is looked for in {tmp_path}\n".encode())
