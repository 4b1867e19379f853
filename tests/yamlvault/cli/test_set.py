"""`yamlvault set`: one value, from where nobody sees it."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest
from terminal import Terminal

PATH = "$.production.password"


def lines_that_differ(before: str, after: str) -> list[str]:
    """Return the lines of the second text that the first does not have, but for MACs."""
    old = before.splitlines()
    changed = [line for line in after.splitlines() if line not in old]
    return [line for line in changed if not line.strip().startswith(("mac:", "root:", "rules:"))]


def test_a_value_from_standard_input(encrypted):
    """The value is read back, its line alone is changed, and the summary does not show it."""
    before = encrypted.file.read_text()
    done = encrypted.run("set", "secrets.yml", PATH, input="fresh-marker\n")
    assert done.returncode == 0
    assert done.stdout == ""
    assert "1 scalar sealed, 3 kept as they were" in done.stderr
    assert "marker" not in done.stderr
    (line,) = lines_that_differ(before, encrypted.file.read_text())
    assert line.startswith("  password: yv1.")
    assert line.endswith("   # rotate me")
    assert encrypted.ok("get", "secrets.yml", PATH) == "fresh-marker\n"


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("v", "v"),
        ("v\n", "v"),
        ("v\n\n", "v\n"),
        ("v\r\n", "v"),
        ("v\r", "v\r"),
        (" v ", " v "),
        ("l1\nl2\n", "l1\nl2"),
        ("\n\n", "\n"),
        ("yes", "yes"),
        ("42", "42"),
        ("é🔑\t\\", "é🔑\t\\"),
        ("a: b # c", "a: b # c"),
        ("\0", "\0"),
    ],
)
def test_what_is_the_value(encrypted, given, value):
    """One line break at the end is no part of the value, and all else is, as text."""
    encrypted.ok("set", "secrets.yml", PATH, input=given)
    assert encrypted.ok("get", "secrets.yml", PATH, "--json").strip() == _json(value)


def _json(value: str) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)


def test_a_value_from_a_file(encrypted):
    """What --file names is the value, byte for byte; an empty one is meant so."""
    (encrypted.folder / "value").write_text("l1\nl2\n\n")
    encrypted.ok("set", "secrets.yml", PATH, "--file", "value")
    assert encrypted.ok("get", "secrets.yml", "-n", PATH) == "l1\nl2\n\n"
    encrypted.ok("set", "secrets.yml", PATH, "--file", "/dev/null")
    assert encrypted.ok("get", "secrets.yml", PATH) == "\n"
    assert 'password: ""' not in encrypted.file.read_text()


def test_a_file_without_its_last_line_break(encrypted):
    """With -n the last line break of the file is no part of the value, and others are."""
    for content, value in (("v\n", "v"), ("v\r\n", "v"), ("v\n\n", "v\n"), ("v", "v")):
        (encrypted.folder / "value").write_bytes(content.encode())
        encrypted.ok("set", "secrets.yml", PATH, "--file", "value", "-n")
        assert encrypted.ok("get", "secrets.yml", "-n", PATH) == value
    assert "--no-newline is for --file" in encrypted.refused(
        "set", "secrets.yml", PATH, "-n", input="v-marker", status=2
    )


def test_a_value_that_is_no_secret(encrypted):
    """`--value` takes the value from the command line, an empty one too; its help warns."""
    encrypted.ok("set", "secrets.yml", PATH, "--value", " v\n")
    assert encrypted.ok("get", "secrets.yml", "-n", PATH) == " v\n"
    encrypted.ok("set", "secrets.yml", PATH, "--value", "")
    assert encrypted.ok("get", "secrets.yml", "-n", PATH) == ""
    encrypted.refused("set", "secrets.yml", PATH, "--value", "v", "--file", "v", status=2)
    assert "every process of the machine can see" in " ".join(encrypted.ok("set", "--help").split())


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("5432", 5432),
        ("1.10\n", 1.1),
        ("true", True),
        ("null", None),
        ('"text"', "text"),
        ('{"a": [1, {"b": "x"}], "c": {}}', {"a": [1, {"b": "x"}], "c": {}}),
        ("[]", []),
        ("{}", {}),
    ],
)
def test_a_json_value(encrypted, given, printed):
    """With --json a value has the type that JSON gives it, and every scalar is sealed."""
    import json

    encrypted.ok("set", "--json", "secrets.yml", "$.production.new", input=given)
    text = encrypted.ok("get", "--json", "secrets.yml", "$.production.new")
    assert json.loads(text) == printed
    assert type(json.loads(text)) is type(printed)
    lines = encrypted.file.read_text().partition("production:")[2].partition("yamlvault:")[0]
    plain = ("a:", "- b:", "c: {}", "new:", "- yv1.", "b:", "-----", "<<:", "# rotate me")
    assert all("yv1." in one or one.strip().startswith(plain) for one in lines.split("\n") if one)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("marker", "standard input:1:1: not JSON: a value is expected"),
        ('{"a": "marker",\n "a": 1}', "standard input:2:2: not JSON: an object has this key"),
        ("NaN", "not JSON"),
        ('{"x": "yv1.AAAAAAAA.AAAA"}', "the form of a sealed scalar"),
    ],
)
def test_json_that_is_refused(encrypted, given, says):
    """What is not JSON is refused with its place, and is not shown."""
    before = encrypted.files()
    words = ["set", "--json", "secrets.yml", "$.production.new"]
    assert says in encrypted.refused(*words, input=given)
    assert encrypted.files() == before


def test_binary(encrypted):
    """With --binary any bytes are the value, the last line break too, and `get` prints them."""
    raw = bytes(range(256)) + b"\n"
    (encrypted.folder / "value").write_bytes(raw)
    for path, stdin in ((["--file", "value"], None), ([], raw)):
        subprocess.run(
            [encrypted.program, "set", "--binary", "secrets.yml", "$.production.key", *path],
            cwd=encrypted.folder,
            env=encrypted.environment,
            input=stdin,
            check=True,
        )
        printed = subprocess.run(
            [encrypted.program, "get", "-n", "secrets.yml", "$.production.key"],
            cwd=encrypted.folder,
            env=encrypted.environment,
            capture_output=True,
            check=True,
        )
        assert printed.stdout == raw


def test_the_same_value_again(encrypted):
    """A value that is there already is not sealed anew: the file is not touched."""
    encrypted.ok("set", "secrets.yml", PATH, input="v")
    before, inode = encrypted.files(), encrypted.file.stat().st_ino
    done = encrypted.run("set", "secrets.yml", PATH, input="v\n")
    assert done.returncode == 0
    assert done.stderr == f"secrets.yml: {PATH} has this value already; nothing was written\n"
    assert encrypted.files() == before
    assert encrypted.file.stat().st_ino == inode
    encrypted.ok("set", "secrets.yml", PATH, input="w")
    assert encrypted.files() != before


def test_the_next_item_of_a_list(encrypted):
    """One more than the last number of a list adds an item, and begins a new list."""
    for number in range(3):
        path = f"$.production.hosts[{number}]"
        encrypted.ok("set", "secrets.yml", path, input=f"h{number}")
    text = encrypted.ok("decrypt", "secrets.yml")
    assert text.endswith("  hosts:\n    - h0\n    - h1\n    - h2\n")
    error = encrypted.refused("set", "secrets.yml", "$.production.hosts[4]", input="marker")
    assert "the next item of that list is [3]" in error


def test_the_scope_that_was_set(team):
    """Of several scopes the one that was set is named, with who opens it and nobody else."""
    team.encrypted()
    done = team.run("ann", "set", "secrets.yml", "$.ann.password", input="v")
    (line,) = [one for one in done.stderr.splitlines() if "sealed" in one]
    assert line.startswith("secrets.yml: scope $.ann: 1 scalar sealed, for ")
    assert team.kek("ann") in line
    assert team.kek("ben") not in line
    team.file.write_text(team.plain)
    done = team.run(None, "encrypt", "secrets.yml")
    lines = [one.partition(", for")[0] for one in done.stderr.splitlines() if "sealed" in one]
    assert lines == [
        f"secrets.yml: scope $.{name}: 1 scalar sealed" for name in ("ann", "ben", "both")
    ]


def test_new_mappings_on_the_way(encrypted):
    """Mappings that are missing are added, and everything else decrypts as before."""
    before = encrypted.ok("decrypt", "secrets.yml")
    encrypted.ok("set", "secrets.yml", "$.staging.db.password", input="v")
    after = encrypted.ok("decrypt", "secrets.yml")
    assert after == before + "staging:\n  db:\n    password: v\n"


@pytest.mark.parametrize(
    ("words", "given", "status", "says"),
    [
        (["secrets.yml", PATH], "", 2, "the value is empty"),
        (
            ["secrets.yml", PATH, "--json", "--value", "marker"],
            "",
            1,
            "hint: in JSON a text stands",
        ),
        (["secrets.yml", PATH], "\n", 2, "the value is empty"),
        (["-", PATH], "v-marker", 2, "standard input has no place"),
        (["secrets.yml"], "v-marker", 2, "PATH"),
        (["secrets.yml", "production"], "v-marker", 1, "key path"),
        (["secrets.yml", "$.production"], "v-marker", 1, "names a mapping"),
        (["secrets.yml", "$.*"], "v-marker", 1, "does not name one place"),
        (["secrets.yml", "$.production.password.x"], "v-marker", 1, "no mapping"),
        (["secrets.yml", "$.production.password[0]"], "v-marker", 1, "is no list"),
        (["secrets.yml", "$.yamlvault"], "v-marker", 1, "reserved for the metadata"),
        (["secrets.yml", "$.yamlvault.format"], "2", 1, "reserved for the metadata"),
        (["secrets.yml", PATH], "yv1.AAAAAAAA.AAAA", 1, "the form of a sealed scalar"),
        (
            ["secrets.yml", PATH, "--file", "missing"],
            "v-marker",
            1,
            "missing: there is no such file",
        ),
        (["missing.yml", PATH], "v-marker", 1, "missing.yml: there is no such file"),
        ([".yamlvault.yml", "$.rules"], "v-marker", 1, "not encrypted"),
    ],
)
def test_refusals(encrypted, words, given, status, says):
    """What can't be set leaves the file alone, with the reason; the value is not shown."""
    before = encrypted.files()
    assert says in encrypted.refused("set", *words, input=given, status=status)
    assert encrypted.files() == before


def test_a_file_called_standard_input(encrypted):
    """`--file -` is standard input, byte for byte, as wherever a file is named."""
    encrypted.ok("set", "secrets.yml", PATH, "--file", "-", input="v-marker\n")
    assert encrypted.ok("get", "--json", "secrets.yml", PATH) == '"v-marker\\n"\n'


def test_a_value_that_is_no_text(encrypted):
    """Bytes that are not UTF-8 are refused, and not shown."""
    (encrypted.folder / "value").write_bytes(b"marker\xff")
    before = encrypted.files()
    error = encrypted.refused("set", "secrets.yml", PATH, "--file", "value")
    assert "value: the value is not UTF-8" in error
    assert encrypted.files() == before


def test_no_value_on_the_command_line(encrypted):
    """A value is no argument: it would be seen by every process."""
    for words in (["v-marker"], ["v-marker", "w-marker"], ["--vlaue=v-marker"]):
        error = encrypted.refused("set", "secrets.yml", PATH, *words, status=2)
        hint = "is --value meant?" if words[0].startswith("-") else "comes from standard input"
        assert hint in error
    error = encrypted.refused("set", "secrets.yml", PATH, "--vlaue", "v-marker", status=2)
    assert "is --value meant?" in error


def test_what_is_not_sealed_is_not_set(ready):
    """A path that nothing seals is refused: the value would be plaintext in the file."""
    ready.ok("encrypt", "-k", "$.*.password, $.*.pem", "secrets.yml")
    for path in ("$.default.new", "$.new"):
        error = ready.refused("set", "secrets.yml", path, input="v-marker")
        assert "none of what is sealed in this file" in error
        assert "hint: to add plaintext: yamlvault edit FILE; to add a secret, let `seal`" in error
    error = ready.refused("set", "secrets.yml", "$.production.pasword", input="v-marker")
    assert "hint: is $.production.password meant? " in error
    error = ready.refused("set", "--json", "secrets.yml", "$.default.host", input='{"a": "marker"}')
    assert "none of what is sealed in this file" in error
    ready.ok("set", "secrets.yml", "$.default.password", input="v-marker")
    assert "marker" not in ready.file.read_text()


def test_plaintext_in_place_of_plaintext(ready):
    """What is plaintext in a partly sealed file is replaced, stays plaintext, and is signed."""
    kek = ready.ok("keys").strip()
    (ready.folder / ".yamlvault.yml").write_text(
        f"rules: [{{files: ['*secrets*'], keks: ['{kek}'], seal: [$.*.password]}}]"
    )
    ready.ok("encrypt", "secrets.yml")
    done = ready.run("set", "secrets.yml", "$.default.host", input="db2.internal")
    assert done.returncode == 0, done.stderr
    assert done.stderr == (
        "secrets.yml: plaintext, since `seal` does not name it: $.default.host\n"
    )
    assert "  host: db2.internal\n" in ready.file.read_text()
    plain = ready.plain.replace("db.internal", "db2.internal")
    assert ready.ok("decrypt", "secrets.yml") == plain
    ready.file.write_text(ready.file.read_text().replace("db2.internal", "db3.internal"))
    assert "is not what was encrypted" in ready.refused("decrypt", "secrets.yml")


def test_plaintext_that_the_rule_seals(ready):
    """What the rule seals, and the file does not yet, is not set to another plaintext."""
    ready.ok("encrypt", "-k", "$.production.password", "secrets.yml")
    before = ready.files()
    error = ready.refused("set", "secrets.yml", "$.default.host", input="v-marker")
    assert "$.default.host is plaintext, though its rule seals it" in error
    assert "hint: seal what is there first: yamlvault encrypt FILE" in error
    assert ready.files() == before


def test_plaintext_in_a_scope_of_others(team):
    """Plaintext that others sign is theirs to change, unless they allow additions."""
    team.encrypted()
    before = team.session.files()
    error = team.refused("ben", "set", "secrets.yml", "$.ann.host", input="v")
    assert "scope $.ann" in error
    assert team.session.files() == before
    team.ok("ann", "set", "secrets.yml", "$.ann.host", input="v")
    assert team.ok("ann", "get", "secrets.yml", "$.ann.host") == "v\n"


def test_a_file_that_was_changed_by_hand(encrypted):
    """`set` vouches for the value alone, and not for what other hands have changed."""
    encrypted.file.write_text(encrypted.file.read_text().replace("production:", "prod:"))
    before = encrypted.files()
    error = encrypted.refused("set", "secrets.yml", "$.default.host", input="v")
    assert "is not what was encrypted" in error
    assert encrypted.files() == before


def test_write_only(team):
    """Who opens nothing sets a value where `append` allows it, and can't read it back."""
    team.encrypted(append=True)
    done = team.run(None, "set", "secrets.yml", "$.ben.password", input="set-marker")
    assert done.returncode == 0
    assert "sealed under a new data key" in done.stderr
    assert "$.name" not in done.stderr
    assert team.ok("ben", "get", "secrets.yml", "$.ben.password") == "set-marker\n"
    team.refused(None, "get", "secrets.yml", "$.ben.password")
    team.ok("ann", "set", "secrets.yml", "$.ben.other", input="v")
    # who made the newest data key could read what is sealed under it
    assert "rotate" in team.refused("admin", "set", "secrets.yml", "$.ben.third", input="v")
    team.ok("admin", "rotate", "secrets.yml")
    team.ok("admin", "set", "secrets.yml", "$.ben.third", input="v")
    assert team.ok("admin", "decrypt", "secrets.yml") == team.plain.replace(
        "ben-marker\n", "set-marker\n  other: v\n  third: v\n"
    )
    assert team.ok("ann", "get", "secrets.yml", "$.both.token") == "both-marker\n"


def test_write_only_without_leave(team):
    """Without `append` nothing is set in a scope that does not open."""
    team.encrypted()
    before = team.session.files()
    assert "scope $.ben" in team.refused("ann", "set", "secrets.yml", "$.ben.x", input="v")
    assert team.session.files() == before
    team.ok("ann", "set", "secrets.yml", "$.ann.password", input="v")
    assert team.ok("ben", "get", "secrets.yml", "$.both.token") == "both-marker\n"


def test_json(ready):
    """A JSON file stays one, with what was set and with what was added."""
    import json

    file = ready.folder / "secrets.json"
    file.write_text('{\n  "a": {"x": "1"},\n  "b": []\n}\n')
    kek = ready.ok("keys").strip()
    ready.ok("encrypt", "--kek", kek, "secrets.json")
    ready.ok("set", "secrets.json", "$.a.x", input="é\x1f\u2028")
    ready.ok("set", "secrets.json", "$.a.new", input="l1\nl2")
    json.loads(file.read_text())
    data = json.loads(ready.ok("decrypt", "secrets.json"))
    assert data == {"a": {"x": "é\x1f\u2028", "new": "l1\nl2"}, "b": []}


def test_typed_unseen(encrypted):
    """On a terminal the value is asked for, and what is typed does not show."""
    with _on_a_terminal(encrypted, "secrets.yml", PATH) as terminal:
        assert "new" not in terminal.until("Value of $.production.password: ")
        terminal.type("typed-marker\n")
        status, _ = terminal.end()
        assert status == 0, terminal.log
        assert b"marker" not in terminal.log
    assert encrypted.ok("get", "secrets.yml", PATH) == "typed-marker\n"


@pytest.mark.parametrize(
    ("typed", "status", "says"),
    [
        ("\x04", 1, "\r\nyamlvault: secrets.yml: nothing was typed"),
        ("\x03", 130, "\r\n"),
        ("\n", 2, "hint: nothing was typed; an empty value: --file /dev/null"),
    ],
)
def test_nothing_typed(encrypted, typed, status, says):
    """The end of input, an interrupt or an empty line change nothing, and end the line."""
    before = encrypted.files()
    with _on_a_terminal(encrypted, "secrets.yml", PATH) as terminal:
        terminal.until("password: ")
        terminal.type(typed)
        ended, shown = terminal.end()
    assert ended == status, shown
    assert says in shown
    assert "Traceback" not in shown
    assert encrypted.files() == before


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("$.production", "names a mapping"),
        ("$.production.password.x", "is no mapping"),
        ("$.production.hosts[3]", "the next item of that list is [0]"),
        ("$.yamlvault.x", "reserved for the metadata"),
    ],
)
def test_a_place_for_nothing_that_is_typed(encrypted, path, says):
    """What would refuse any value does so before somebody types one."""
    with _on_a_terminal(encrypted, "secrets.yml", path) as terminal:
        status, shown = terminal.end()
    assert status == 1
    assert says in shown
    assert "Value of" not in shown


def test_a_new_key_is_told_before_its_value_is_typed(encrypted):
    """On a terminal a mistyped section is told while nothing is lost yet, and once."""
    before = encrypted.files()
    with _on_a_terminal(encrypted, "secrets.yml", "$.prodution.password") as terminal:
        shown = terminal.until("Value of $.prodution.password: ")
        assert "secrets.yml: $.prodution.password is new" in shown
        assert "hint: there is no prodution: is `production` meant?" in shown
        terminal.type("\x03")
        assert terminal.end()[0] == 130
    assert encrypted.files() == before
    with _on_a_terminal(encrypted, "secrets.yml", "$.default.secret") as terminal:
        terminal.until("is new")
        terminal.until("Value of ")
        terminal.type("v-marker\n")
        status, shown = terminal.end()
    assert status == 0
    assert "is new" not in shown


def test_a_closed_scope_is_told_before_its_value_is_typed(team):
    """Who may not add to a scope that does not open learns it before a value is typed."""
    team.encrypted()
    with _on_a_terminal(team.session, "secrets.yml", "$.ben.password", **team.env("ann")) as shown:
        status, text = shown.end()
    assert status == 1
    assert "scope $.ben" in text
    assert "Value of" not in text


def test_plaintext_is_told_before_it_is_typed(ready):
    """On a terminal it is said first that a value will not be sealed."""
    kek = ready.ok("keys").strip()
    (ready.folder / "plain.yml").write_text("a: 1\npassword: marker\n")
    ready.ok("encrypt", "--kek", kek, "-k", "$.password", "plain.yml")
    with _on_a_terminal(ready, "plain.yml", "$.a") as terminal:
        assert "$.a is plaintext, and stays so" in terminal.until("Value of $.a: ")


def _on_a_terminal(session, *words, **environment) -> Terminal:
    program = [session.program, "set", *words]
    return Terminal(program, session.folder, session.environment | environment)


def test_a_symbolic_link(encrypted):
    """The file that a link leads to is changed, and the link stays."""
    link = encrypted.folder / "link.yml"
    link.symlink_to("secrets.yml")
    encrypted.ok("set", "link.yml", PATH, input="v")
    assert link.is_symlink()
    assert encrypted.ok("get", "secrets.yml", PATH) == "v\n"


def test_two_at_once(encrypted):
    """Values that are set at the same time are all there afterwards."""
    children = [
        subprocess.Popen(
            [encrypted.program, "set", "secrets.yml", f"$.production.k{number}"],
            cwd=encrypted.folder,
            env=encrypted.environment,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for number in range(6)
    ]
    for number, child in enumerate(children):
        _, error = child.communicate(f"v{number}".encode(), timeout=60)
        assert child.returncode == 0, error
    for number in range(6):
        assert encrypted.ok("get", "secrets.yml", f"$.production.k{number}") == f"v{number}\n"


def test_interrupted_while_it_reads(encrypted, interruptible):
    """An interrupt while the value is awaited ends it with status 130 and changes nothing."""
    before = encrypted.files()
    reader, writer = os.pipe()
    child = subprocess.Popen(
        [encrypted.program, "set", "secrets.yml", PATH, "-v"],
        cwd=encrypted.folder,
        env=encrypted.environment,
        stdin=reader,
        stderr=subprocess.PIPE,
    )
    os.close(reader)
    _until_it_reads(child.pid)
    child.send_signal(signal.SIGINT)
    _, error = child.communicate(timeout=30)
    os.close(writer)
    assert child.returncode == 130
    assert b"Traceback" not in error
    assert encrypted.files() == before


def _until_it_reads(pid: int) -> None:
    """Wait until a process is in read(0, …)."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with open(f"/proc/{pid}/syscall") as file:
            if file.read().startswith("0 0x0 "):
                return
    raise AssertionError("it never read")
