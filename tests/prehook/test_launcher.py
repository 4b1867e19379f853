import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from sessions import PREHOOK, run

PACKAGES = Path(sysconfig.get_path("purelib"))
VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"


def layout(root, packages, python=None):
    """Lay out an installation below `root`: its script, its packages and maybe its interpreter."""
    (root / "bin").mkdir(parents=True)
    shutil.copy(PREHOOK, root / "bin/prehook")
    shutil.copytree(PACKAGES / "prehook", root / packages / "prehook")
    if python:
        (root / "bin" / python).symlink_to(os.path.realpath(sys.executable))
    return root / "bin/prehook"


def check(command, **options):
    result = subprocess.run(
        [*command, "-q", "echo hook", "--", "echo", "CMD"],
        capture_output=True,
        check=False,
        **options,
    )
    assert (result.stderr, result.stdout, result.returncode) == (b"", b"hook\nCMD\n", 0)


def test_is_a_script_for_both():
    """A shell and Python read the same file; it is small, as it is compiled at each start."""
    text = Path(PREHOOK).read_text()
    assert text.startswith("#!/bin/sh\n")
    compile(text, PREHOOK, "exec", dont_inherit=True)
    assert len(text) < 3000


def test_through_symbolic_links(tmp_path):
    """Tools (pipx, uv) link the script into a directory of its own; links can be relative."""
    real = layout(tmp_path / "venv", f"lib/{VERSION}/site-packages", "python3")
    (tmp_path / "one").symlink_to(real)
    (tmp_path / "local").mkdir()
    (tmp_path / "local/prehook").symlink_to("../one")
    check([tmp_path / "local/prehook"])


def test_found_in_path(tmp_path):
    """By its name, by a relative path and from another directory."""
    check(["prehook"], env={**os.environ, "PATH": f"{Path(PREHOOK).parent}:/usr/bin:/bin"})
    check(["./prehook"], cwd=Path(PREHOOK).parent)
    check(["sh", "prehook"], cwd=Path(PREHOOK).parent)
    check(["bash", "prehook"], env={"PATH": f"{Path(PREHOOK).parent}:/usr/bin:/bin"}, cwd=tmp_path)


@pytest.mark.parametrize("packages", ["site-packages", "dist-packages"])
def test_without_interpreter_beside_it(tmp_path, packages):
    """`pip install --user` and Debian: the interpreter is found by the name of its version."""
    script = layout(tmp_path / "a b", f"lib/{VERSION}/{packages}")
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / VERSION).symlink_to(os.path.realpath(sys.executable))
    check([script], env={"PATH": f"{tools}:/usr/bin:/bin"})


def test_without_packages_site_is_asked(tmp_path):
    """Where the packages are not beside it (an editable install), `site` finds them, slower."""
    script = layout(tmp_path / "venv", "elsewhere")
    venv = tmp_path / "venv"
    (venv / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).resolve().parent}\n")
    (venv / "bin/python3").symlink_to(os.path.realpath(sys.executable))
    site = venv / f"lib/{VERSION}/site-packages"
    site.mkdir(parents=True)
    (site / "editable.pth").write_text(f"{venv / 'elsewhere'}\n")
    check([script])


def test_no_interpreter(tmp_path):
    """Without any there is one clear message and 127."""
    script = layout(tmp_path / "x", "lib/python3.99/site-packages")
    shell = tmp_path / "only-sh"
    shell.mkdir()
    script.write_text(script.read_text().replace("/usr/", f"{tmp_path}/nosuch/"))
    result = subprocess.run(
        [script, "true", "--", "true"], capture_output=True, check=False, env={"PATH": str(shell)}
    )
    assert result.returncode == 127
    assert result.stderr.startswith(b"prehook: no Python interpreter for ")
    assert result.stderr.count(b"\nhint: ") == 1


def test_imports_only_what_is_builtin():
    """The way to CMD loads nothing from the standard library but builtin modules and codecs."""
    site = str(PACKAGES)
    hook = "true"
    result = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-X",
            "utf8",
            "-X",
            "importtime",
            PREHOOK,
            site,
            "",
            "",
            hook,
            "--",
            "true",
        ],
        capture_output=True,
        check=True,
    )
    names = {line.rpartition("|")[2].strip() for line in result.stderr.decode().splitlines()[1:]}
    bare = subprocess.run(
        [sys.executable, "-I", "-S", "-X", "importtime", "-c", "pass"],
        capture_output=True,
        check=True,
    )
    names -= {line.rpartition("|")[2].strip() for line in bare.stderr.decode().splitlines()[1:]}
    assert {name for name in names if not name.startswith("prehook")} <= set(
        sys.builtin_module_names
    )


def test_byte_code_is_cached():
    """A start doesn't compile the package: the installer or the first start has."""
    run("true", "--", "true")
    tag = sys.implementation.cache_tag
    assert (PACKAGES / f"prehook/__pycache__/chain.{tag}.pyc").exists()
