"""Findings: what `check` reports, each with a stable code (docs/check.md)."""

from __future__ import annotations

from typing import NamedTuple

ERROR, WARNING = "error", "warning"

_ENCRYPT = "yamlvault encrypt FILE"
REWRAP = "who opens it: yamlvault rewrap FILE"
ROTATE = "who opens it: yamlvault rotate FILE"
_RESTORE = "restore it from the file's history, or set the value anew: yamlvault set FILE PATH"
_REVIEW = "who opens it looks at git diff, and vouches for it: yamlvault encrypt FILE"

# code: what to do about it, where the finding itself does not say it better
HINTS = {
    "plaintext-file": _ENCRYPT,
    "plaintext-scalar": _ENCRYPT,
    "malformed-scalar": _RESTORE,
    "misplaced-scalar": _RESTORE,
    "unknown-data-key": _RESTORE,
    "scalar-in-no-scope": _RESTORE,
    "uncovered": "make a scope of it in the rule, then yamlvault encrypt FILE; or leave it public",
    "no-metadata": "restore the top-level key `yamlvault` from the file's history",
    "bad-metadata": "restore the file from its history",
    "unsigned-section": _REVIEW,
    "missing-section": _REVIEW,
    "alias-into-scope": "make a scope of the alias, for all who read what it stands for",
    "unreadable-scope": "add the KEKs to the scopes that it needs, or let no alias lead there",
    "kek-missing": REWRAP,
    "kek-not-in-rule": f"{REWRAP}; then rotate, if somebody left",
    "context-differs": REWRAP,
    "append-differs": REWRAP,
    "seal-differs": "who opens it: yamlvault encrypt FILE; or correct the rule",
    "scopes-differ": "who opens all of it: yamlvault encrypt FILE adds scopes; or correct the rule",
    "several-data-keys": ROTATE,
    "no-rule": "add a pattern for it to the `files` of a rule in .yamlvault.yml",
    "other-tool": "decrypt it with that tool, then yamlvault encrypt FILE; or correct the rule",
    "merge-conflict": "yamlvault merge FILE --ours, --theirs or --edit; settled by hand: "
    "yamlvault encrypt FILE",
    "not-yaml": "mend it, or make the patterns in `files` of the rule narrower",
    "unreadable-file": "mend its rights, or leave it out",
    "config": "correct .yamlvault.yml; docs/check.md has its schema",
}


class Finding(NamedTuple):
    """Something that is not as it should be.

    Attributes:
        code: What it is: a key of `HINTS`.
        file: The name of the file.
        line: The line in it, from 1.
        column: The column in that line, in characters, from 1.
        path: The key path of the place; empty where there is none.
        message: What is wrong; without a value of the file.
        hint: What to do about it: one line.
        severity: `ERROR`, or `WARNING` for what does not fail a check.
    """

    code: str
    file: str
    line: int
    column: int
    path: str
    message: str
    hint: str
    severity: str = ERROR


def found(
    code: str,
    file: str,
    message: str,
    place: tuple[int, int] = (1, 1),
    *,
    path: str = "",
    hint: str | None = None,
    severity: str = ERROR,
) -> Finding:
    """Return a finding, with the hint of its code where none is given."""
    line, column = place
    return Finding(code, file, line, column, path, message, hint or HINTS[code], severity)
