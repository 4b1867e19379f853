"""What `check` finds in one file, without a key."""

import pytest
from parties import ADMIN, ANN, BEN, TWO, encrypted, two

from yamlvault import ScopeRule
from yamlvault.check import check_data
from yamlvault.check.finding import HINTS, WARNING
from yamlvault.rule import Rule

MARK = "marker-3f9a"
PLAIN = f"# head\na:\n  b: {MARK}-1\n  c: two\nd: 4\nempty:\n"
ONE = Rule(("*",), (ScopeRule((ANN.kek,)),))
BOTH = Rule(("*",), tuple(two()))
GEM = "A" * 24 + "==--" + "0123456789abcdef" * 4
SOPS = f"a: ENC[AES256_GCM,data:{MARK},iv:y,tag:z,type:str]\nsops: {{mac: x}}\n"


def check(text, rule=ONE, **settings):
    """Return what is found in a text; no finding quotes it."""
    findings = check_data("x.yml", text.encode(), rule, **settings)
    for one in findings or ():
        assert MARK not in repr(one)
        assert one.code in HINTS
        assert one.hint
    return findings


def places(text, rule=ONE):
    """Return code, line and key path of what is found."""
    return [(one.code, one.line, one.path) for one in check(text, rule)]


def test_an_encrypted_file_has_no_findings():
    """Nothing is found in a file as `encrypt` writes it, with one scope or with several."""
    assert check(encrypted(PLAIN, ONE.scopes)) == []
    assert check(encrypted(), BOTH) == []
    assert check(encrypted("{a: [1, {b: c}], d: e}", ONE.scopes)) == []
    assert check(encrypted("- a\n- {b: c}\n---\nplain\n", ONE.scopes)) == []


def test_a_section_in_no_scope():
    """A section that came beside the scopes is a warning: nobody would notice what is in it."""
    text = encrypted().replace("yamlvault:", f"new:\n  password: {MARK}\nyamlvault:")
    (found,) = check(text, BOTH)
    assert (found.code, found.path, found.severity) == ("uncovered", "$.new", WARNING)


def test_a_plaintext_file():
    """A plaintext file that a rule is for is one finding, with the number of scalars."""
    (found,) = check(PLAIN)
    assert found.code == "plaintext-file"
    assert "3 scalars" in found.message
    assert "1 scalar " in check("a: 1\n")[0].message


def test_a_plaintext_file_in_which_nothing_is_to_be_sealed():
    """A file is no finding where its rule seals nothing of what is in it."""
    rule = Rule(("*",), (ScopeRule((ANN.kek,), seal=("$.*.password",)),))
    assert check(PLAIN, rule) == []
    assert check("", ONE) == []
    assert check("# nothing\n", ONE) == []


def test_plaintext_in_an_encrypted_file():
    """Each plaintext scalar that the file or its rule seals is a finding at its place."""
    text = encrypted(PLAIN, ONE.scopes)
    text = text.replace("\n  c:", f"\n  new: {MARK}\n  c:")
    text = text.replace("\nd: ", f"\nmore: [x, {MARK}]\nd: ")
    assert places(text) == [
        ("plaintext-scalar", 4, "$.a.new"),
        ("unsigned-section", 6, "$.more"),
        ("plaintext-scalar", 6, "$.more[0]"),
        ("plaintext-scalar", 6, "$.more[1]"),
    ]
    assert check(text)[0].column == 8


def test_what_the_rule_came_to_seal_later():
    """What the rule seals and the file does not is found as plaintext, and as a difference."""
    text = encrypted(PLAIN, [ScopeRule((ANN.kek,), seal=("$.a.b",))])
    rule = Rule(("*",), (ScopeRule((ANN.kek,), seal=("$.a",)),))
    plain, differs = check(text, rule)
    assert (plain.code, plain.line, plain.path) == ("plaintext-scalar", 4, "$.a.c")
    assert differs.code == "seal-differs"
    assert "seal:" in text.splitlines()[differs.line - 1]


def test_plaintext_behind_an_alias():
    """What an alias under a sealed path stands for is to be sealed, too."""
    text = encrypted("base: &b\n  x: 1\nuse:\n  y: 2\n", [ScopeRule((ANN.kek,), seal=("$.use",))])
    text = text.replace("use:\n", "use:\n  <<: *b\n")
    rule = Rule(("*",), (ScopeRule((ANN.kek,), seal=("$.use",)),))
    assert ("plaintext-scalar", 2, "$.base.x") in places(text, rule)


def test_expressions_of_the_file_are_not_run():
    """A regular expression that only the file has is not run: it could be made to take for ever."""
    evil = "$./^(a+)+$/"
    text = encrypted(f"{'a' * 60}!: 1\na: 2\n", [ScopeRule((ANN.kek,), seal=("$.a",))])
    text = text.replace('seal: ["$.a"]', f'seal: ["$.a", "{evil}"]')
    rule = Rule(("*",), (ScopeRule((ANN.kek,), seal=("$.a",)),))
    (found,) = check(text, rule)
    assert (found.code, found.severity) == ("seal-differs", WARNING)


@pytest.mark.parametrize(("text", "tool"), [(SOPS, "SOPS"), (f"a: {GEM}\n", "gem")])
def test_other_tools(text, tool):
    """What another tool has encrypted is told apart from plaintext; without a rule it is fine."""
    (found,) = check(text)
    assert found.code == "other-tool"
    assert tool in found.message
    assert check(text, None) is None


def test_without_a_rule():
    """Without a rule, what is not encrypted is nobody's business; what is encrypted is found."""
    assert check(PLAIN, None) is None
    assert check("a: [", None) is None
    assert check("a: [yv1.AAAAAAAA.x", None) is None
    assert check("yamlvault: {image: one}\n", None) is None
    assert check("docs: see yamlvault\n", None) is None
    text = encrypted(PLAIN, ONE.scopes)
    assert places(text, None) == [("no-rule", 1, "")]
    assert check(text, None, needs_rule=False) == []
    assert places(text.replace("yv1.", "yv1.!", 1), None)[1][0] == "malformed-scalar"


def test_no_metadata():
    """A sealed scalar in a file without metadata is found, whether there is a rule or not."""
    text = encrypted(PLAIN, ONE.scopes)
    bare = text[: text.index("yamlvault:")]
    assert places(bare) == places(bare, None) == [("no-metadata", 3, "$.a.b")]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("format: 1", "format: 2", "format 2 is unknown"),
        ("format: 1", "formt: 1", "`format`"),
        ("wrapped:", "wraped:", "unknown field"),
        ('mac: "', 'mac: "!', "base64"),
        ('paths: ["$"]', 'paths: ["a"]', "malformed path"),
        ('paths: ["$"]', 'paths: ["$./a/"]', "regular expression"),
        ('seal: ["$"]', 'seal: ["a"]', "malformed path"),
    ],
)
def test_metadata_that_cannot_be_read(old, new, says):
    """Metadata of another version or form is one finding."""
    text = encrypted(PLAIN, ONE.scopes)
    assert old in text
    (found,) = check(text.replace(old, new, 1))
    assert found.code == "bad-metadata"
    assert says in found.message


def test_two_scopes_with_one_root():
    """Scopes that are the same part of the file are found, in the file and in the rule."""
    (found,) = check(encrypted().replace('paths: ["$.ben"]', 'paths: ["$.ann"]'), BOTH)
    assert found.code == "bad-metadata"


@pytest.mark.parametrize(
    "data",
    [b"a: [", b"\xff\xfe", b"a: b: c", b"a: 1\na: 2\n", b"\x00", b"a: *nothing", b"{" * 300],
)
def test_not_yaml(data):
    """What a rule is for and is no YAML in UTF-8 is a finding; without one it is none."""
    (found,) = check_data("x", data, ONE)
    assert found.code == "not-yaml"
    assert check_data("x", data, None) is None


def test_merge_conflicts():
    """Conflict markers of git are a finding in the line where they start, rule or not."""
    text = encrypted(PLAIN, ONE.scopes)
    line = text.splitlines()[2]
    conflict = f"<<<<<<< HEAD\n{line}\n=======\n  b: {MARK}\n>>>>>>> theirs"
    text = text.replace(line, conflict)
    assert places(text) == places(text, None) == [("merge-conflict", 3, "")]
    assert check(f"a: 1\n{conflict}\n".replace("yv1.", ""), None) is None
    assert check("a: |\n  <<<<<<< x\n", None) is None


def test_sections_that_came_and_went():
    """A section added or removed by hand is found, by its label."""
    text = encrypted("a: {b: 1}\nc: {d: 2}\n", [ScopeRule((ANN.kek,), seal=("$.a",))])
    rule = Rule(("*",), (ScopeRule((ANN.kek,), seal=("$.a",)),))
    text = text.replace("c: {d: 2}\n", "new: {x: 1}\n")
    codes = places(text, rule)
    assert ("unsigned-section", 2, "$.new") in codes
    assert [one[::2] for one in codes if one[0] == "missing-section"] == [
        ("missing-section", "$.c")
    ]
    line = next(line for code, line, _ in codes if code == "missing-section")
    assert "$.c" in text.splitlines()[line - 1]


def test_aliases_into_scopes():
    """An alias in no scope that stands for what is in one is found where it stands."""
    text = encrypted("ann: &a {x: 1}\nout: 2\nben: {y: 2}\n", two())
    assert check(text, BOTH) == []
    text = text.replace("out: 2", "out: *a")
    assert places(text, BOTH) == [("alias-into-scope", 2, "$.out")]


def test_scopes_that_their_readers_cannot_read():
    """An alias that leads from one scope into another with other KEKs is found."""
    text = encrypted("ann: &a {x: 1}\nben: {y: 2}\n", two()).replace("ben: {", "ben: {z: *a, ")
    (found,) = check(text, BOTH)
    assert found.code == "unreadable-scope"
    assert "$.ben" in found.message


def test_several_documents():
    """A key path in a later document says which."""
    text = encrypted("a: 1\n---\nb: 2\n", ONE.scopes).replace("\nb: ", "\nc: x\nb: ")
    assert places(text) == [("plaintext-scalar", 3, "1:$.c")]


def test_line_ends_and_byte_order_marks():
    """Places are right with CRLF and behind a byte order mark."""
    text = encrypted(PLAIN.replace("\n", "\r\n"), ONE.scopes)
    text = "\ufeff" + text.replace("\r\n  c:", "\r\n  new: x\r\n  c:")
    assert places(text) == [("plaintext-scalar", 4, "$.a.new")]


def test_it_needs_no_identity():
    """Everything here is found by somebody who has no key: none is looked for."""
    import subprocess
    import sys

    code = (
        "import sys; from yamlvault.check import check_data; from yamlvault.rule import *;"
        f"rule = Rule(('*',), (ScopeRule(('{ADMIN.kek}',)),));"
        "assert check_data('x', sys.stdin.buffer.read(), rule) == [];"
        "assert not {'boto3', 'botocore', 'http', 'google', 'socket'} & set(sys.modules)"
    )
    text = encrypted(TWO, [ScopeRule((ADMIN.kek,))])
    subprocess.run([sys.executable, "-c", code], input=text.encode(), check=True)


def test_ben_is_somebody_else():
    """A file for others than its rule says is found, though Ben could open it."""
    codes = {one.code for one in check(encrypted(PLAIN, [ScopeRule((BEN.kek,))]))}
    assert codes == {"kek-missing", "kek-not-in-rule"}
