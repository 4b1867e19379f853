"""The section of a file that `env` and `exec` make variables of."""

from __future__ import annotations

from yamlvault.cli.standard import Desk, read
from yamlvault.loading import ERROR, OMIT
from yamlvault.variables import Naming, variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.variables import Variable


def variables_of(arguments: Namespace) -> list[Variable]:
    """Return the variables that the command line names.

    Raises:
        YamlVaultError: As `yamlvault.variables.variables` says.
    """
    desk = Desk(arguments)
    with desk.at(arguments.file):
        return variables(
            read(arguments.file),
            arguments.path,
            desk.keyring,
            Naming(
                arguments.prefix,
                arguments.separator,
                arguments.keep_case,
                arguments.replace_invalid,
            ),
            wanted=arguments.only or (),
            missing=OMIT if arguments.omit_closed else ERROR,
        )
