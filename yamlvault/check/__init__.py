"""Check: files against their rules and against the format, without a key and without a network."""

from __future__ import annotations

from yamlvault.check.drift import check_scopes
from yamlvault.check.finding import WARNING, Finding, found
from yamlvault.check.report import Report
from yamlvault.check.soundness import check_scalars, check_sections, check_ways
from yamlvault.coverage import outside
from yamlvault.document.node import Collection
from yamlvault.errors import (
    AlreadyEncryptedError,
    DocumentError,
    FormatError,
    YamlVaultError,
)
from yamlvault.foreign import refuse_foreign
from yamlvault.format.metadata import KEY, Scope
from yamlvault.format.scope import Map
from yamlvault.format.sealed import PREFIX
from yamlvault.keypath import Pattern, parse
from yamlvault.rule import rule_for
from yamlvault.sealing import plaintext_scalars
from yamlvault.source import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from yamlvault.document.node import Scalar
    from yamlvault.rule import Rule, ScopeRule
    from yamlvault.source import Source

_PREFIX, _KEY = PREFIX.encode(), KEY.encode()
_OURS, _THEIRS = b"<<<<<<< ", b">>>>>>> "  # git's markers, at the start of a line


def check_data(
    file: str, data: bytes, rule: Rule | None, *, needs_rule: bool = True
) -> list[Finding] | None:
    """Check the content of a file.

    Args:
        file: Its name.
        data: Its bytes.
        rule: The rule for it; None where there is none.
        needs_rule: Whether an encrypted file without a rule is a finding.

    Returns:
        What was found; None where it is nothing to yamlvault: no rule is for it, and it is not
        encrypted.
    """
    if rule is None and _PREFIX not in data and _KEY not in data:
        return None  # the cheap way out for most files of a repository
    try:
        if line := _conflict(data):
            if rule is None and _PREFIX not in data:
                return None
            message = "git left a conflict here"
            return [found("merge-conflict", file, message, (line, 1))]
        source = read(data)
        if source.metadata is None:
            return _check_unencrypted(file, source, rule)
        report = Report(file, source.text)
        _check_encrypted(source, rule, report)
    except DocumentError as error:
        if rule is None:
            return None
        return [found("not-yaml", file, error.message, _place(error), hint=error.hint)]
    except FormatError as error:
        if rule is None and _PREFIX not in data:
            return None  # somebody else's key of that name
        return [found("bad-metadata", file, error.message, _place(error), hint=error.hint)]
    findings = sorted(report.findings, key=lambda one: (one.line, one.column))
    if rule is None and needs_rule:
        findings.insert(0, found("no-rule", file, "encrypted, but no rule is for it"))
    return findings


def _check_unencrypted(file: str, source: Source, rule: Rule | None) -> list[Finding] | None:
    report = Report(file, source.text)
    if sealed := source.sealed:
        message = "a sealed scalar, but the file has no metadata"
        report.add("no-metadata", sealed[0], message)
        return report.findings
    if rule is None:
        return None
    try:
        refuse_foreign(source.stream)
    except AlreadyEncryptedError as error:
        return [found("other-tool", file, error.message)]
    if count := len(
        plaintext(source, [Scope(one.paths, (), ()) for one in rule.scopes], rule.scopes)
    ):
        scalars = "scalar that is" if count == 1 else "scalars that are"
        return [found("plaintext-file", file, f"not encrypted: {count} {scalars} to be sealed")]
    return []


def _check_encrypted(source: Source, rule: Rule | None, report: Report) -> None:
    metadata, place = source.metadata, source.place
    if metadata is None or place is None:
        raise AssertionError("an encrypted file has metadata")
    scopes = metadata.scopes
    rules = rule.scopes if rule is not None else ()
    owners = Map(source.stream, scopes)
    check_scalars(source, owners, scopes, report)
    for scalar in plaintext(source, scopes, rules, owners):
        if not scalar.value.startswith(PREFIX):  # that is reported already, as what it looks like
            report.add("plaintext-scalar", scalar, "plaintext that is to be sealed")
    for node in outside(source.stream, owners):
        if isinstance(node, Collection):  # one value beside the sections is there on purpose
            message = "a section in no scope: neither sealed, nor protected against changes"
            report.add("uncovered", node, message, severity=WARNING)
    check_sections(place, owners, scopes, report)
    check_ways(source, place, owners, scopes, report)
    if rule is not None:
        check_scopes(scopes, rules, place, report)


def plaintext(
    source: Source,
    scopes: Sequence[Scope],
    rules: Sequence[ScopeRule],
    owners: Map | None = None,
) -> list[Scalar]:
    """Return the plaintext scalars that scopes or their rules seal.

    Raises:
        FormatError: A scope has a malformed path, or two have the same root.
    """
    seals = []
    for scope in scopes:
        ruled = rule_for(scope, rules)
        paths = dict.fromkeys(ruled.seal if ruled is not None else ())
        # an expression that takes for ever could stand in a file: it is run if the rule has it
        paths |= dict.fromkeys(path for path in scope.seal if not _has_expression(path))
        seals.append(tuple(paths))
    return plaintext_scalars(source, owners or Map(source.stream, scopes), seals, allow_empty=True)


def _has_expression(path: str) -> bool:
    try:
        return any(isinstance(part, Pattern) for part in parse(path).components)
    except YamlVaultError as error:
        raise FormatError(f"a scope seals a malformed path: {error.message}") from None


def _conflict(data: bytes) -> int:
    """Return the line of the first conflict that git left; 0 without one."""
    if _OURS not in data or b"\n" + _THEIRS not in data:
        return 0
    lines = data.split(b"\n")
    return next((number for number, line in enumerate(lines, 1) if line.startswith(_OURS)), 0)


def _place(error: YamlVaultError) -> tuple[int, int]:
    return error.line or 1, error.column or 1
