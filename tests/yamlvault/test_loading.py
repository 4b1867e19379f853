"""Encrypted files as Python data."""

import io

import pytest
import yaml

import yamlvault

TEXT = """\
default: &default {host: db, port: 5432, tags: [a, b]}
production:
  <<: *default
  host: prod
staging:
  <<: [*default, {user: s}]
copy: *default
7: seven
"7": text
"""


@pytest.fixture(scope="module")
def load(recipient, keyring):
    encrypted = yamlvault.encrypt(TEXT, keks=[recipient])
    return lambda path=None, **options: yamlvault.loads(
        encrypted, path=path, keyring=keyring, **options
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.production", {"host": "prod", "port": 5432, "tags": ["a", "b"]}),
        ("$.production.host", "prod"),
        ("$.production.port", 5432),
        ("$.staging.port", 5432),
        ("$.staging.user", "s"),
        ("$.copy.tags[1]", "b"),
        ("$.copy", {"host": "db", "port": 5432, "tags": ["a", "b"]}),
        ("$.default.tags.0", "a"),
    ],
)
def test_path(load, path, value):
    """A path leads through aliases and merge keys, as the data does."""
    assert load(path) == value


@pytest.mark.parametrize("path", ["$.default.*", "$.7", "$.*.port"])
def test_a_path_must_name_one_value(load, path):
    """Where a path names several values none is chosen."""
    with pytest.raises(yamlvault.KeyPathError, match="names"):
        load(path)


def test_a_path_that_names_nothing(load):
    """A missing key is an error with a suggestion."""
    with pytest.raises(yamlvault.KeyPathError) as caught:
        load("$.production.prot")
    assert "port" in caught.value.hint or "no prot" in caught.value.hint


def test_whole(load):
    """Without a path it is what safe_load gives, in the same order, without the metadata."""
    assert list(load().items()) == list(yaml.safe_load(TEXT).items())


def test_loader(recipient, keyring):
    """A loader of the application's own constructs its tags."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_constructor("!range", lambda _, node: range(*map(int, node.value.split(".."))))
    encrypted = yamlvault.encrypt("a: !range 1..10\n", keks=[recipient])
    assert yamlvault.loads(encrypted, loader=Loader, keyring=keyring) == {"a": range(1, 10)}
    with pytest.raises(yamlvault.DocumentError, match="no constructor"):
        yamlvault.loads(encrypted, keyring=keyring)


def test_several_documents(recipient, keyring):
    """load_all gives them all; load refuses to choose one, unless a path does."""
    encrypted = yamlvault.encrypt("a: 1\n---\nb: 2\n", keks=[recipient])
    assert yamlvault.loads_all(encrypted, keyring=keyring) == [{"a": 1}, {"b": 2}]
    assert yamlvault.loads(encrypted, path="$.b", keyring=keyring) == 2
    with pytest.raises(yamlvault.DocumentError, match="2 documents"):
        yamlvault.loads(encrypted, keyring=keyring)


def test_files(tmp_path, recipient, keyring):
    """A name, a path and an open file are read; an error names the file."""
    file = tmp_path / "x.yml"
    file.write_bytes(yamlvault.encrypt("a: 1\n", keks=[recipient]))
    vault = yamlvault.Vault(keyring)
    with file.open("rb") as opened:
        found = [vault.load(str(file)), vault.load(file), vault.load(opened)]
    found.append(vault.load(io.BytesIO(file.read_bytes())))
    assert found == [{"a": 1}] * 4
    assert vault.load_all(file) == [{"a": 1}]
    with pytest.raises(yamlvault.FileError, match="there is no such file"):
        vault.load(tmp_path / "missing")
    file.write_text("a: 1\n")
    with pytest.raises(yamlvault.NotEncryptedError) as caught:
        vault.load(file)
    assert str(caught.value).startswith(f"{file}: ")


@pytest.mark.parametrize("text", ["", "# nothing\n", "text\n", "- 1\n- [2]\n", "--- |\n  x\n"])
def test_other_roots(text, recipient, keyring):
    """Whatever the root is, the data is that of the plaintext."""
    encrypted = yamlvault.encrypt(text, keks=[recipient])
    assert yamlvault.loads(encrypted, keyring=keyring) == yaml.safe_load(text)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a: &a\n  <<: *a\n  b: 1\n", "$.a.b"),
        ("a: &a\n  <<: *a\n  b: 1\n", "$.a.c"),
        ("a: &a\n  <<: [*a, *a]\n  b: 1\n", "$.a.c"),
        ("a:\n  <<: &l [*l]\n  b: 1\n", "$.a.b"),
        ("a: &a {x: {<<: *a}}\n", "$.a.x.x.x.y"),
    ],
)
def test_endless_merges(text, path, parser, recipient, keyring):
    """A mapping that merges itself is refused, or its value found, and nothing goes on for ever."""
    encrypted = yamlvault.encrypt(text, keks=[recipient])
    try:
        assert yamlvault.loads(encrypted, path=path, keyring=keyring) == 1
    except (yamlvault.DocumentError, yamlvault.KeyPathError) as error:
        assert error.message  # noqa: PT017


def test_what_is_followed_before_the_macs_is_bounded(recipient, keyring):
    """Merges that double with each line cost no more than their lines, until a MAC is checked."""
    lines = ["a0: &a0 {x: 1}\n"]
    lines += [f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 60)]
    text = yamlvault.encrypt("".join(lines), keks=[recipient]).decode()
    text = text.replace("a0: &a0 {x:", "a0: &a0 {z:")
    with pytest.raises(yamlvault.IntegrityError):
        yamlvault.loads(text, path="$.a59.y", keyring=keyring)


@pytest.mark.parametrize(
    "text", ["a: 2024-13-45\n", "a: !!int x\n", "a: !!timestamp x\n", "? {}\n: 1\n"]
)
def test_values_that_can_not_be_constructed(text, parser, recipient, keyring):
    """What PyYAML can't construct is an error of ours."""
    encrypted = yamlvault.encrypt(text, keks=[recipient])
    with pytest.raises(yamlvault.DocumentError):
        yamlvault.loads(encrypted, keyring=keyring)


def test_types(recipient, keyring):
    """Dates, binary, sets and floats have Python's types."""
    text = "a: 2024-01-02\nb: !!binary YQ==\nc: !!set {x}\nd: 1e3\ne: 1.5\nf: !!float 2\n"
    encrypted = yamlvault.encrypt(text, keks=[recipient])
    assert yamlvault.loads(encrypted, keyring=keyring) == yaml.safe_load(text)
