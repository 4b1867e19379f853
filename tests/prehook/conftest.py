"""Fixtures of the process tests."""

import pytest
from sessions import NAMESPACE, Session, end_all, needs_namespace


@pytest.fixture
def start(tmp_path):
    sessions = []

    def begin(*arguments, **options):
        directory = tmp_path / f"session{len(sessions)}"
        directory.mkdir()
        sessions.append(Session(directory, arguments, **options))
        return sessions[-1]

    yield begin
    for session in sessions:
        end_all(session.process)


@pytest.fixture(
    params=[
        pytest.param((), id="child"),
        pytest.param(NAMESPACE, id="pid1", marks=[pytest.mark.root, needs_namespace]),
    ]
)
def prefix(request):
    """How prehook is started: as an ordinary child, and as PID 1 of a PID namespace."""
    return request.param


@pytest.fixture
def script(tmp_path):
    """Write an executable file and return its path."""

    def write(name, content, mode=0o755):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(mode)
        return str(path)

    return write
