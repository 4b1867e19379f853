"""Quoting: variables as text that shells and readers of env files read back as they were."""

from __future__ import annotations

import re

from yamlvault.errors import YamlVaultError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from yamlvault.variables import Variable

# Docker reads a line of an env file into a buffer of 64 KiB (Go's bufio.MaxScanTokenSize)
_DOCKER_LINE = 64 * 1024 - 1


def shell(variables: Sequence[Variable]) -> str:
    """Return `export` commands for sh, bash, dash, zsh, ksh and fish (POSIX.1-2017, 2.2)."""
    return "".join(f"export {one.name}={_shell_quoted(one.value)}\n" for one in variables)


def json(variables: Sequence[Variable]) -> str:
    """Return a JSON object of strings."""
    from json import dumps

    return dumps({one.name: one.value for one in variables}, ensure_ascii=False, indent=2) + "\n"


def dotenv(variables: Sequence[Variable]) -> str:
    """Return lines that all usual readers of `.env` files take for the same values.

    Raises:
        YamlVaultError: There are no quotes for a value that they agree on.
    """
    return "".join(f"{one.name}={_dotenv_quoted(one)}\n" for one in variables)


def docker(variables: Sequence[Variable]) -> str:
    """Return lines for `docker run --env-file`, which takes all behind `=` as it is.

    Raises:
        YamlVaultError: A value has more than one line, or is too long for Docker.
    """
    lines = []
    for one in variables:
        line = f"{one.name}={one.value}"
        if "\n" in line or "\r" in line:
            raise _beyond_docker(one, "has a line break, which it can't express")
        if one.value[:1] in ("'", '"') and one.value[-1:] == one.value[:1] and len(one.value) > 1:
            raise _beyond_docker(one, "stands in quotes of its own, which some versions take off")
        if len(line.encode()) > _DOCKER_LINE:
            raise _beyond_docker(one, f"is longer than the {_DOCKER_LINE} bytes of a line")
        lines.append(line + "\n")
    return "".join(lines)


FORMATS: dict[str, Callable[[Sequence[Variable]], str]] = {
    "dotenv": dotenv,
    "json": json,
    "shell": shell,
    "docker": docker,
}


def _beyond_docker(variable: Variable, problem: str) -> YamlVaultError:
    return YamlVaultError(
        f"{variable.path} is beyond an env file of Docker: it {problem}",
        hint="use yamlvault exec in the container, or --only for the others",
    )


def _shell_quoted(value: str) -> str:
    # fish takes a backslash in single quotes for an escape, POSIX shells don't: it stands outside
    parts = re.findall(r"[\\']|[^\\']+", value)
    return "".join(f"\\{part}" if part in "\\'" else f"'{part}'" for part in parts) or "''"


def _dotenv_quoted(variable: Variable) -> str:
    """Return a value in the quotes that all readers agree on, POSIX shells among them.

    In single quotes some take a backslash for an escape where a quote or another backslash follows,
    and python-dotenv replaces `${…}` in any quotes. In double quotes most replace `$`, and each has
    escapes of its own. A carriage return becomes a line feed for some.
    """
    value = variable.value
    if "${" not in value and "\r" not in value:
        if "'" not in value and "\\\\" not in value and value[-1:] != "\\":
            return f"'{value}'"
        if not any(mark in value for mark in '"\\$`'):
            return f'"{value}"'
    raise YamlVaultError(
        f"{variable.path} can't be written such that all readers of .env files agree on it",
        hint="--format json or shell takes any text, and so does yamlvault exec",
    )
