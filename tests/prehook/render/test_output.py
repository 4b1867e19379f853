import os
import stat
import subprocess
import sys

import pytest

from prehook.render.errors import RenderError
from prehook.render.output import Output, write_all


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_mode_is_exact_whatever_the_umask(tmp_path):
    """Neither an open nor a strict umask changes the mode that was asked for."""
    for umask in (0, 0o077):
        old = os.umask(umask)
        try:
            write_all([Output(str(tmp_path / "x"), b"1", 0o640)])
        finally:
            os.umask(old)
        assert mode(tmp_path / "x") == 0o640


def test_existing_file_keeps_its_mode(tmp_path):
    """Unless told, mode and owner are those of the file that is replaced."""
    path = tmp_path / "x"
    path.write_text("old")
    path.chmod(0o604)
    if os.geteuid() == 0:
        os.chown(path, 1234, 4321)
    write_all([Output(str(path), b"new", None)])
    assert (path.read_text(), mode(path)) == ("new", 0o604)
    if os.geteuid() == 0:
        assert (path.stat().st_uid, path.stat().st_gid) == (1234, 4321)


def test_symbolic_link_stays(tmp_path):
    """What a link points to is written, also if it is not there yet."""
    (tmp_path / "link").symlink_to("real")
    write_all([Output(str(tmp_path / "link"), b"x", None)])
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"x"


def test_file_is_replaced_not_rewritten(tmp_path):
    """Who has the old file open still reads it, whole."""
    path = tmp_path / "x"
    path.write_text("old")
    with path.open() as reader:
        write_all([Output(str(path), b"new!", None)])
        assert reader.read() == "old"
    assert os.listdir(tmp_path) == ["x"]


def test_what_is_no_file_is_refused(tmp_path):
    """A directory and a device are not written to."""
    for path in (str(tmp_path), "/dev/null"):
        with pytest.raises(RenderError, match="not a regular file"):
            write_all([Output(path, b"x", None)])


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount")
def test_bind_mounted_file_is_written_in_place(tmp_path):
    """A mount point can't be renamed over (EBUSY): its content is replaced."""
    code = (
        "import sys; from prehook.render.output import *\n"
        "write_all([Output(sys.argv[1], b'new', 0o640)])"
    )
    (tmp_path / "source").write_text("old and longer")
    (tmp_path / "target").touch()
    script = f'mount --bind source target && "{sys.executable}" -c "$1" target && cat target'
    result = subprocess.run(
        ["unshare", "--mount", "sh", "-ec", script, "sh", code],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    if b"mount" in result.stderr and result.returncode:
        pytest.skip("can't mount here")
    assert (result.stdout, result.stderr) == (b"new", b"")
    assert mode(tmp_path / "source") == 0o640
    assert sorted(os.listdir(tmp_path)) == ["source", "target"]


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount")
@pytest.mark.parametrize("option", ["ro", "size=4k"])
def test_read_only_and_full_file_systems(tmp_path, option):
    """EROFS and ENOSPC: an error with the path and a hint; the old file is whole."""
    code = (
        "import sys; from prehook.render.cli import main\nsys.exit(main(['x.j2:d/x', 'y.j2:d/y']))"
    )
    (tmp_path / "d").mkdir()
    (tmp_path / "x.j2").write_text("new")
    (tmp_path / "y.j2").write_text("y" * 100_000)
    setup = "mount -t tmpfs -o size=16k none d; echo old >d/x; mount -o remount," + option + " d"
    script = f'{setup}; "{sys.executable}" -c "$1"; echo $?; ls -A d; cat d/x'
    result = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "sh", code],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert result.stdout == b"1\nx\nold\n", result.stderr
    assert result.stderr.startswith(b"prehook-render: " + os.fsencode(tmp_path / "d"))
    assert b"\nhint: " in result.stderr
