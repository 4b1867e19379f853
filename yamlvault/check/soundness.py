"""Soundness: what is wrong in an encrypted file by itself, as far as can be told without keys."""

from __future__ import annotations

from yamlvault.check.report import descend
from yamlvault.coverage import check_readers
from yamlvault.document.node import Scalar
from yamlvault.errors import KEKError
from yamlvault.format.metadata import name_of
from yamlvault.format.sealed import PREFIX, flaw, key_id_of, looks_sealed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from yamlvault.check.report import Report
    from yamlvault.document.node import Node
    from yamlvault.format.metadata import Scope
    from yamlvault.format.scope import Map
    from yamlvault.source import Source


def check_scalars(source: Source, owners: Map, scopes: Sequence[Scope], report: Report) -> None:
    """Report scalars that start like sealed ones and can't be opened (format, 3)."""
    key_ids = [{key.id for key in scope.keys} for scope in scopes]
    for node in source.stream.nodes:
        if type(node) is not Scalar or not node.value.startswith(PREFIX):
            continue
        if node.sealed is None:
            _check_unsealed(node, report)
            continue
        if why := flaw(node.sealed):
            report.add("malformed-scalar", node, f"no sealed scalar: {why}")
            continue
        number = owners.owner(node)
        if number is None:
            report.add("scalar-in-no-scope", node, "a sealed scalar that is in no scope")
        elif (key_id := key_id_of(node.sealed)) not in key_ids[number]:
            owner = next((one for one, ids in enumerate(key_ids) if key_id in ids), None)
            whose = f"that of scope {name_of(scopes[owner])}" if owner is not None else "not here"
            report.add(
                "unknown-data-key",
                node,
                f"sealed under data key {key_id}, which is {whose}: moved or copied by hand",
            )


def _check_unsealed(node: Scalar, report: Report) -> None:
    """Report a scalar that starts like a sealed one and is none by its form or its place."""
    is_whole = looks_sealed(node.value)
    if node.encoded is not None:  # in a mapping key
        if is_whole:
            report.add("misplaced-scalar", node, "a sealed scalar in a mapping key: it is none")
    elif is_whole:
        report.add("misplaced-scalar", node, "a sealed scalar with a tag: it is none")
    else:
        report.add("malformed-scalar", node, f"no sealed scalar: {flaw(node.value)}")


def check_sections(place: Node, owners: Map, scopes: Sequence[Scope], report: Report) -> None:
    """Report sections that came or went since the scope was signed (format, 5.2).

    Args:
        place: The node of the metadata.
        owners: The scopes of the nodes.
        scopes: The scopes.
        report: Where to.
    """
    for number, (scope, territory) in enumerate(zip(scopes, owners.territories, strict=True)):
        for label, node in territory.sections.items():
            if label not in scope.sections:
                report.add("unsigned-section", node, "added since the file was signed")
        for index, label in enumerate(scope.sections):
            if label not in territory.sections:
                entry = descend(place, "scopes", number, "sections", index)
                report.add(
                    "missing-section",
                    entry,
                    "signed, but not in the file any more",
                    path=label,
                )


def check_ways(
    source: Source, place: Node, owners: Map, scopes: Sequence[Scope], report: Report
) -> None:
    """Report an alias that leads into a scope from outside, and scopes their readers can't read."""
    if alias := owners.stray_alias():
        report.add("alias-into-scope", alias, "an alias in no scope that stands for what is in one")
        return
    try:
        check_readers(source.stream, owners, scopes)
    except KEKError as error:
        report.add("unreadable-scope", descend(place, "scopes"), error.message, path="")
