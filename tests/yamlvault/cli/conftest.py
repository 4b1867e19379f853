"""Black-box sessions with the installed `yamlvault`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pyrage
import pytest

YAMLVAULT = str(Path(sys.executable).with_name("yamlvault"))

PLAIN = """\
# database
default: &default
  host: db.internal
  port: 5432

production:
  <<: *default
  password: "s3cr\\tet-marker"   # rotate me
  pem: |
    -----BEGIN X-----
    marker
    -----END X-----
"""


class Session:
    """A folder with a home of its own, and the command run in it."""

    program = YAMLVAULT
    plain = PLAIN

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        self.folder = folder / "work"
        self.folder.mkdir()
        self.file = self.folder / "secrets.yml"
        self.file.write_bytes(PLAIN.encode())
        self.environment = {"HOME": str(self.home), "PATH": os.environ["PATH"]}

    def run(self, *words: str, **settings) -> subprocess.CompletedProcess[str]:
        """Run yamlvault; standard output and error are text."""
        environment = self.environment | settings.pop("env", {})
        return subprocess.run(
            [YAMLVAULT, *words],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=60,
            check=False,
            **{"stdin": subprocess.DEVNULL} | settings if "input" not in settings else settings,
        )

    def ok(self, *words: str, **settings) -> str:
        """Run yamlvault, which succeeds, and return its standard output."""
        done = self.run(*words, **settings)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refused(self, *words: str, status: int = 1, **settings) -> str:
        """Run yamlvault, which refuses with one clear error; return its standard error."""
        done = self.run(*words, **settings)
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        assert done.stdout == ""
        assert done.stderr.startswith("yamlvault")
        assert "Traceback" not in done.stderr
        assert "internal error" not in done.stderr
        assert "marker" not in done.stderr
        assert done.stderr.count("\n") <= 2, done.stderr
        return done.stderr

    def files(self) -> dict[str, bytes]:
        """Return the files of the folder with their contents."""
        return {path.name: path.read_bytes() for path in sorted(self.folder.iterdir())}


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


@pytest.fixture
def ready(session: Session) -> Session:
    """A session in which `yamlvault init` was run."""
    session.ok("init")
    return session


@pytest.fixture
def encrypted(ready: Session) -> Session:
    """A session whose file is encrypted."""
    ready.ok("encrypt", "secrets.yml")
    return ready


@pytest.fixture
def interruptible():
    """Let children get SIGINT also where this process was started with it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Team:
    """People with an identity each, and a file of which each has a part."""

    plain = (
        "# shop\nname: shop\nann:\n  host: ann.internal\n  password: ann-marker  # hers\n"
        "ben:\n  password: ben-marker\nboth:\n  token: both-marker\n"
    )

    def __init__(self, session: Session) -> None:
        self.session = session
        self.folder, self.file = session.folder, session.file
        self.identities = {name: pyrage.x25519.Identity.generate() for name in ("ann", "ben")}
        self.identities["admin"] = pyrage.x25519.Identity.generate()
        self.file.write_text(self.plain)
        self.rule()

    def kek(self, name: str) -> str:
        """Return the KEK URI of somebody."""
        return f"age:{self.identities[name].to_public()}"

    def env(self, name: str | None) -> dict[str, str]:
        """Return the environment of somebody; None for who has no identity."""
        return {} if name is None else {"YAMLVAULT_AGE_KEY": str(self.identities[name])}

    def rule(self, *, append: bool = False, files: str = '["*secrets*"]', **keks: str) -> None:
        """Write `.yamlvault.yml`, with other people for a scope where they are given."""
        who = {"ann": "ann admin", "ben": "ben admin", "both": "ann ben admin"} | keks
        lines = [f"rules:\n  - files: {files}\n    append: {str(append).lower()}\n    scopes:\n"]
        for scope, names in who.items():
            uris = ", ".join(f'"{self.kek(name)}"' for name in names.split())
            lines.append(f"      - paths: [$.{scope}]\n        keks: [{uris}]\n")
            if scope == "ann":
                lines.append("        seal: [$.ann.password]\n")
        (self.folder / ".yamlvault.yml").write_text("".join(lines))

    def ok(self, name: str | None, *words: str, **settings) -> str:
        """Run yamlvault as somebody; it succeeds."""
        return self.session.ok(*words, env=self.env(name), **settings)

    def run(self, name: str | None, *words: str, **settings) -> subprocess.CompletedProcess[str]:
        """Run yamlvault as somebody."""
        return self.session.run(*words, env=self.env(name), **settings)

    def refused(self, name: str | None, *words: str, **settings) -> str:
        """Run yamlvault as somebody; it refuses."""
        return self.session.refused(*words, env=self.env(name), **settings)

    def encrypted(self, **options: object) -> Team:
        """Encrypt the file; nobody's identity is needed for that."""
        self.rule(**options)  # type: ignore[arg-type]
        self.ok(None, "encrypt", "secrets.yml")
        return self


@pytest.fixture
def team(session: Session) -> Team:
    return Team(session)


@pytest.fixture
def desk(encrypted: Session):
    """A session whose file is encrypted, with a folder in memory and an editor."""
    from editing import desk_of

    with desk_of(encrypted) as desk:
        yield desk


@pytest.fixture
def team_desk(team: Team):
    """The same for several people, who have encrypted nothing yet."""
    from editing import desk_of

    with desk_of(team.session) as desk:
        yield desk
