"""Wrong plans, through the installed prehook: refused with their place before anything runs."""

import os
import resource
import subprocess

import jsonschema
import pytest
from plan_schema import VALIDATOR, loaded
from sessions import DEADLINE, PREHOOK

# message, hint, text with `^` in front of the place; where no `^` stands the whole file is meant.
# All of them have a step in front that leaves a trace.
TRACE = "steps:\n- run: touch trace\n"
WRONG = [
    ("unknown key 'tiemout'", "`timeout`", "- run: a\n  ^tiemout: 5s"),
    ("unknown key 'rum'", "`run`", "- ^rum: a"),
    ("unknown key 'nmae'", "`name`", "- {run: a, ^nmae: b}"),
    ("unknown key 'shel'", "`shell`", "- run: {command: a, ^shel: true}"),
    ("unknown key 'args'", "known are command", "- run: {command: a, ^args: true}"),
    ("unknown key ''", "put quotes around", "- {run: a, ^[b]: c}"),
    ("unknown key 'step'", "`steps`", "^step: []"),
    ("merge keys", "alias", "- {^<<: {run: a}}"),
    ("a step is one of run, wait, secrets, render, assets", None, "- ^name: a"),
    ("`run` and `wait` in one step", "two steps", "- {run: a, wait: ^b}"),
    ("a step is a mapping", "- run:", "- ^run"),
    ("a step is a mapping", "- run:", "- ^[run, b]"),
    ("duplicate key", "once", "- run: a\n  ^run: b"),
    ("duplicate key", "once", "- run: a\n^steps: []"),
    ("a name is one line", "PREHOOK_SKIP", "- {run: a, name: ^'a,b'}"),
    ("a name is one line", "PREHOOK_SKIP", "- {run: a, name: ^' '}"),
    ("a name is one line", "PREHOOK_SKIP", '- {run: a, name: ^"a\\nb"}'),
    ("a text is expected", None, "- {run: a, name: ^''}"),
    ("a text is expected, not a number", "quotes", "- {run: a, name: ^12}"),
    ("a text is expected, not null", "quotes", "- {run: a, name: ^~}"),
    ("a text is expected", None, "- {run: a, name: ^[a]}"),
    ("prehook.yml:3 is called 'a' already", "another", "- {run: a, name: a}\n- {run: a, name: ^a}"),
    ('`timeout` "soon" is not a time', "2m", "- {run: a, timeout: ^soon}"),
    ('`timeout` "0" is not a time', "2m", "- {run: a, timeout: ^0}"),
    ('`timeout` "-1" is not a time', "2m", "- {run: a, timeout: ^-1}"),
    ('`timeout` "1d" is not a time', "2m", "- {run: a, timeout: ^1d}"),
    ('`timeout` "true" is not a time', "2m", "- {run: a, timeout: ^true}"),
    ('`grace` "inf" is not a time', "2m", "- {run: a, grace: ^inf}"),
    ('`backoff` "x" is not a time', "2m", "- {run: a, backoff: ^x}"),
    ("a text is expected, not null", None, "- {run: a, timeout: ^null}"),
    ("a text is expected", None, "- {run: a, timeout: ^[1]}"),
    ("`retries` is a number", None, "- {run: a, retries: ^-1}"),
    ("`retries` is a number", None, "- {run: a, retries: ^1.5}"),
    ("`retries` is a number", None, "- {run: a, retries: ^10000}"),
    ("`retries` is a number", None, "- {run: a, retries: ^many}"),
    ("true or false is expected", None, "- {run: a, optional: ^yes}"),
    ("true or false is expected", None, "- {run: a, optional: ^1}"),
    ("true or false is expected", None, "- {run: a, optional: ^'true'}"),
    ('`deadline` "x" is not a time', "2m", "- run: a\ndeadline: ^x"),
    ("`when` is a mapping", "when: {MIGRATE: true}", "- {run: a, when: ^A}"),
    ("`when` is a mapping", "when: {MIGRATE: true}", "- {run: a, when: ^[A]}"),
    ("unknown key 'cwd'", "run: {command: …, cwd: …}", "- {run: a, ^cwd: /}"),
    ("a mapping of texts", None, "- {run: a, unless: ^{}}"),
    ("has no =", None, "- {run: a, when: {^A=b: x}}"),
    ("a text is expected", None, "- {run: a, when: {^'': x}}"),
    ("a mapping is no condition", "a list of texts", "- {run: a, when: {A: ^{b: c}}}"),
    ("a list is expected that is not empty", None, "- {run: a, when: {A: ^[]}}"),
    ("not null", None, "- {run: a, when: {A: ^null}}"),
    ("a text is expected", None, "- {run: a, when: {A: ^}}"),
    ("a text is expected", "a list of texts", "- {run: a, when: {A: [^[b]]}}"),
    ("small letters and stand alone", "quotes", "- {run: a, when: {A: [b, ^true]}}"),
    ("small letters and stand alone", "quotes", "- {run: a, when: {A: ^True}}"),
    ("a text is expected", None, "- run:^"),
    ("a text is expected", None, "- run: ^''"),
    ("`run` is empty", "CMD", "- run: ^' '"),
    ("not a number", "quotes", "- run: ^12"),
    ('`run` has an unquoted "&&" at character 3', "shell: true", "- run: ^a && b"),
    ('`run` has an unquoted "$" at character 6', "shell: true", "- run: ^echo $A"),
    ("a quote without its end", "sh", "- run: ^a 'b"),
    ("begins with an assignment to A", "env A=", "- run: ^A=b c"),
    ("not empty", None, "- run: ^[]"),
    ("the first word", None, "- run: ^['']"),
    ("a text is expected", None, "- run: [a, ^[b]]"),
    ("not null", None, "- run: [a, ^~]"),
    ("a null byte", None, '- run: [a, ^"b\\0"]'),
    ("a null byte", None, '- run: ^"a\\0"'),
    ("without a tag", None, "- run: [a, ^!x b]"),
    ("the key `command` is missing", None, "- run: ^{shell: true}"),
    ("a text for sh", None, "- run: {shell: true, command: ^[a]}"),
    ("a text for sh", None, '- run: {shell: true, command: ^" "}'),
    ("true or false is expected", None, "- run: {command: a, shell: ^on}"),
    ("true or false is expected", None, "- run: {command: a, secrets: ^[a]}"),
    ("not a number", "quotes", "- run: {command: a, cwd: ^12}"),
    ("a mapping of texts", None, "- run: {command: a, env: ^[A]}"),
    ("has no =", None, "- run: {command: a, env: {^A=b: c}}"),
    ("a text is expected", None, "- run: {command: a, env: {A: ^[b]}}"),
    ("not a Jinja template: unexpected end", None, "- run: {command: a, env: {A: ^'{{ env.A'}}"),
    ("not a Jinja template: No filter", None, "- run: {command: a, env: {A: ^'{{ env.A | no }}'}}"),
    ('"secrets" is not defined', "env", "- run: {command: a, env: {A: ^'{{ secrets.a }}'}}"),
    ("can't include others", None, """- run: {command: a, env: {A: ^'{% include "b" %}'}}"""),
    ("can't include others", None, "- run: {command: a, env: {A: ^'{% include env.A %}'}}"),
    ("unknown key 'statsu'", "`status`", "- wait: {url: 'http://a', ^statsu: 200}"),
    ("the key `url` is missing", None, "- wait: ^{status: 200}"),
    ("a mapping with url", None, "- wait: ['tcp://a:1', ^[b]]"),
    ("a list is expected that is not empty", None, "- wait: ^[]"),
    ("more than 64", None, "- wait: [" + "'tcp://a:1', " * 64 + "^'tcp://a:1']"),
    ("", None, "- wait: {url: 'http://a', status: ^often}"),
    ("", None, "- wait: {url: 'http://a', status: ^42}"),
    ("", None, "- wait: {url: 'http://a', status: [200, ^200-]}"),
    ("a mapping of texts", None, "- wait: {url: 'http://a', headers: ^A}"),
    ("not a Jinja template", None, "- wait: ^'tcp://{{ env.A'"),
    ("unknown key 'flie'", "`file`", "- secrets: {^flie: a}"),
    ("the key `file` is missing", None, "- secrets: ^{path: $.a}"),
    ("", "yaml", "- secrets: {file: a, format: ^toml}"),
    ("", None, "- secrets: {file: a, fd: ^true}"),
    ("", None, "- secrets: {file: a, as: ^env}"),
    ("", None, "- secrets: {file: a, as: ^a b}"),
    ("", None, "- secrets: {file: a, env: ^[A]}"),
    ("", None, "- secrets: {file: a, env: {^A-B: $.a}}"),
    ("", None, "- secrets: {file: a, write: {path: /a, mode: ^0644}}"),
    ("the key `path` is missing", None, "- secrets: {file: a, write: ^{mode: 0400}}"),
    ("key path", None, "- secrets: {file: a, path: ^a}"),
    ("unknown key 'moed'", "`mode`", "- render: {templates: a.j2, ^moed: 0640}"),
    ("the key `templates` is missing", None, "- render: ^{mode: 0640}"),
    ("an octal mode", None, "- render: {templates: a.j2, mode: ^0888}"),
    ("an octal mode", None, "- render: {templates: a.j2, mode: ^rw}"),
    ("an octal mode", None, "- render: {templates: a.j2, mode: ^-1}"),
    ("an octal mode", None, "- render: {templates: a.j2, mode: ^01777}"),
    ("no target", None, "- render: ^a.ini"),
    ("a list is expected that is not empty", None, "- render: ^[]"),
    ("unknown key 'buckte'", "`bucket`", "- assets: {^buckte: a}"),
    ("the key `to` is missing", None, "- assets: ^{bucket: shop-assets, key: a}"),
    ("a mapping with", None, "- assets: ^a"),
    ("a list is expected that is not empty", None, "steps: ^[]"),
    ("a list is expected", None, "steps: ^{run: a}"),
    ("a list is expected", None, "steps: ^run"),
    ("the key `steps` is missing", None, "^deadline: 1m"),
    ("a mapping with deadline, steps is expected", None, "^- run: a"),
    ("a mapping with deadline, steps is expected", None, "^run"),
    ("not valid YAML", None, "steps: [\n^"),
    ("an alias has no anchor", "quoted", "- run: ^*s3cret"),
    ("the plan is empty", "steps", ""),
    ("the plan is empty", "steps", "# nothing\n"),
    ("one document is expected, not 2", None, "steps: [{run: a}]\n---\nsteps: [{run: a}]\n"),
    ("nested more than 200", None, "steps: " + "[" * 199 + "^" + "[" * 300),
    ("character U+0007 is not allowed", "escape", "steps: ^\a"),
    ("unknown key ''", "put quotes around", "- wait: {^{ env.A }}"),
    ("no variables are put in here", "shell: true", "- run: ^'echo {{ env.A }}'"),
    ("no variables are put in here", None, "- {run: a, when: {A: ^'{{ env.A }}'}}"),
    ("no variables are put in here", None, "- {run: a, name: ^'{{ env.A }}'}"),
    ("no variables are put in here", None, "- run: {command: a, cwd: ^'{{ env.A }}'}"),
]  # fmt: skip
# What a schema can't say: names that stand twice, YAML itself, what words and templates are, and
# what YAML 1.2 takes for a text or true
BEYOND_A_SCHEMA = (
    "merge", "duplicate key", "already", "a null byte", "tag", "unquoted", "quote without",
    "assignment", "Jinja", "not defined", "include", "YAML", "an alias",
    "no variables are put in", "one document", "nested", "U+0007", "small letters", "key path",
    "no target",
)  # fmt: skip


def whole(text):
    """Put the text behind a step that leaves a trace, if it is one of steps."""
    return TRACE + text if text.startswith("- ") else text


def place(text):
    """Return the place of `^`, and the text without it."""
    index = text.index("^")
    before = text[:index]
    line = before.count("\n") + 1
    return f":{line}:{index - before.rfind(chr(10))}", before + text[index + 1 :]


@pytest.mark.parametrize(("message", "hint", "text"), WRONG)
def test_what_is_wrong(plan, tmp_path, message, hint, text):
    """A wrong plan is refused with 125, the place, what is wrong and a hint; nothing runs."""
    text = whole(text)
    where = ""
    if "^" in text:
        where, text = place(text)
    result = plan(text)("touch", "trace")
    lines = result.stderr.decode().splitlines()
    if message != "not valid YAML":  # libyaml has words of its own
        assert message in lines[0]
    assert lines[0].startswith(f"prehook: prehook.yml{where}: ")
    if hint:
        assert lines[1].startswith("hint: ")
        assert hint in lines[1]
    assert result.returncode == 125
    assert result.stdout == b""
    assert not (tmp_path / "trace").exists()
    assert b"s3cret" not in result.stderr


@pytest.mark.parametrize(
    "text",
    [
        text
        for message, _, text in WRONG
        if not any(part in message for part in BEYOND_A_SCHEMA) and "{^{" not in text
    ],
)
def test_what_the_schema_refuses(text):
    """A wrong plan is refused by the schema, where one can say so."""
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(loaded(whole(text).replace("^", "", 1)))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.yml", "missing.yml: can't be read: No such file or directory"),
        (".", ".: is a directory"),
        ("/dev/null", "/dev/null: is not a regular file"),
        ("fifo", "fifo: is not a regular file"),
        ("file/below", "file/below: can't be read: Not a directory"),
        ("", ": can't be read: No such file or directory"),
    ],
)
def test_no_file(tmp_path, name, message):
    """What is no file that can be read is refused, without waiting for a writer."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "file").touch()
    result = subprocess.run(
        [PREHOOK, "-f", name, "--", "true"],
        cwd=tmp_path, capture_output=True, check=False, timeout=DEADLINE,
    )  # fmt: skip
    assert result.returncode == 125
    assert result.stderr.decode().splitlines()[0] == f"prehook: {message}"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"steps:\n- run: \xff\n", ":2:8: not UTF-8"),
        ("steps: []".encode("utf-16"), ":1:1: not UTF-8"),
        (b"#" * (1 << 20) + b"\n", ": larger than 1 MiB"),
    ],
)
def test_no_text(plan, data, message):
    """What is no text of a reasonable size is refused."""
    result = plan(data)()
    assert result.returncode == 125
    assert result.stderr.decode().splitlines()[0] == f"prehook: prehook.yml{message}"


def bomb():
    """Aliases of lists of aliases: 10 to the power of 9 if somebody follows them all."""
    lists = [f"&l{level} [{', '.join([f'*l{level - 1}'] * 10)}]" for level in range(1, 10)]
    return "steps:\n- run: " + "\n- run: ".join(["&l0 [a]", *lists]) + "\n"


@pytest.mark.parametrize(
    "text",
    [
        bomb(),
        "steps: &s [*s]\n",
        "steps:\n- &s {run: *s}\n",
        "steps:\n- run: {command: a, env: &e {A: *e}}\n",
        "steps:\n" + "- {run: a, name: b" * 50_000,
        "steps:\n" + "- {run: a, tiemout: 5}\n" * 40_000,
    ],
    ids=["bomb", "list in itself", "step in itself", "mapping in itself", "open", "many"],
)
def test_hostile(plan, text):
    """A plan that stands for more than it is, or for itself, is refused in bounded memory."""
    result = plan(text)(
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    )
    assert result.returncode == 125
    assert result.stderr.startswith(b"prehook: prehook.yml:")
    assert b"internal error" not in result.stderr


def test_many_steps(plan):
    """A plan of thousands of steps is read in a time that grows with their number."""
    text = "steps:\n" + "- {run: 'true', unless: {HOME: true}}\n" * 10_000
    result = plan(text)("echo", "CMD", env={**os.environ, "HOME": "/", "PREHOOK_QUIET": "1"})
    assert (result.returncode, result.stdout) == (0, b"CMD\n")
