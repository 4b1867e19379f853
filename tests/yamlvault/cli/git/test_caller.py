"""Which git command asks for a textconv."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from yamlvault.cli.git import caller

ASK = "from yamlvault.cli.git import caller; print(caller.keeps_nothing())"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["git", "commit", "-v"], "False"),
        (["/usr/bin/git", "-C", "x", "-c", "a=b", "--no-pager", "commit"], "False"),
        (["git-commit"], "False"),
        (["git", "merge", "--continue"], "False"),
        (["git", "-c", "commit.verbose=true", "rebase", "--continue"], "False"),
        (["git", "something-new"], "False"),
        (["git"], "False"),
        (["git", "log", "commit"], "True"),
        (["git", "-C", "commit", "diff"], "True"),
        (["git-show"], "True"),
        (["sh", "commit"], "True"),
    ],
)
@pytest.mark.parametrize("depth", [0, 1])
def test_by_its_arguments(words, expected, depth):
    """It is told by the subcommand of the nearest git above, with a shell in between or not."""
    inner = '"$PYTHON" -c "$ASK"; :'
    environment = {**os.environ, "PYTHON": sys.executable, "ASK": ASK, "INNER": inner}
    # a shell under the name of git: it takes the words behind its script for its parameters
    name, *rest = words
    done = subprocess.run(
        [name, "-c", 'sh -c "$INNER"; :' if depth else inner, *rest],
        executable="/bin/sh",
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{expected}\n"


def test_by_ps():
    """Without a /proc ps says it."""
    if shutil.which("ps") is None:
        pytest.skip("there is no ps here")
    parent, words, is_exact = caller._from_ps(os.getpid())
    assert parent == os.getppid()
    assert words
    assert not is_exact
    assert caller._from_proc(os.getpid())[0] == parent


def test_an_unknown_process():
    """A process that is gone is nobody's."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert caller._from_proc(child.pid) is None
    assert caller._from_ps(child.pid) is None
