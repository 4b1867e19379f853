"""Forks: a keyring that was used in a parent process works in its children."""

import os
import subprocess
import sys

import pytest

FORK = """
import os, sys
from yamlvault import Keyring
from yamlvault.deadline import Deadline
from yamlvault.kek import kek_of

lines = []
keyring = Keyring([], tell=lines.append)
kek = kek_of({uri!r}, keyring)
stanza = kek.wrap(bytes(32), {{}}, Deadline(60))
for _ in range({depth}):
    if child := os.fork():
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert kek.unwrap(stanza, Deadline(60)) == bytes(32)
        sys.exit(status)
    lines.clear()
    assert kek.unwrap(stanza, Deadline(60)) == bytes(32)
    assert kek.unwrap(stanza, Deadline(60)) == bytes(32)
    print(*lines, flush=True)
"""


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize(
    ("forced", "says"),
    [
        ("", "KMS through the light client: nothing asks for boto3"),
        ("light", "KMS through the light client: YAMLVAULT_KMS_CLIENT asks for it"),
        ("sdk", "KMS through boto3: YAMLVAULT_KMS_CLIENT asks for it"),
    ],
)
def test_after_a_fork(moto, tmp_path, forced, says, depth):
    """Child, grandchild and parent all open the stanza, and end as they should."""
    done = subprocess.run(
        [sys.executable, "-c", FORK.format(uri=f"aws-kms:{moto.key()}", depth=depth)],
        cwd=tmp_path,
        env=os.environ | {"YAMLVAULT_KMS_CLIENT": forced},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(says) == depth


FIRST_IN_CHILD = """
import os, sys
from yamlvault import Keyring
from yamlvault.deadline import Deadline
from yamlvault.kek import kek_of

if child := os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
lines = []
kek = kek_of({uri!r}, Keyring([], tell=lines.append))
stanza = kek.wrap(bytes(32), {{}}, Deadline(60))
print(kek.unwrap(stanza, Deadline(60)) == bytes(32), lines)
"""


def test_a_child_that_uses_kms_first(moto, tmp_path):
    """A fork before the first use costs nothing: the light client is the child's own."""
    done = subprocess.run(
        [sys.executable, "-c", FIRST_IN_CHILD.format(uri=f"aws-kms:{moto.key()}")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("True ['KMS through the light client")
