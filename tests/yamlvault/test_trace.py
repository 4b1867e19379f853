"""No plaintext and no key leaves with an error, even where the locals of frames are shown."""

import re
import sys
import traceback

import pyrage
import pytest
import yaml

import yamlvault
from yamlvault.trace import without_locals

MARK = "hunter2-marker"
PLAIN = f"a: {MARK}\nb: {{c: {MARK}, d: [1, {MARK}]}}\n"
STRANGER = str(pyrage.x25519.Identity.generate())


def trace_of(error):
    """Return all of a traceback below the frame of the test: with locals, causes and contexts."""
    kept = error.with_traceback(error.__traceback__.tb_next)
    shown = traceback.TracebackException.from_exception(kept, capture_locals=True)
    lines = []
    while shown is not None:
        lines += shown.stack.format()
        lines += shown.format_exception_only()
        shown = shown.__cause__ or shown.__context__
    return "".join(lines)


def reordered(text):
    return text.replace("\nb:", "\nx:")


def tampered(text):
    return re.sub(r"(yv1\.[\w-]+\.\w{20})\w", lambda match: f"{match[1]}-", text)


# what is encrypted, what is done to it, what it is loaded with, what is raised
BROKEN = {
    "wrong identity": (PLAIN, str, {"keyring": STRANGER}, yamlvault.NoKeyError),
    "no identity": (PLAIN, str, {"keyring": None}, yamlvault.NoKeyError),
    "mistyped identity": (PLAIN, str, {"keyring": f"AGE-SECRET-{MARK}"}, yamlvault.NoKeyError),
    "another key name": (PLAIN, reordered, {}, yamlvault.IntegrityError),
    "another sealed text": (PLAIN, tampered, {}, yamlvault.IntegrityError),
    "no YAML": (PLAIN, lambda text: f"{text}\n  x: [", {}, yamlvault.DocumentError),
    "another version": (
        PLAIN,
        lambda text: text.replace("format: 1", "format: 9"),
        {},
        yamlvault.FormatError,
    ),
    "plaintext": (PLAIN, lambda _: PLAIN, {}, yamlvault.NotEncryptedError),
    "broken plaintext": (PLAIN, lambda _: PLAIN + "[", {}, yamlvault.DocumentError),
    "path to nothing": (PLAIN, str, {"path": "$.a.b.c"}, yamlvault.KeyPathError),
    "path to several": (PLAIN, str, {"path": "$.*"}, yamlvault.KeyPathError),
    "several documents": (f"{PLAIN}---\n{PLAIN}", str, {}, yamlvault.DocumentError),
    "unknown tag": (f"a: !foo {MARK}\n", str, {}, yamlvault.DocumentError),
    "no number": (f"a: !!int {MARK}\n", str, {}, yamlvault.DocumentError),
    "no date": (f"a: !!timestamp {MARK}\n", str, {}, yamlvault.DocumentError),
    "no hash": (f"? [{MARK}]\n: {MARK}\n", str, {}, yamlvault.DocumentError),
}


@pytest.fixture
def load(tmp_path, recipient, identity):
    """Return what encrypts a text, breaks it, and loads it from a file."""

    def load(plain, change, keyring=identity, **settings):
        file = tmp_path / "secrets.yml"
        file.write_text(change(yamlvault.encrypt(plain, keks=[recipient]).decode()))
        del plain, change
        identities = [] if keyring is None else [keyring]
        ring = yamlvault.Keyring(identities)
        del keyring, identities
        return yamlvault.load(file, keyring=ring, **settings)

    return load


@pytest.mark.parametrize("case", BROKEN)
def test_every_error_of_load(load, case):
    """Message, place and hint are all that comes out, whatever is wrong with the file."""
    plain, change, settings, kind = BROKEN[case]
    with pytest.raises(kind) as caught:
        load(plain, change, **settings)
    shown = trace_of(caught.value)
    assert "secrets.yml" in str(caught.value)
    assert "in load\n" in shown
    assert MARK not in shown
    assert STRANGER not in shown
    assert caught.value.__context__ is None


@pytest.mark.parametrize("name", ["loads", "loads_all", "decrypt", "encrypt"])
def test_functions_that_take_a_text(recipient, name):
    """The text is not shown by any frame of ours: it may be a file that nobody encrypted."""
    settings = {"keks": [recipient]} if name == "encrypt" else {}
    with pytest.raises(yamlvault.YamlVaultError) as caught:
        getattr(yamlvault, name)(f"{PLAIN}[", **settings)
    assert MARK not in trace_of(caught.value)


class Loader(yaml.SafeLoader):
    """A loader of the caller's that fails in its own way."""


class CustomError(Exception):
    pass


def _construct(_loader, node):
    value = node.value
    raise CustomError(len(value))


Loader.add_constructor("!custom", _construct)


def test_what_a_loader_raises(load):
    """An error that is not ours keeps its lines, and loses the locals of its frames."""
    with pytest.raises(CustomError) as caught:
        load(f"a: !custom {MARK}\n", str, loader=Loader)
    shown = trace_of(caught.value)
    assert "in _construct\n" in shown
    assert MARK not in shown


def handling(action):
    """Do something while an error of the caller's is being handled."""

    def failing():
        local = "of the caller"
        raise LookupError(local)

    try:
        failing()
    except LookupError:
        action()


def test_a_context_of_the_callers():
    """What the caller is handling becomes the context; what an error was made of does not."""

    @without_locals
    def made_of_another():
        try:
            int(MARK)
        except ValueError as error:
            raise yamlvault.DocumentError("what failed") from error

    with pytest.raises(yamlvault.DocumentError) as caught:
        handling(made_of_another)
    assert MARK not in trace_of(caught.value)
    assert isinstance(caught.value.__context__, LookupError)


def test_frames_of_the_callers(load):
    """They keep their locals, also those of what the caller is handling."""
    with pytest.raises(CustomError) as caught:
        handling(lambda: load(f"a: !custom {MARK}\n", str, loader=Loader))
    frames = traceback.walk_tb(caught.value.__context__.__traceback__)
    assert [frame.f_locals.get("local") for frame, _ in frames][-1] == "of the caller"


def test_an_uncaught_error_shows_its_hint_once(tmp_path):
    """Who reads a traceback at night reads where, what, and what to do."""
    file = tmp_path / "secrets.yml"
    file.write_text(PLAIN)
    for call in (yamlvault.load, yamlvault.Vault().load):
        with pytest.raises(yamlvault.NotEncryptedError) as caught:
            call(file)
        shown = "".join(traceback.format_exception(caught.value))
        assert shown.endswith(
            f"NotEncryptedError: {file}: not encrypted\nhint: encrypt it: yamlvault encrypt FILE\n"
        )
        assert shown.count("hint:") == 1


def test_an_interruption_shows_nothing_either():
    """Ctrl-C within a load is no error of ours, and its frames hold plaintext."""

    @without_locals
    def interrupted(text):
        raise KeyboardInterrupt(len(text))

    with pytest.raises(KeyboardInterrupt) as caught:
        interrupted(MARK)
    assert MARK not in trace_of(caught.value)


def test_functions_keep_their_names_and_arguments():
    """`help` and editors show what is called."""
    assert yamlvault.loads.__name__ == "loads"
    assert yamlvault.Vault.load.__doc__.startswith("Return the data of an encrypted file")
    assert sys.modules["yamlvault.vault"].Vault.decrypt.__qualname__ == "Vault.decrypt"
