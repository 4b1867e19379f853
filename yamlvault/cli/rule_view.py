"""Explanations of rules as they are printed."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from yamlvault.access import Access
    from yamlvault.config.explanation import Candidate, Explanation, ScopeView

VERSION = 1  # of the JSON document: fields are added without a new one
_STATES = {
    "missing": "not there yet; this rule will be its",
    "plaintext": "not encrypted",
    "encrypted": "encrypted",
}


def as_lines(one: Explanation) -> Iterator[str]:
    """Yield what is said of a file."""
    if one.config is None:
        yield f"{one.file}: no rule: there is no .yamlvault.yml in its folder or above"
        yield "  yamlvault init makes one"
        return
    where = _shown_path(one.config)
    if one.rule is None:
        yield f"{one.file}: no rule in {where} is for it"
    else:
        line = one.candidates[one.rule - 1].line
        yield f"{one.file}: rule {one.rule} of {where} (line {line})"
    for candidate in one.candidates:
        yield from _candidate_lines(candidate, one.rule)
    if one.rule is None:
        nearest = f"; {one.nearly}" if one.nearly else ""
        yield f"  patterns are matched with {one.relative}{nearest}"
        return
    for view in one.scopes:
        yield from _scope_lines(view)
    if one.uncovered:
        yield f"  in no scope, so that anybody can change it: {', '.join(one.uncovered)}"
    yield f"  the file: {_STATES.get(one.state, one.problem)}"
    for finding in one.findings:
        path = f"{finding.path}: " if finding.path else ""
        yield f"    line {finding.line}: {path}{finding.message} ({finding.code})"
        yield f"      {finding.hint}"


def _candidate_lines(candidate: Candidate, rule: int | None) -> Iterator[str]:
    is_late = rule is not None and candidate.number > rule
    for pattern, is_match in candidate.patterns:
        word = "matches" if is_match else "does not match"
        if is_late:
            word += f", but rule {rule} comes first" if is_match else ""
        yield f"  rule {candidate.number}: {pattern} {word}"


def _scope_lines(view: ScopeView) -> Iterator[str]:
    scope = view.rule
    yield f"  scope {_counted(scope.paths, view.roots, 'node')}"
    yield f"    seals {_counted(scope.seal, view.sealed, 'scalar')}{_origin(view, 'seal')}"
    for kek, access in zip(scope.keks, view.access, strict=True):
        rights = ", ".join(f"{name} {value}" for name, value in _rights(access).items())
        yield f"    for {kek}{f' ({rights})' if rights else ''}{_origin(view, 'keks')}"
    if scope.context:
        pairs = ", ".join(f"{name}={value}" for name, value in scope.context.items())
        yield f"    context {pairs}{_origin(view, 'context')}"
    if scope.append or "append" in view.inherited:
        who = "who can't open it may add to it" if scope.append else "nobody else may add to it"
        yield f"    {who}{_origin(view, 'append')}"


def _counted(paths: Sequence[str], counts: Sequence[int | None], noun: str) -> str:
    return ", ".join(path + _count(count, noun) for path, count in zip(paths, counts, strict=True))


def _count(count: int | None, noun: str) -> str:
    if count is None:
        return ""
    return f" ({count} {noun}{'s' if count != 1 else ''})" if count else " (names nothing)"


def _origin(view: ScopeView, name: str) -> str:
    return ", inherited" if name in view.inherited else ""


def _rights(access: Access) -> dict[str, str]:
    return {name: value for name, value in access._asdict().items() if value}


def as_document(explained: Sequence[Explanation]) -> dict[str, Any]:
    """Return what is printed as one JSON document (docs/check.md)."""
    return {"version": VERSION, "files": list(map(_document, explained))}


def _document(one: Explanation) -> dict[str, Any]:
    return {
        "file": one.file,
        "config": one.config,
        "rule": one.rule,
        "rules": [
            {
                "number": candidate.number,
                "line": candidate.line,
                "patterns": [
                    {"pattern": pattern, "matches": is_match}
                    for pattern, is_match in candidate.patterns
                ],
            }
            for candidate in one.candidates
        ],
        "nearly": one.nearly,
        "state": one.state if one.rule is not None else None,
        "problem": one.problem,
        "scopes": list(map(_scope_document, one.scopes)),
        "uncovered": list(one.uncovered),
        "findings": [finding._asdict() for finding in one.findings],
    }


def _scope_document(view: ScopeView) -> dict[str, Any]:
    scope = view.rule
    return {
        "paths": [
            {"path": path, "nodes": count}
            for path, count in zip(scope.paths, view.roots, strict=True)
        ],
        "seal": [
            {"path": path, "scalars": count}
            for path, count in zip(scope.seal, view.sealed, strict=True)
        ],
        "keks": [
            {"kek": kek, **_rights(access)}
            for kek, access in zip(scope.keks, view.access, strict=True)
        ],
        "context": dict(scope.context),
        "append": scope.append,
        "inherited": list(view.inherited),
    }


def _shown_path(path: str) -> str:
    """Return a path as it is shortest: from here, if it is here or below."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative
