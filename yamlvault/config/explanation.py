"""Explanation: which rule a file has and why, and what the rule makes of it."""

from __future__ import annotations

import os
from typing import NamedTuple

from yamlvault import config, storage
from yamlvault.check import check_data
from yamlvault.config.pattern import matches
from yamlvault.coverage import to_seal, uncovered
from yamlvault.errors import FormatError, YamlVaultError
from yamlvault.format.metadata import Scope
from yamlvault.format.scope import Map
from yamlvault.keypath import parse
from yamlvault.selection import select
from yamlvault.source import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.access import Access
    from yamlvault.check.finding import Finding
    from yamlvault.document.node import Stream
    from yamlvault.rule import Rule, ScopeRule


class Candidate(NamedTuple):
    """A rule, and why it is for the file or not.

    Attributes:
        number: Its number, from 1.
        line: The line in `.yamlvault.yml` that it starts in.
        patterns: Each of its patterns, with whether it matches.
    """

    number: int
    line: int
    patterns: tuple[tuple[str, bool], ...]

    @property
    def matches(self) -> bool:
        """Whether one of the patterns matches."""
        return any(is_match for _, is_match in self.patterns)


class ScopeView(NamedTuple):
    """What a rule makes of one scope.

    Attributes:
        rule: What holds for it.
        access: With which rights the service of each KEK is asked.
        inherited: The keys that it has from the rule around it.
        roots: How many nodes each of `paths` names in the file; None where it can't be told.
        sealed: How many scalars each of `seal` names in the file; None likewise.
    """

    rule: ScopeRule
    access: tuple[Access, ...]
    inherited: tuple[str, ...]
    roots: tuple[int | None, ...]
    sealed: tuple[int | None, ...]


class Explanation(NamedTuple):
    """All that can be said of a file and its rule.

    Attributes:
        file: Its name.
        config: The path of its `.yamlvault.yml`; None where there is none.
        relative: Its path as patterns see it; empty without a configuration.
        candidates: All rules there.
        rule: The number of the rule that holds, from 1; None where none does.
        nearly: Why none does: the pattern that comes closest, in words; empty without one.
        state: `encrypted`, `plaintext`, `missing` or `unreadable`.
        problem: Why it is `unreadable`.
        scopes: What the rule makes of it.
        uncovered: The key paths of what is in no scope.
        findings: What `check` finds in it.
    """

    file: str
    config: str | None
    relative: str = ""
    candidates: tuple[Candidate, ...] = ()
    rule: int | None = None
    nearly: str = ""
    state: str = "missing"
    problem: str = ""
    scopes: tuple[ScopeView, ...] = ()
    uncovered: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def explain(file: str) -> Explanation:
    """Explain which rule a file has. The file need not be there.

    Raises:
        ConfigError: The nearest `.yamlvault.yml` is malformed.
        FileError: It can't be read.
    """
    found = config.nearest(file, strict=True)
    if found is None:
        return Explanation(file, None)
    relative = found.relative(file)
    candidates = tuple(
        Candidate(number, line, tuple((one, matches(one, relative)) for one in rule.files))
        for number, (rule, line) in enumerate(zip(found.rules, found.lines, strict=True), 1)
    )
    number = next((one.number for one in candidates if one.matches), None)
    explanation = Explanation(file, found.path, relative, candidates, number)
    if number is None:
        return explanation._replace(nearly=_nearly(candidates, relative))
    return _with_content(explanation, found.rules[number - 1])


def _with_content(explanation: Explanation, rule: Rule) -> Explanation:
    """Return the explanation with what the rule makes of the content of the file."""
    file = explanation.file
    if not os.path.lexists(file):
        return explanation._replace(scopes=_views(rule, None, None))
    try:
        data = storage.read(file)
        source = read(data)
        owners = Map(source.stream, [Scope(one.paths, (), ()) for one in rule.scopes])
    except FormatError as error:  # of the metadata, or two paths name one node
        return explanation._replace(
            state="unreadable", problem=str(error), scopes=_views(rule, None, None)
        )
    except YamlVaultError as error:
        return explanation._replace(
            state="unreadable", problem=error.message, scopes=_views(rule, None, None)
        )
    return explanation._replace(
        state="plaintext" if source.metadata is None else "encrypted",
        scopes=_views(rule, source.stream, owners),
        uncovered=tuple(uncovered(source.stream, owners)),
        findings=tuple(check_data(file, data, rule) or ()),
    )


def _views(rule: Rule, stream: Stream | None, owners: Map | None) -> tuple[ScopeView, ...]:
    inherited = rule.inherited or ((),) * len(rule.scopes)
    return tuple(
        ScopeView(
            scope,
            tuple(map(rule.access_of, scope.keks)),
            names,
            tuple(_count_roots(stream, path) for path in scope.paths),
            tuple(_count_sealed(stream, owners, rule, number, path) for path in scope.seal),
        )
        for number, (scope, names) in enumerate(zip(rule.scopes, inherited, strict=True))
    )


def _count_roots(stream: Stream | None, path: str) -> int | None:
    return None if stream is None else len(select(stream, [parse(path)], allow_empty=True))


def _count_sealed(
    stream: Stream | None, owners: Map | None, rule: Rule, number: int, path: str
) -> int | None:
    if stream is None or owners is None:
        return None
    seals = [(path,) if one == number else () for one in range(len(rule.scopes))]
    scalars = to_seal(stream, owners, seals, allow_empty=True)
    return sum(not scalar.is_empty for scalar in scalars)


def _nearly(candidates: tuple[Candidate, ...], relative: str) -> str:
    """Return in words which pattern comes closest to a path; empty if none comes near."""
    patterns = [pattern for one in candidates for pattern, _ in one.patterns]
    name = os.path.basename(relative)
    for pattern in patterns:
        if matches(pattern.lower(), relative.lower()):
            return f"{pattern} would match, but for upper and lower case"
    for pattern in patterns:
        if "/" in pattern and matches(pattern.rpartition("/")[2], name):
            return f"{pattern} matches its name, but not its folder"
    stem = os.path.splitext(relative)[0]
    for pattern in patterns:
        if matches(os.path.splitext(pattern)[0], stem):
            return f"{pattern} would match, but for the ending"
    from difflib import get_close_matches

    close = get_close_matches(relative, patterns, 1)
    return f"{close[0]} is nearest" if close else ""
