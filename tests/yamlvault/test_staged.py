"""New content for a file: complete before it takes the place of the old one."""

import errno
import os
import stat

import pytest

from yamlvault import storage
from yamlvault.errors import FileError
from yamlvault.staged import Staged, is_mount_point, overwrite


@pytest.fixture(params=["unnamed", "named", "refused"], autouse=True)
def temporary(request, monkeypatch):
    """With nameless files, on systems without them, and on file systems without them."""
    if request.param == "named":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    elif request.param == "refused":
        real = os.open

        def refusing(path, flags, *rest, **options):
            if flags & os.O_TMPFILE == os.O_TMPFILE:
                raise OSError(errno.EOPNOTSUPP, "not supported")
            return real(path, flags, *rest, **options)

        monkeypatch.setattr(os, "open", refusing)
    return request.param


def descriptors():
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o400, 0o6755])
def test_mode_under_any_umask(mode, tmp_path):
    """The mode is the one that was asked for, the umask takes nothing from it."""
    before = os.umask(0o077)
    try:
        with Staged(str(tmp_path / "x"), b"data", mode, None) as staged:
            staged.commit()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == mode
    assert (tmp_path / "x").read_bytes() == b"data"
    assert os.listdir(tmp_path) == ["x"]


def test_a_name_without_a_folder(tmp_path, monkeypatch):
    """A bare name is one in the current folder."""
    monkeypatch.chdir(tmp_path)
    with Staged("x", b"1", 0o600, None) as staged:
        staged.commit(new=True)
    assert (tmp_path / "x").read_bytes() == b"1"


@pytest.mark.parametrize(
    "name", ["x" * 255, "é" * 127, "\U0001f511" * 63, "a\nb", "-x", os.fsdecode(b"\xff" * 255)]
)
def test_any_name_that_a_file_can_have(name, tmp_path):
    """The name of the staged file fits whatever the name of the target is."""
    path = str(tmp_path / name)
    storage.create(path, b"1")
    storage.write(path, b"2")
    assert storage.read(path) == b"2"
    assert os.listdir(tmp_path) == [name]


def test_nobody_reads_it_before_it_is_there(tmp_path, temporary):
    """Until it is committed only its owner can read it, and there is nothing at its place."""
    with Staged(str(tmp_path / "x"), b"secret", 0o600, None):
        names = os.listdir(tmp_path)
        assert len(names) == (temporary != "unnamed")
        for name in names:
            assert name.startswith(".x.")
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == []


def test_new_never_replaces(tmp_path):
    """With `new` a file that came in between is kept, and nothing is left beside it."""
    with Staged(str(tmp_path / "x"), b"mine", 0o600, None) as staged:
        (tmp_path / "x").write_text("theirs")
        with pytest.raises(FileExistsError):
            staged.commit(new=True)
    assert (tmp_path / "x").read_text() == "theirs"
    assert os.listdir(tmp_path) == ["x"]


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    """Where the disk is full, or the owner can't be set, no file and no descriptor is left."""
    before = descriptors()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        Staged(str(tmp_path / "x"), b"data", 0o600, None)
    with pytest.raises(FileError, match="No space left") as caught:
        storage.create(str(tmp_path / "x"), b"data")
    assert "make room" in caught.value.hint
    assert os.listdir(tmp_path) == []
    assert descriptors() == before


def test_an_interrupt_leaves_nothing(tmp_path, monkeypatch):
    """An interrupt while it is written leaves no file and no descriptor either."""
    before = descriptors()

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fchmod", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Staged(str(tmp_path / "x"), b"data", 0o600, None)
    assert os.listdir(tmp_path) == []
    assert descriptors() == before


def test_a_missing_folder(tmp_path):
    """A folder that is not there is not made."""
    with pytest.raises(FileNotFoundError):
        Staged(str(tmp_path / "a/x"), b"", 0o600, None)
    with pytest.raises(FileError, match="can't be made: No such file"):
        storage.create(str(tmp_path / "a/x"), b"")


@pytest.mark.parametrize("data", [b"", b"short", b"longer than before"])
def test_overwrite(data, tmp_path):
    """Writing in place leaves exactly the new content."""
    file = tmp_path / "x"
    file.write_bytes(b"old content")
    descriptor = os.open(file, os.O_RDWR)
    try:
        overwrite(descriptor, data)
    finally:
        os.close(descriptor)
    assert file.read_bytes() == data


def test_mount_points(tmp_path):
    """A file that is no mount point is none; the root is one."""
    assert not is_mount_point(str(tmp_path / "x"))
    assert is_mount_point("/")
