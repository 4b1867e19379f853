"""The metadata as text: block lines, or JSON in a flow mapping (format, 2)."""

from __future__ import annotations

import json

from yamlvault.document.quote import double_quoted, json_in_yaml
from yamlvault.format.metadata import FORMAT, KEY
from yamlvault.format.sealed import to_b64

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from yamlvault.format.metadata import Metadata, Scope, Stanza


def in_block(metadata: Metadata, newline: str, column: int) -> str:
    """Return the lines of the key and its value, indented by `column` spaces."""
    pad = " " * column
    return "".join((pad + line if line else "") + newline for line in _lines(metadata))


def _lines(metadata: Metadata) -> Iterator[str]:
    yield f"{KEY}:"
    yield f"  format: {FORMAT}"
    yield f"  document: {_quoted(metadata.document)}"
    yield "  scopes:"
    for scope in metadata.scopes:
        yield f"    - paths: {_list(scope.paths)}"
        yield f"      seal: {_list(scope.seal)}"
        yield "      keys:"
        for key in scope.keys:
            yield f"        - id: {double_quoted(key.id)}"
            if key.append:
                yield f"          append: {_quoted(key.append)}"
            yield "          stanzas:"
            for stanza in key.stanzas:
                yield from _stanza_lines(stanza)
        yield f"      rules: {_quoted(scope.rules)}"
        yield "      sections:" if scope.sections else "      sections: []"
        for label, mac in scope.sections.items():
            # A line in front of the MAC and one behind it that no edit of values changes: two
            # branches merge that edit neighbouring sections, or of which one edits a section and
            # the other adds or removes the next (format, 2.2).
            yield f"        - path: {double_quoted(label)}"
            yield f"          mac: {_quoted(mac)}"
            yield ""
        yield f"      root: {_quoted(scope.root)}"


def _stanza_lines(stanza: Stanza) -> Iterator[str]:
    yield f"            - kek: {double_quoted(stanza.kek)}"
    if stanza.context:
        yield "              context:"
        for name, value in stanza.context.items():
            yield f"                {double_quoted(name)}: {double_quoted(value)}"
    yield f"              wrapped: {_quoted(stanza.wrapped)}"


def _list(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join(map(double_quoted, texts)) + "]"


def _quoted(data: bytes) -> str:
    return f'"{to_b64(data)}"'


def in_flow(metadata: Metadata, newline: str, indent: int | None) -> str:
    """Return the key and its value as JSON: on one line, or over lines behind `indent` spaces."""
    data = {
        "format": FORMAT,
        "document": to_b64(metadata.document),
        "scopes": [_scope_data(scope) for scope in metadata.scopes],
    }
    if indent is None:
        return f'"{KEY}": {_json(data)}'
    step = max(indent, 1)
    lines = _json(data, step).split("\n")
    return f'"{KEY}": ' + f"{newline}{' ' * indent}".join(lines)


def _json(data: dict[str, object], indent: int | None = None) -> str:
    return json_in_yaml(json.dumps(data, ensure_ascii=False, indent=indent))


def _scope_data(scope: Scope) -> dict[str, object]:
    return {
        "paths": scope.paths,
        "seal": scope.seal,
        "keys": [
            {
                "id": key.id,
                **({"append": to_b64(key.append)} if key.append else {}),
                "stanzas": [
                    {
                        "kek": stanza.kek,
                        **({"context": dict(stanza.context)} if stanza.context else {}),
                        "wrapped": to_b64(stanza.wrapped),
                    }
                    for stanza in key.stanzas
                ],
            }
            for key in scope.keys
        ],
        "rules": to_b64(scope.rules),
        "root": to_b64(scope.root),
        "sections": [{"path": label, "mac": to_b64(mac)} for label, mac in scope.sections.items()],
    }
