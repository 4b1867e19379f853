"""`yamlvault edit`: what comes of an edit."""

from __future__ import annotations

import os
import re

import pytest
from editing import needs_tmpfs

SEALED = re.compile(r"yv1\.[\w-]{8}\.[\w-]+")

pytestmark = needs_tmpfs


def test_a_value_is_changed(desk):
    """What is saved is what the file opens to, and only what changed is sealed anew."""
    before = desk.file.read_text().splitlines()
    said = desk.ok('replace("5432", "5433")')
    assert said.startswith("secrets.yml: 1 scalar sealed, 3 kept as they were, for age:age1")
    assert desk.plaintext() == desk.session.plain.replace("5432", "5433")
    after = desk.file.read_text().splitlines()
    changed = [new.strip() for old, new in zip(before, after, strict=True) if old != new]
    assert [line.split()[0] for line in changed] == ["port:", "mac:"]


def test_anything_is_edited_freely(desk):
    """Comments, layout, keys that are renamed, new or gone: the file opens to what was saved."""
    text = "# new\n\nproduction: {pass: 'n', list: [1, 2]}   # c\nb: |\n  x\n---\nsecond: 1"
    desk.ok(f"copy.write_text({text!r})")
    assert desk.plaintext() == text
    assert len(SEALED.findall(desk.file.read_text())) >= 5


def test_unchanged(desk):
    """An unchanged copy writes nothing, and says so."""
    before = desk.file.stat()
    assert desk.ok("copy.write_bytes(copy.read_bytes())") == "secrets.yml: nothing was changed\n"
    after = desk.file.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def plain_bytes(desk):
    """Return the bytes that the file opens to."""
    out = desk.session.folder.parent / "out"
    desk.session.ok("decrypt", "secrets.yml", "-o", str(out))
    return out.read_bytes()


def test_bytes_stay(desk):
    """Line breaks, a byte order mark and a missing last line break are the editor's to keep."""
    data = b"\xef\xbb\xbfa: 1\r\nb: two"
    desk.file.write_bytes(data)
    desk.session.ok("encrypt", "secrets.yml")
    desk.ok(
        "d = copy.read_bytes(); assert d[:3] == bytes([239, 187, 191]) and d[-3:] == b'two'\n"
        "copy.write_bytes(d.replace(b'1', b'2'))"
    )
    assert plain_bytes(desk) == data.replace(b"1", b"2")
    desk.ok("copy.write_bytes(copy.read_bytes()[3:])")
    assert plain_bytes(desk) == data[3:].replace(b"1", b"2")


def test_only_what_the_rule_seals(desk):
    """New keys under `seal` paths are sealed, and others are not."""
    rule = desk.session.folder / ".yamlvault.yml"
    rule.write_text(re.sub(r"seal: .*", 'seal: ["$.*.password"]', rule.read_text()))
    desk.file.write_text("a:\n  password: p-marker\n  host: h\n")
    desk.session.ok("encrypt", "secrets.yml")
    desk.ok('copy.write_text(copy.read_text() + "b:\\n  password: q\\n  host: i\\n")')
    text = SEALED.sub("S", desk.file.read_text())
    assert text.startswith("a:\n  password: S\n  host: h\nb:\n  password: S\n  host: i\nyamlvault:")


@pytest.mark.parametrize(
    ("script", "place", "says"),
    [
        ('replace("  port: 5432", "  port: [")', ":7:5:", "not valid YAML"),
        ('replace("  port: 5432", "\\tport: 5432")', ":4:", "not valid YAML"),
        ('replace("  port:", "  host:")', ":4:3:", "duplicate key"),
        ('replace("# database", "yamlvault: {}")', ":1:1:", "reserved"),
        ('replace("5432", "yv1.AAAAAAAA.BBBB")', ":4:9:", "not sealed for this place"),
        ('copy.write_bytes(b"a: 1\\nb: \\xe9\\n")', ":2:4:", "not UTF-8"),
        ('copy.write_text("")', "", "nothing is left in it"),
        ("copy.unlink()", "", "the copy can't be read"),
        ("copy.unlink(); copy.mkdir()", "", "the copy can't be read"),
        ('copy.unlink(); copy.symlink_to("/etc/passwd")', "", "the copy can't be read"),
        ("copy.unlink(); os.mkfifo(copy)", "", "no regular file"),
        ('replace("  port:", "  # port:"); sys.exit(3)', "", "the editor ended with status 3"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "", "the editor was ended by SIGKILL"),
        ('replace("  pem:", "  # pem:")', ":10:5:", "not valid YAML"),
        ('replace(": &default", ":")', ":7:7:", "no anchor"),
    ],
)
def test_what_can_not_be_taken(desk, script, place, says):
    """Without a terminal to ask, the error has the line in the copy, and the file is unchanged."""
    before = desk.session.files()
    said = desk.refused(script)
    assert says in said
    start = "yamlvault: secrets.yml" + (f", as edited{place}" if place else ": ")
    assert said.startswith(start)
    assert desk.session.files() == before
    assert desk.turns == 1


def test_a_secret_in_a_comment(desk):
    """A secret that an edit would leave in plaintext is found: nothing is written."""
    before = desk.session.files()
    said = desk.refused("""replace('  password: "', '  # password: "')""")
    assert said.startswith("yamlvault: secrets.yml, as edited:8:")
    assert "would stand here in plaintext" in said
    assert desk.session.files() == before


# --- new files


def test_new_file(desk):
    """A file that is not there starts empty, and is encrypted by its rule when it is saved."""
    said = desk.ok(
        'assert copy.read_bytes() == b""\ncopy.write_text("a: marker\\n")', file="secrets-2.yml"
    )
    assert said.startswith("secrets-2.yml: new: what is saved is encrypted by the rule in ")
    assert "marker" not in (desk.session.folder / "secrets-2.yml").read_text()
    assert desk.session.ok("decrypt", "secrets-2.yml") == "a: marker\n"
    mask = os.umask(0)
    os.umask(mask)
    assert (desk.session.folder / "secrets-2.yml").stat().st_mode & 0o777 == 0o666 & ~mask


@pytest.mark.parametrize("script", ["", 'copy.write_text(" \\n\\n")'])
def test_nothing_saved_makes_nothing(desk, script):
    """Where nothing was typed, no file is made."""
    before = desk.session.files()
    assert "nothing was changed" in desk.ok(script, file="secrets-2.yml")
    assert desk.session.files() == before


def test_new_file_with_a_metadata_key(desk):
    """The reserved key in a new file is refused with its line."""
    said = desk.refused('copy.write_text("a: 1\\nyamlvault: 2\\n")', file="secrets-2.yml")
    assert said.startswith("yamlvault: secrets-2.yml, as edited:2:1: the top-level key")


def test_new_file_made_meanwhile(desk):
    """A file that somebody else makes meanwhile is not overwritten."""
    script = 'pathlib.Path("secrets-2.yml").write_text("theirs"); copy.write_text("a: 1\\n")'
    assert "somebody has made it meanwhile" in desk.refused(script, file="secrets-2.yml")
    assert (desk.session.folder / "secrets-2.yml").read_text() == "theirs"


def test_no_rule(desk):
    """A name that no rule is for is no new file: it may be mistyped."""
    assert "no rule for a new one of this name" in desk.refused(file="other.yml")
    assert "hint: is `secrets.yml` meant?" in desk.refused(file="secret.yml")
    assert desk.turns == 0


def test_link_to_what_is_not_there(desk):
    """Where a link leads to nothing, its target is made."""
    (desk.session.folder / "secrets-l.yml").symlink_to("secrets-t.yml")
    desk.ok('copy.write_text("a: 1\\n")', file="secrets-l.yml")
    assert (desk.session.folder / "secrets-l.yml").is_symlink()
    assert desk.session.ok("decrypt", "secrets-t.yml") == "a: 1\n"


# --- which files


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: plain\n", "not encrypted\nhint: encrypt it: yamlvault encrypt FILE"),
        ("a: ENC[AES256_GCM,data:x]\nsops:\n  mac: m\n", "by SOPS"),
        ("a: [\n", "not valid YAML"),
    ],
)
def test_plaintext_is_refused(desk, text, says):
    """A file that is not encrypted is no file to edit here: no editor is started."""
    desk.file.write_text(text)
    assert says in desk.refused("")
    assert desk.turns == 0


def test_standard_input_is_refused(desk):
    """Standard input has no place to write to."""
    desk.session.refused("edit", "-", status=2)


def test_read_only_file(desk):
    """A read-only file is refused before an editor is started."""
    desk.file.chmod(0o444)
    assert "read-only" in desk.refused("")
    assert desk.turns == 0


def test_symbolic_link(desk):
    """A link is followed and stays one; the copy has the name that was given."""
    (desk.session.folder / "link.yaml").symlink_to("secrets.yml")
    desk.ok('assert copy.name == "link.yaml"\nreplace("5432", "5433")', file="link.yaml")
    assert (desk.session.folder / "link.yaml").is_symlink()
    assert "5433" in desk.plaintext()


def test_mode_stays(desk):
    """The file keeps its mode."""
    desk.file.chmod(0o640)
    desk.ok('replace("5432", "5433")')
    assert desk.file.stat().st_mode & 0o777 == 0o640


def test_no_identity(desk):
    """Without an identity that opens it no editor is started."""
    said = desk.refused("", env={"XDG_CONFIG_HOME": "/nonexistent"})
    assert "yamlvault: secrets.yml" in said
    assert desk.turns == 0


def test_malformed_rules(desk):
    """A malformed `.yamlvault.yml` is found before an editor is started."""
    (desk.session.folder / ".yamlvault.yml").write_text("rules: 1\n")
    assert ".yamlvault.yml:1:8" in desk.refused("")
    assert desk.turns == 0


# --- changes on the disk meanwhile


def test_changed_meanwhile(desk):
    """What somebody else has written meanwhile is not overwritten."""
    desk.session.environment["OTHER"] = desk.session.program
    script = (
        "import subprocess\n"
        "subprocess.run([os.environ['OTHER'], 'set', 'secrets.yml', '$.new'], input=b'theirs', "
        "check=True, stderr=subprocess.DEVNULL)\n"
        'replace("5432", "5433")'
    )
    said = desk.refused(script)
    assert said.startswith("yamlvault: secrets.yml: somebody has changed it meanwhile")
    assert "hint: run it again" in said
    assert desk.plaintext() == desk.session.plain + "new: theirs\n"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ('pathlib.Path("secrets.yml").unlink()', "deleted"),
        ('pathlib.Path("secrets.yml").write_text("a: theirs\\n")', "changed"),
    ],
)
def test_deleted_or_decrypted_meanwhile(desk, change, says):
    """A file that is deleted or decrypted meanwhile stays so."""
    said = desk.refused(f'{change}\nreplace("5432", "5433")')
    assert f"somebody has {says} it meanwhile" in said
    assert desk.file.exists() == (says == "changed")


# --- who opens a part


def test_closed_scope(team, team_desk):
    """What does not open stays sealed in the copy, and what opens is edited."""
    team.encrypted()
    said = team_desk.ok(
        'assert "ben-marker" not in copy.read_text()\nreplace("ann-marker", "new")',
        env=team.env("ann"),
    )
    assert "scope $.ben does not open here, its values stay sealed: leave them alone" in said
    assert team.ok("admin", "decrypt", "secrets.yml") == team.plain.replace("ann-marker", "new")


def test_closed_scope_is_not_replaced(team, team_desk):
    """Without `append` a value in a scope that does not open can't be replaced: with its line."""
    team.encrypted()
    script = (
        'import re\ncopy.write_text(re.sub("(ben:\\n  password: ).*", r"\\1new", copy.read_text()))'
    )
    said = team_desk.refused(script, env=team.env("ann"))
    assert said.startswith("yamlvault: secrets.yml, as edited:7:13: scope $.ben")


@pytest.mark.parametrize("who", ["ann", None])
def test_write_only(team, team_desk, who):
    """With `append` it can be replaced and added to, also by who opens nothing at all."""
    team.encrypted(append=True)
    script = (
        "import re\n"
        'text = re.sub("(ben:\\n  password: ).*", r"\\1new\\n  more: added", copy.read_text())\n'
        "copy.write_text(text)"
    )
    said = team_desk.ok(script, env=team.env(who))
    assert "add to it or replace them" in said
    assert "scope $.ben does not open here: what is new is sealed under a new data key" in said
    expected = team.plain.replace("ben-marker", "new\n  more: added")
    assert team.ok("admin", "decrypt", "secrets.yml") == expected
