"""The hook that `.pre-commit-hooks.yaml` offers, run by the real pre-commit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
MANIFEST = ROOT / ".pre-commit-hooks.yaml"


class Repository:
    """A git repository with pre-commit in it, in which the hook runs as it is shipped.

    But for the language: an environment of its own would be installed from a package registry.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.folder.mkdir()
        home = folder / "home"
        home.mkdir()
        self.environment = {
            "HOME": str(home),
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "PRE_COMMIT_HOME": str(folder / "cache"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": "x", "GIT_AUTHOR_EMAIL": "x@example.com",
            "GIT_COMMITTER_NAME": "x", "GIT_COMMITTER_EMAIL": "x@example.com",
        }  # fmt: skip
        (hook,) = yaml.safe_load(MANIFEST.read_text())
        config = {"repos": [{"repo": "local", "hooks": [{**hook, "language": "system"}]}]}
        self.write(".pre-commit-config.yaml", json.dumps(config))
        self.run("git", "init", "-q")
        self.run("pre-commit", "install")
        self.run("yamlvault", "init")

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def run(self, *words: str, status: int = 0) -> str:
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout
        return done.stdout

    def commit(self, *, status: int = 0) -> str:
        self.run("git", "add", ".")
        return self.run("git", "commit", "-m", "x", status=status)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_the_manifest_is_valid():
    """pre-commit takes the manifest."""
    subprocess.run([BIN / "pre-commit", "validate-manifest", MANIFEST], check=True)


def test_a_plaintext_secret_is_not_committed(repository):
    """A commit with a plaintext secret fails and says where; encrypted, it is made."""
    repository.write("secrets.yml", "a: marker\n")
    said = repository.commit(status=1)
    assert "secrets.yml:1:1: not encrypted: 1 scalar that is to be sealed" in said
    assert "hint: plaintext-file: yamlvault encrypt FILE" in said
    assert "marker" not in said
    repository.run("yamlvault", "encrypt", "secrets.yml")
    assert "Passed" in repository.commit()


def test_other_files_are_let_through(repository):
    """Files of other kinds, and YAML and JSON that no rule is for, are no hindrance."""
    repository.write("app.yml", "password: one\n")
    repository.write("app.json", '{"a": [1]}')
    repository.write("broken.yaml", "a: [\n")
    repository.write("main.py", "yamlvault = 'yv1.'\n")
    assert "Passed" in repository.commit()


def test_what_is_committed_is_checked(repository):
    """A secret in the work tree that is not part of the commit does not stop it."""
    repository.write("secrets.yml", "a: 1\n")
    repository.run("yamlvault", "encrypt", "secrets.yml")
    repository.commit()
    repository.write("secrets.yml", (repository.folder / "secrets.yml").read_text() + "b: 2\n")
    repository.write("app.yml", "a: 1\n")
    repository.run("git", "add", "app.yml")
    assert "Passed" in repository.run("git", "commit", "-m", "x")
    assert "(plaintext-scalar)" in repository.commit(status=1)
