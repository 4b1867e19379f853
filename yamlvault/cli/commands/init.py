"""`yamlvault init`."""

from __future__ import annotations

import os
import shlex

from yamlvault import config, storage
from yamlvault.cli import say, say_hint
from yamlvault.config.pattern import flaw
from yamlvault.document.quote import double_quoted
from yamlvault.errors import FileError, UsageError, YamlVaultError
from yamlvault.keyring import AGE_KEY_FILE, Keyring, default_identity_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from yamlvault.cli.parser import Parser

_PATTERNS = ("*secrets*.yml", "*secrets*.yaml")

_IDENTITY = """\
# An age identity of yamlvault: who has this file can decrypt. Never commit it.
# recipient: {recipient}
{identity}
"""

_CONFIG = """\
# What yamlvault encrypts, and for whom. The first rule whose `files` match holds.
rules:
  - files: [{files}]
    # key paths of what is sealed: "$" is everything, "$.production" a part
    seal: ["$"]
    # any one of them opens the files; recipients are no secrets
    keks:
      - {kek}
"""

EXAMPLES = """
# for files that have `secrets` in their name
yamlvault init
# for others, with the identity in a file that you choose
yamlvault init --identity ~/keys/shop.txt 'config/*.yml'
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.add_argument(
        "--identity", metavar="FILE", help="where the identity goes (default: in your home)"
    )
    command.add_argument(
        "files",
        nargs="*",
        metavar="PATTERN",
        help="the files that the first rule is for (default: *secrets*.yml, *secrets*.yaml)",
    )


def run(arguments: Namespace) -> int:
    """Make what is missing; never touch what is there."""
    _check_patterns(arguments.files)
    recipient = _recipient(arguments.identity)
    kek = f"age:{recipient}"
    if os.path.lexists(config.NAME):
        say(f"{config.NAME} is there already, and not changed")
        if arguments.files:
            say_hint(f"add to the `files` of a rule: {', '.join(arguments.files)}")
        if kek not in [uri for rule in _rules() for scope in rule.scopes for uri in scope.keks]:
            say_hint(f'add your recipient to its `keks`: "{kek}"')
        return 0
    text = _CONFIG.format(
        files=", ".join(map(double_quoted, arguments.files or _PATTERNS)), kek=double_quoted(kek)
    )
    storage.create(config.NAME, text.encode())
    say(f"{config.NAME} made: commit it")
    say("next: yamlvault encrypt FILE")
    return 0


def _check_patterns(patterns: Sequence[str]) -> None:
    """Refuse a pattern that no file can match, before a rule has it."""
    for pattern in patterns:
        if found := flaw(pattern, os.getcwd()):
            raise UsageError(f"{pattern}: {found.message}", hint=found.hint)


def _rules() -> Sequence[config.Rule]:
    return config.parse(storage.read(config.NAME), config.NAME).rules


def _recipient(file: str | None) -> str:
    """Return the recipient of the identity that is there, or of a new one."""
    if file is None:
        ring = Keyring()
        if recipients := ring.age_recipients():
            say(f"the identity in {ring.age_source} is used, and not changed")
            return recipients[0]
        if ring.age_identities():
            raise YamlVaultError(
                f"{ring.age_source} holds SSH keys: their recipients can't be computed",
                hint="encrypt with --kek 'age:ssh-ed25519 …', or unset the variable",
            )
        file = default_identity_file()
        if file is None:
            raise FileError(
                "there is no home to put an identity into", hint="say where: --identity FILE"
            )
    elif os.path.lexists(file):
        return _recipient_in(file)
    return _make_identity(file)


def _recipient_in(file: str) -> str:
    ring = Keyring([storage.read(file).decode(errors="replace")])
    ring.age_source = file
    recipients = ring.age_recipients()
    if not recipients:
        raise FileError(
            "is there, but holds no age identity",
            source=file,
            hint="name another file: one that is not there is made",
        )
    say(f"the identity in {file} is used, and not changed")
    return recipients[0]


def _make_identity(file: str) -> str:
    from pyrage import x25519

    identity = x25519.Identity.generate()
    recipient = str(identity.to_public())
    folder = os.path.dirname(os.path.abspath(file))
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError as error:
        raise FileError(
            f"can't be made: {error.strerror}",
            source=folder,
            hint="say where the identity goes: --identity FILE",
        ) from None
    text = _IDENTITY.format(recipient=recipient, identity=identity)
    storage.create(file, text.encode(), mode=storage.PRIVATE)
    say(f"{file} made: your identity; keep it, and keep it secret")
    named = os.environ.get(AGE_KEY_FILE) or default_identity_file() or ""
    if os.path.abspath(file) != os.path.abspath(named):
        say_hint(f"export {AGE_KEY_FILE}={shlex.quote(os.path.abspath(file))}")
    if _repository_of(folder):
        say_hint("it is inside a git repository: add it to .gitignore before you commit")
    return recipient


def _repository_of(folder: str) -> bool:
    while not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return False
        folder = parent
    return True
