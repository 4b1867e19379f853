"""Files are replaced whole, or stay whole."""

import errno
import os
import stat
import threading

import pytest

from yamlvault import storage
from yamlvault.errors import FileError
from yamlvault.staged import Staged


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=["unnamed", "named"], autouse=True)
def temporary(request, monkeypatch):
    """With files that have no name until they are complete, and where those can't be had."""
    if request.param == "named":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)


def test_replace_keeps_mode_and_owner(tmp_path):
    """The new content has the mode and the owner of the old one."""
    file = tmp_path / "x"
    file.write_text("old")
    file.chmod(0o604)
    if os.geteuid() == 0:
        os.chown(file, 12, 34)
    with storage.Locked(str(file)) as locked:
        assert locked.data == b"old"
        locked.replace(b"new")
    assert file.read_bytes() == b"new"
    assert mode(file) == 0o604
    if os.geteuid() == 0:
        assert (file.stat().st_uid, file.stat().st_gid) == (12, 34)
    assert os.listdir(tmp_path) == ["x"]


def test_a_new_file_has_what_the_umask_leaves(tmp_path):
    """A new file is made as others are; a private one is private under any umask."""
    before = os.umask(0o027)
    try:
        storage.write(str(tmp_path / "x"), b"1")
        os.umask(0)
        storage.write(str(tmp_path / "y"), b"1", mode=storage.PRIVATE)
    finally:
        os.umask(before)
    assert mode(tmp_path / "x") == 0o640
    assert mode(tmp_path / "y") == 0o600


def test_create_never_replaces(tmp_path):
    """A file that is there stays, a dangling symbolic link too."""
    (tmp_path / "x").write_text("old")
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("x", "link"):
        with pytest.raises(FileError, match="File exists"):
            storage.create(str(tmp_path / name), b"new")
    assert (tmp_path / "x").read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["link", "x"]


def test_links_are_followed(tmp_path):
    """The target of a symbolic link is replaced; the link stays."""
    (tmp_path / "x").write_text("old")
    (tmp_path / "link").symlink_to("x")
    storage.write(str(tmp_path / "link"), b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "x").read_text() == "new"


def test_what_is_not_committed_leaves_no_trace(tmp_path):
    """Staged content that is given up is gone, and so is its file."""
    (tmp_path / "x").write_text("old")
    with pytest.raises(KeyboardInterrupt), Staged(str(tmp_path / "x"), b"new", 0o600, None):
        raise KeyboardInterrupt
    assert os.listdir(tmp_path) == ["x"]
    assert (tmp_path / "x").read_text() == "old"


def test_failed_rename_leaves_no_trace(tmp_path):
    """Where the target can't be replaced, the new file goes away."""
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "y").write_text("")
    with Staged(str(tmp_path / "x"), b"new", 0o600, None) as staged, pytest.raises(OSError):
        staged.commit()
    assert os.listdir(tmp_path) == ["x"]


def test_a_pipe_is_written_to(tmp_path):
    """A pipe or a device is written to, not replaced."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()))
    reader.start()
    storage.write(str(pipe), b"through")
    reader.join()
    assert found == [b"through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_second_writer_waits_and_sees_what_the_first_wrote(tmp_path):
    """Read, change and write is one step: no writer works on what another has replaced."""
    file = tmp_path / "x"
    file.write_text("0")

    def count():
        for _ in range(25):
            with storage.Locked(str(file)) as locked:
                locked.replace(str(int(locked.data) + 1).encode())

    writers = [threading.Thread(target=count) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert file.read_text() == "100"


@pytest.fixture
def mounted(monkeypatch):
    """Let no file take the place of another, as where the file itself is mounted."""

    def busy(*_, **__):
        raise OSError(errno.EBUSY, "busy")

    monkeypatch.setattr(Staged, "commit", busy)
    monkeypatch.setattr(storage, "is_mount_point", lambda _: True)


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(errno.ENOSPC, "full")])
def test_an_interrupted_write_in_place_is_undone(tmp_path, monkeypatch, mounted, error):
    """Old content and mode are back, whatever stopped the write."""
    file = tmp_path / "x"
    file.write_text("old")
    file.chmod(0o640)
    overwrite = storage.overwrite

    def stop(descriptor, data):
        assert mode(file) == 0o600  # before a byte of what may be plaintext
        monkeypatch.setattr(storage, "overwrite", overwrite)
        overwrite(descriptor, data[:4])
        raise error

    monkeypatch.setattr(storage, "overwrite", stop)
    with pytest.raises((KeyboardInterrupt, FileError)), storage.Locked(str(file)) as locked:
        locked.replace(b"new content", mode=0o600)
    assert file.read_text() == "old"
    assert mode(file) == 0o640
