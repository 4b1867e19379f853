"""`yamlvault keys`."""

from __future__ import annotations

from yamlvault.cli import say, say_error, say_hint
from yamlvault.cli.options import asking
from yamlvault.cli.standard import Desk, print_bytes, print_json, read
from yamlvault.envelope import reason_closed
from yamlvault.format.metadata import FORMAT
from yamlvault.source import read as read_source
from yamlvault.source import require_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator
    from typing import Any

    from yamlvault.cli.parser import Parser
    from yamlvault.deadline import Deadline
    from yamlvault.format.metadata import WrappedKey
    from yamlvault.keyring import Keyring

EXAMPLES = """
# your own recipients, to be named in .yamlvault.yml
yamlvault keys
# who can open a file
yamlvault keys secrets.yml
# the same for another program
yamlvault keys --json secrets.yml
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="an encrypted file; without one, the identities at hand are listed",
    )
    command.add_argument("--json", action="store_true", help="print JSON: a list, one item a file")
    asking(command)


def run(arguments: Namespace) -> int:
    """List who can open files, or the recipients of the identities at hand."""
    desk = Desk(arguments)
    if not arguments.files:
        return _list_identities(desk.keyring, as_json=arguments.json)
    described = []
    for file in arguments.files:
        with desk.at(file):
            described.append(_described(file, desk.keyring))
            if not arguments.json:
                _print_lines(_lines(described[-1]))
    if arguments.json:
        print_json(described)
    return 0


def _list_identities(ring: Keyring, *, as_json: bool) -> int:
    identities, recipients = ring.age_identities(), ring.age_recipients()
    if not identities:
        say_error("no identity is at hand")
        say_hint("yamlvault init makes one, YAMLVAULT_AGE_KEY_FILE names one")
        return 1
    keks = [f"age:{recipient}" for recipient in recipients]
    others = len(identities) - len(recipients)
    if as_json:
        print_json({"source": ring.age_source, "keks": keks, "ssh_keys": others})
        return 0
    _print_lines(keks)
    found = [
        f"{count} {one if count == 1 else many}"
        for count, one, many in (
            (len(recipients), "age identity", "age identities"),
            (others, "SSH key", "SSH keys"),
        )
        if count
    ]
    say(f"{' and '.join(found)} in {ring.age_source}")
    return 0


def _described(file: str, ring: Keyring) -> dict[str, Any]:
    """Return who can open a file, as data that JSON has forms for."""
    source = read_source(read(file))
    metadata, deadline = require_metadata(source), ring.deadline()
    return {
        "file": file,
        "format": FORMAT,
        "sealed": len(source.sealed),
        "scopes": [
            {
                "paths": list(scope.paths),
                "seal": list(scope.seal),
                "data_keys": [_described_key(key, ring, deadline) for key in scope.keys],
            }
            for scope in metadata.scopes
        ],
    }


def _described_key(key: WrappedKey, ring: Keyring, deadline: Deadline) -> dict[str, Any]:
    stanzas = []
    for stanza in key.stanzas:
        closed = reason_closed(stanza, ring, deadline)
        stanzas.append(
            {
                "kek": stanza.kek,
                "context": dict(stanza.context),
                "opens": not closed,
                "reason": closed or None,
            }
        )
    return {"id": key.id, "append": bool(key.append), "stanzas": stanzas}


def _lines(described: dict[str, Any]) -> Iterator[str]:
    yield (
        f"{described['file']}: yamlvault format {described['format']}, "
        f"{described['sealed']} sealed {'scalar' if described['sealed'] == 1 else 'scalars'}"
    )
    for scope in described["scopes"]:
        yield f"  {', '.join(scope['paths'])} (seals {', '.join(scope['seal'])})"
        for key in scope["data_keys"]:
            newest = ", the newest" if key is scope["data_keys"][-1] else ""
            append = ", who can't open it may add to it" if key["append"] else ""
            yield f"    data key {key['id']}{newest}{append}"
            for stanza in key["stanzas"]:
                pairs = ", ".join(f"{name}={value}" for name, value in stanza["context"].items())
                context = f" ({pairs})" if pairs else ""
                state = stanza["reason"] or "opens here"
                yield f"      {stanza['kek'].removesuffix(':')}{context}: {state}"


def _print_lines(lines: Iterable[str]) -> None:
    print_bytes("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))
