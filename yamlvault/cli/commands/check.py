"""`yamlvault check`."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import nullcontext

from yamlvault.check.finding import ERROR, WARNING
from yamlvault.check.run import Run
from yamlvault.check.tree import WorkTree
from yamlvault.cli import say, say_hint
from yamlvault.cli.annotation import FORMATS
from yamlvault.cli.standard import STANDARD, print_bytes
from yamlvault.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager

    from yamlvault.check.finding import Finding
    from yamlvault.check.run import Tree
    from yamlvault.cli.parser import Parser

EXAMPLES = """
# before a push, or in CI
yamlvault check
# what git is about to commit
yamlvault check --staged
# annotations of a pull request, in GitHub Actions
yamlvault check --format github
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="a file, or a folder: all files in it that a rule is for or that are encrypted "
        "(default: the current folder)",
    )
    command.add_argument(
        "--staged",
        action="store_true",
        help="check what stands in git's index, and not in the work tree",
    )
    form = command.add_mutually_exclusive_group()
    form.add_argument(
        "--format",
        choices=tuple(FORMATS),
        default="text",
        help="a line for each finding, one JSON document, or annotations of GitHub Actions "
        "(default: text)",
    )
    form.add_argument(
        "--json", action="store_const", const="json", dest="format", help="as --format json"
    )


def run(arguments: Namespace) -> int:
    """Report what is not as it should be; exit with 1 where something is."""
    if STANDARD in arguments.files:
        raise UsageError("standard input has no name that a rule could be for", hint="name a file")
    with _tree(arguments.files, staged=arguments.staged) as tree:
        check = Run(tree)
        findings = list(check.findings())
    text = FORMATS[arguments.format](findings, check.checked)
    print_bytes(text.encode("utf-8", "surrogateescape"))
    if arguments.format == "text":
        for hint in _hints(findings):
            say_hint(hint)
    say(_summary(findings, check.checked))
    if not check.checked and not findings and _is_of_folders(arguments):
        # in the wrong folder nothing is ever found: no pipeline should be green of that
        say_hint("go to the folder with the files, or name it; a new one: yamlvault init")
        return 1
    return int(any(finding.severity == ERROR for finding in findings))


def _is_of_folders(arguments: Namespace) -> bool:
    """Tell whether the work tree is checked by folders: files a hook names, whatever they are."""
    files = arguments.files
    return not arguments.staged and (not files or any(map(os.path.isdir, files)))


def _tree(files: Sequence[str], *, staged: bool) -> AbstractContextManager[Tree]:
    if staged:
        from yamlvault.check.index import Index

        return Index(files)
    return nullcontext(WorkTree(files or ["."]))


def _hints(findings: Iterable[Finding]) -> list[str]:
    """Return each hint once, with the codes that it is for."""
    codes: dict[str, dict[str, None]] = {}
    for finding in findings:
        codes.setdefault(finding.hint, {})[finding.code] = None
    return [f"{', '.join(known)}: {hint}" for hint, known in codes.items()]


def _summary(findings: Sequence[Finding], checked: int) -> str:
    if not checked and not findings:
        return "no file here is encrypted, and no rule is for one"
    files = f"{checked} file{'s' if checked != 1 else ''} checked"
    if not findings:
        return f"{files}: nothing found"
    counts = Counter(finding.severity for finding in findings)
    parts = [
        f"{counts[kind]} {kind}{'s' if counts[kind] != 1 else ''}"
        for kind in (ERROR, WARNING)
        if counts[kind]
    ]
    touched = len({finding.file for finding in findings})
    what = f"{' and '.join(parts)} in {touched} file{'s' if touched != 1 else ''}"
    return f"{files}: {what}" if checked else what
