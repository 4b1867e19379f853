"""Arguments that no caller should give give an error of ours, which does not quote them."""

import re

import pytest

import yamlvault
from yamlvault import Keyring, keypath

MARK = "hunter2"
HALF = "\udcff"  # what Python makes of a byte in argv or the environment that is not UTF-8


def _said(error):
    return f"{error} {error!r} {error.hint} {error.__cause__}"


@pytest.mark.parametrize("call", [yamlvault.decrypt, yamlvault.loads, yamlvault.loads_all])
def test_half_of_a_surrogate_pair_in_a_text_that_is_read(call):
    """A text that is no UTF-8 is refused with its place."""
    with pytest.raises(yamlvault.DocumentError) as caught:
        call(f"a: 1\nb: {MARK}{HALF}\n")
    assert (caught.value.line, caught.value.column) == (2, 11)
    assert MARK not in _said(caught.value)


def test_half_of_a_surrogate_pair_in_a_text_to_encrypt(recipient):
    """UnicodeEncodeError would carry the whole plaintext in an attribute: it does not get out."""
    with pytest.raises(yamlvault.DocumentError) as caught:
        yamlvault.encrypt(f"b: {MARK}{HALF}\n", keks=[recipient])
    assert MARK not in _said(caught.value)


@pytest.mark.parametrize("text", [f"AGE-{MARK}{HALF}", f"-----BEGIN {MARK}{HALF}"])
def test_half_of_a_surrogate_pair_in_an_identity(recipient, text):
    """An identity from a variable that is not UTF-8 is none."""
    encrypted = yamlvault.encrypt("a: 1\n", keks=[recipient])
    with pytest.raises(yamlvault.NoKeyError) as caught:
        yamlvault.decrypt(encrypted, keyring=Keyring([text]))
    assert MARK not in _said(caught.value)


def test_half_of_a_surrogate_pair_in_a_passphrase(monkeypatch):
    """A passphrase from a variable that is not UTF-8 is refused and not quoted."""
    monkeypatch.setenv("YAMLVAULT_PASSPHRASE", f"{MARK}{HALF}")
    with pytest.raises(yamlvault.KEKError) as caught:
        yamlvault.encrypt("a: 1\n", keks=["passphrase:"])
    assert MARK not in _said(caught.value)


@pytest.mark.parametrize("uri", [f"age:{HALF}", f"age:age1{HALF}", f"age:ssh-rsa {HALF}", HALF])
def test_half_of_a_surrogate_pair_in_a_kek_uri(uri):
    """A KEK URI that is not UTF-8 names no KEK."""
    with pytest.raises(yamlvault.KEKError):
        yamlvault.encrypt("a: 1\n", keks=[uri])


@pytest.mark.parametrize("path", [f"$.{HALF}", f"$./{HALF}|a/", f"$.'{HALF}'"])
def test_half_of_a_surrogate_pair_in_a_key_path(recipient, path):
    """A key path that is not UTF-8 is refused before anything is written with it."""
    with pytest.raises(yamlvault.KeyPathError):
        yamlvault.encrypt("a: 1\n", keks=[recipient], seal=path)


@pytest.mark.parametrize("name", ["a\0b", "/tmp/\ud800"])
def test_names_that_no_file_can_have(name):
    """The name is no file's, and what follows is an error about a file."""
    with pytest.raises(yamlvault.FileError):
        yamlvault.load(name)


@pytest.mark.parametrize("descriptor", ["-1", "99999", "9" * 20, "9" * 5000, "x", "3.0", " "])
def test_descriptors_that_are_none(monkeypatch, descriptor):
    """What is not a descriptor's number is refused, however large it is."""
    monkeypatch.setenv("YAMLVAULT_PASSPHRASE_FD", descriptor)
    with pytest.raises(yamlvault.KEKError):
        Keyring().passphrase(new=False)


@pytest.mark.parametrize("path", [f"$.{'9' * 5000}", f"$[{'9' * 5000}]"])
def test_numbers_of_thousands_of_digits(recipient, keyring, path):
    """They name no item; in the metadata, read before any MAC, they end nothing but the reading."""
    with pytest.raises(yamlvault.KeyPathError):
        yamlvault.encrypt("- 1\n", keks=[recipient], seal=path)
    text = yamlvault.encrypt("- 1\n", keks=[recipient]).decode()
    with pytest.raises(yamlvault.IntegrityError):
        yamlvault.decrypt(text.replace('paths: ["$"]', f'paths: ["$", "{path}"]'), keyring=keyring)


@pytest.mark.parametrize(
    "expression", ["(" * 5000, "(" * 500 + ")" * 500, "a{99999999999999999}"], ids=[1, 2, 3]
)
def test_regular_expressions_that_python_gives_up(expression):
    """Whatever `re` raises, a key path that is malformed is an error of that kind."""
    with pytest.raises(yamlvault.KeyPathError):
        keypath.parse(f"$./{expression}/")


@pytest.mark.parametrize(("label", "field"), [("", "root"), ("rules", "rules")])
def test_a_section_in_place_of_another_mac(recipient, keyring, label, field):
    """The MACs of the root and the rules are nowhere but in their own fields (format, 5.2)."""
    text = yamlvault.encrypt("a: {b: 1}\n", keks=[recipient]).decode()
    mac = re.search(rf'\b{field}: "([\w-]+)"', text)[1]
    moved = text.replace(mac, "A" * 43).replace(
        "      sections:\n",
        f'      sections:\n        - path: "{label}"\n          mac: "{mac}"\n',
    )
    with pytest.raises(yamlvault.FormatError):
        yamlvault.loads(moved, keyring=keyring)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a:\n|\n  x\n", (2, 1)),
        ("a:\n  b:\n  >-\n    x\n", (3, 3)),
        ("-\n|\n x\n", (2, 1)),
        ("a: # said\n|\n  x", (2, 1)),
    ],
)
def test_a_block_scalar_too_far_left(parser, recipient, text, place):
    """PyYAML reads what YAML does not allow; it is refused where it stands, not as a bug."""
    with pytest.raises(yamlvault.DocumentError, match="left of") as caught:
        yamlvault.encrypt(text, keks=[recipient])
    assert (caught.value.line, caught.value.column) == place


@pytest.mark.parametrize("scalar", ["|\n x\n", ">-\n x\n", "'x'\n", '"x"\n'])
def test_directives_behind_a_root(parser, recipient, keyring, scalar):
    """Behind a root that was not plain a directive still starts the next document."""
    data = f"--- {scalar}\n%TAG !e! tag:e,1:\n--- y\n".encode()
    encrypted = yamlvault.encrypt(data, keks=[recipient])
    assert yamlvault.decrypt(encrypted, keyring=keyring) == data
