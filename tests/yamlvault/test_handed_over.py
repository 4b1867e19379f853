"""`load()` of what was handed over: the descriptor in YAMLVAULT_FD."""

import fcntl
import os
import sys

import pytest
import yaml

import yamlvault

needs_memfd = pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="needs memfd_create(2)")
pytestmark = needs_memfd
SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK
TEXT = "database:\n  url: postgres://db\n  pool: 8\nhosts: [a, b]\n"


@pytest.fixture
def handed(monkeypatch):
    """Hand over a text, in a file in memory with seals."""
    descriptors = []

    def hand(text, seals=SEALS):
        descriptor = os.memfd_create("handed", os.MFD_ALLOW_SEALING)
        descriptors.append(descriptor)
        os.write(descriptor, text if isinstance(text, bytes) else text.encode())
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
        monkeypatch.setenv("YAMLVAULT_FD", str(descriptor))
        return descriptor

    yield hand
    for descriptor in descriptors:
        os.close(descriptor)


def refusal(kind=yamlvault.FileError, **settings):
    with pytest.raises(kind) as caught:
        yamlvault.load(**settings)
    assert caught.value.source == "YAMLVAULT_FD"
    assert caught.value.hint
    return str(caught.value)


def test_all_and_parts(handed):
    """Without a path it is everything; a path begins at what was handed over."""
    handed(TEXT)
    assert yamlvault.load() == yaml.safe_load(TEXT)
    assert yamlvault.load(path="$.database.pool") == 8
    assert yamlvault.load(path="$.hosts[1]") == "b"
    assert yamlvault.Vault().load(path="$.database") == {"url": "postgres://db", "pool": 8}


def test_any_number_of_times(handed):
    """The offset, which processes share, counts for nothing and stays as it was."""
    descriptor = handed(TEXT)
    os.lseek(descriptor, 5, os.SEEK_SET)
    assert yamlvault.load() == yamlvault.load() == yaml.safe_load(TEXT)
    assert os.lseek(descriptor, 0, os.SEEK_CUR) == 5


def test_loader(handed):
    """A loader of the caller's makes the data."""

    class AllText(yaml.SafeLoader):
        pass

    AllText.yaml_implicit_resolvers = {}
    handed(TEXT)
    assert yamlvault.load(path="$.database.pool", loader=AllText) == "8"


def test_what_says_how_to_open_does_not_count(handed):
    """It is open already: neither a keyring that opens nothing nor `missing` changes anything."""
    handed(TEXT)
    keyring = yamlvault.Keyring([])
    assert yamlvault.load(keyring=keyring, missing="omit") == yaml.safe_load(TEXT)


@pytest.mark.parametrize("text", ["", "# nothing\n"])
def test_nothing(handed, text):
    """An empty document is None, as for a file."""
    handed(text)
    assert yamlvault.load() is None


def test_not_set(monkeypatch):
    """With neither a file nor something handed over the error says what to do."""
    monkeypatch.delenv("YAMLVAULT_FD", raising=False)
    assert "is not set: no file is named" in refusal()
    monkeypatch.setenv("YAMLVAULT_FD", "")
    assert "is not set" in refusal()


@pytest.mark.parametrize("number", ["abc", "-1", "3.0", " 3", "99999999999999999999", "\uff14"])
def test_no_number(monkeypatch, number):
    """What is no descriptor's number is refused."""
    monkeypatch.setenv("YAMLVAULT_FD", number)
    assert "not the number of a descriptor" in refusal()


def test_closed(monkeypatch):
    """A number without a descriptor is told from one with another file."""
    monkeypatch.setenv("YAMLVAULT_FD", "987")
    assert refusal() == "YAMLVAULT_FD: descriptor 987 is closed in this process"


@pytest.mark.parametrize("missing", [1, 2, 4], ids=["write", "grow", "shrink"])
def test_seals(handed, missing):
    """Each of the three seals is needed: without it who has the file could change it."""
    one = [fcntl.F_SEAL_WRITE, fcntl.F_SEAL_GROW, fcntl.F_SEAL_SHRINK][missing // 2]
    handed(TEXT, SEALS & ~one)
    assert "is no sealed file in memory" in refusal(yamlvault.IntegrityError)


def test_an_ordinary_file(monkeypatch, tmp_path):
    """A file on a disk, a pipe and a terminal are no sealed files."""
    path = tmp_path / "plain.yml"
    path.write_text(TEXT)
    with path.open() as file:
        monkeypatch.setenv("YAMLVAULT_FD", str(file.fileno()))
        assert "is no sealed file in memory" in refusal(yamlvault.IntegrityError)


def test_paths_that_name_nothing(handed):
    """A key path of the whole file names nothing in a part: the error says what there is."""
    handed(TEXT)
    message = refusal(yamlvault.KeyPathError, path="$.production.database")
    assert message == "YAMLVAULT_FD: key path $.production.database names nothing in the file"


@pytest.mark.parametrize(
    "text", ["a: [secret-value", "a: !!int secret-value", b"\xff secret-value"]
)
def test_no_value_in_errors(handed, text):
    """What can't be read is an error without an excerpt."""
    handed(text)
    with pytest.raises(yamlvault.DocumentError) as caught:
        yamlvault.load()
    assert "secret-value" not in f"{caught.value!r} {caught.value} {caught.value.hint}"
    assert "secret-value" not in repr(_locals(caught.tb))


def test_who_has_no_such_files(handed, monkeypatch):
    """Where the system has no seals, that is said, and a file has to be named."""
    handed(TEXT)
    monkeypatch.delattr(fcntl, "F_GET_SEALS")
    assert "nothing can be handed over on this system" in refusal()


def _locals(trace):
    found = []
    while trace:
        if trace.tb_frame.f_code.co_filename != __file__:
            found.append(dict(trace.tb_frame.f_locals))
        trace = trace.tb_next
    return found


def test_imports():
    """`import yamlvault` alone loads nothing of it."""
    assert "fcntl" in sys.modules  # by this test
    import subprocess

    code = "import sys, yamlvault; print('yamlvault.handover' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
