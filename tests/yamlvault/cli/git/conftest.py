"""Real git repositories, with a home and a configuration of their own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
from git_session import Repository


@pytest.fixture
def fresh(session):
    """An empty repository."""
    return Repository(session)


@pytest.fixture
def bare(ready):
    """A repository with an encrypted file that is committed; yamlvault is not installed in it."""
    made = Repository(ready)
    ready.ok("encrypt", "secrets.yml")
    made.commit()
    return made


@pytest.fixture
def repository(ready):
    """A repository with an encrypted file that is committed, and yamlvault installed in it."""
    made = Repository(ready)
    ready.ok("encrypt", "secrets.yml")
    ready.ok("git", "install")
    made.commit()
    return made


@pytest.fixture
def shared(team):
    """A repository with a file of several scopes, committed; yamlvault is installed in it."""
    made = Repository(team.session)
    team.encrypted()
    team.ok(None, "git", "install")
    made.commit()
    return made


def changed(diff: str) -> list[str]:
    """Return the lines of a diff that were added or removed."""
    return [
        line
        for line in diff.splitlines()
        if line.startswith(("+", "-")) and not line.startswith(("+++", "---"))
    ]


@pytest.fixture(name="changed")
def _changed():
    return changed
