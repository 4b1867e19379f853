"""`yamlvault completion`."""

from __future__ import annotations

from yamlvault.cli.completion import SCRIPTS, script
from yamlvault.cli.standard import print_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.cli.parser import Parser

EXAMPLES = """
# for ~/.bashrc: source <(yamlvault completion bash)
yamlvault completion bash
# for ~/.zshrc, behind compinit: source <(yamlvault completion zsh)
yamlvault completion zsh
# for fish
yamlvault completion fish > ~/.config/fish/completions/yamlvault.fish
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.add_argument("shell", metavar="SHELL", choices=tuple(SCRIPTS), help=", ".join(SCRIPTS))


def run(arguments: Namespace) -> int:
    """Print the completion script."""
    print_bytes(script(arguments.shell))
    return 0
