"""Findings as they are printed: for people, for programs, for GitHub Actions."""

from __future__ import annotations

from yamlvault.check.finding import ERROR
from yamlvault.cli import printable
from yamlvault.json_form import dump_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from yamlvault.check.finding import Finding

VERSION = 1  # of the JSON document: fields are added without a new one


def as_text(findings: Sequence[Finding], _checked: int) -> str:
    """Return a line for each finding: `FILE:LINE:COLUMN: message (code)`."""
    return "".join(f"{printable(_line(finding))}\n" for finding in findings)


def _line(finding: Finding) -> str:
    kind = "" if finding.severity == ERROR else f"{finding.severity}: "
    place = f"{finding.file}:{finding.line}:{finding.column}"
    return f"{place}: {kind}{_with_path(finding)} ({finding.code})"


def _with_path(finding: Finding) -> str:
    return f"{finding.path}: {finding.message}" if finding.path else finding.message


def as_json(findings: Sequence[Finding], checked: int) -> str:
    """Return one JSON document (docs/check.md)."""
    document = {
        "version": VERSION,
        "checked": checked,
        "findings": [finding._asdict() for finding in findings],
    }
    return dump_json(document).decode() + "\n"


def as_github(findings: Sequence[Finding], _checked: int) -> str:
    """Return a workflow command of GitHub Actions for each finding."""
    return "".join(f"{_command(finding)}\n" for finding in findings)


def _command(finding: Finding) -> str:
    properties = {
        "file": finding.file,
        "line": str(finding.line),
        "col": str(finding.column),
        "title": finding.code,
    }
    pairs = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    message = f"{_with_path(finding)}\nhint: {finding.hint}"
    return f"::{finding.severity} {pairs}::{_data(message)}"


def _data(text: str) -> str:
    """Escape a message: a line break would end the command (actions/toolkit, command.ts)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


FORMATS: dict[str, Callable[[Sequence[Finding], int], str]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
}
