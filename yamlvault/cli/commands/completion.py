"""`yamlvault completion`."""

from __future__ import annotations

from yamlvault.cli.arguments import parser
from yamlvault.cli.standard import print_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace


def run(arguments: Namespace) -> int:
    """Print the completion script."""
    import shtab

    print_bytes(shtab.complete(parser(), arguments.shell).encode() + b"\n")
    return 0
