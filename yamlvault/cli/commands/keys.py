"""`yamlvault keys`."""

from __future__ import annotations

from yamlvault.cli import say, say_error, say_hint
from yamlvault.cli.options import asking
from yamlvault.cli.standard import Desk, print_bytes, read
from yamlvault.envelope import reason_closed
from yamlvault.source import read as read_source
from yamlvault.source import require_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from yamlvault.cli.parser import Parser
    from yamlvault.deadline import Deadline
    from yamlvault.format.metadata import Scope
    from yamlvault.keyring import Keyring

EXAMPLES = """
# your own recipients, to be named in .yamlvault.yml
yamlvault keys
# who can open a file
yamlvault keys secrets.yml
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="an encrypted file; without one, the identities at hand are listed",
    )
    asking(command)


def run(arguments: Namespace) -> int:
    """List who can open files, or the recipients of the identities at hand."""
    desk = Desk(arguments)
    ring = desk.keyring
    if not arguments.files:
        return _list_identities(ring)
    for file in arguments.files:
        with desk.at(file):
            source = read_source(read(file))
            metadata = require_metadata(source)
            lines = [f"{file}: yamlvault format 1, {len(source.sealed)} sealed scalars"]
            deadline = ring.deadline()
            for scope in metadata.scopes:
                lines += _scope_lines(scope, ring, deadline)
        print_bytes("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))
    return 0


def _list_identities(ring: Keyring) -> int:
    identities, recipients = ring.age_identities(), ring.age_recipients()
    if not identities:
        say_error("no identity is at hand")
        say_hint("yamlvault init makes one, YAMLVAULT_AGE_KEY_FILE names one")
        return 1
    print_bytes("".join(f"age:{recipient}\n" for recipient in recipients).encode())
    others = len(identities) - len(recipients)
    ssh = f" and {others} SSH key" if others else ""
    say(f"{len(recipients)} age identity{ssh} in {ring.age_source}")
    return 0


def _scope_lines(scope: Scope, ring: Keyring, deadline: Deadline) -> Iterator[str]:
    yield f"  {', '.join(scope.paths)} (seals {', '.join(scope.seal)})"
    for key in scope.keys:
        newest = ", the newest" if key is scope.keys[-1] else ""
        append = ", who can't open it may add to it" if key.append else ""
        yield f"    data key {key.id}{newest}{append}"
        for stanza in key.stanzas:
            pairs = ", ".join(f"{name}={value}" for name, value in stanza.context.items())
            context = f" ({pairs})" if pairs else ""
            state = reason_closed(stanza, ring, deadline) or "opens here"
            yield f"      {stanza.kek}{context}: {state}"
