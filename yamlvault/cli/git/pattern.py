"""Patterns of `.yamlvault.yml` as patterns of `.gitattributes` (gitattributes(5))."""

from __future__ import annotations

from yamlvault.config.pattern import expression, parts_of
from yamlvault.errors import ConfigError

_BLANK = frozenset(" \t\r\n")
_MAX = 64  # lines for one pattern
_ANY, _FOLDERS = "*", "**/"


def translated(pattern: str, folder: str) -> list[str]:
    """Return patterns that together match what a pattern of ours does, as lines start with them.

    Ours goes over folders with `**` wherever it stands; git does so only where it is a whole
    component. So one can become two: `a**b` is `a*b` or `a*/**/*b`.

    Args:
        pattern: The pattern.
        folder: The folder of its `.yamlvault.yml`, from that of `.gitattributes`; "" for the same.

    Raises:
        ConfigError: It would become too many.
    """
    if expression(pattern) is None:
        return []
    start = [*map(_literal, folder), "/"] if folder else []
    if "/" not in pattern:
        tokens = [_ANY if part == "**" else _token(part) for part in parts_of(pattern)]
        if folder:
            start.append(_FOLDERS)
        return [_written([*start, *_shortened(tokens)], is_path=bool(folder))]
    found = [start]
    parts = parts_of(pattern.removeprefix("/"))
    for number, part in enumerate(parts):
        found = [
            [*tokens, *more]
            for tokens in found
            for more in _ways(tokens, part, parts[number + 1 :])
        ]
        if len(found) > _MAX:
            raise ConfigError(f"the pattern {pattern[:40]!r} has too many ** in it for git")
    return [_written(_shortened(tokens), is_path=True) for tokens in found]


def _ways(tokens: list[str], part: str, rest: list[str]) -> list[list[str]]:
    """Return what a part becomes behind some tokens: one way, or two."""
    is_start = not tokens or tokens[-1].endswith("/")
    if part == "**/":
        return [[_FOLDERS]] if is_start else [[], [_ANY, "/", _FOLDERS]]
    if part == "**":
        if is_start:
            return [[_FOLDERS, _ANY] if rest else ["**"]]
        return [[_ANY], [_ANY, "/", _FOLDERS, _ANY]]
    return [[_token(part)]]


def _token(part: str) -> str:
    if part in (_ANY, "?"):
        return part
    if part[0] == "[" and len(part) > 1:
        # git knows escapes in a set, and classes such as [:alpha:]
        inner = part[1:-1].replace("\\", "\\\\").replace("[", "\\[")
        mark = inner[:1] if inner[:1] in ("!", "^") else ""
        inner = inner[len(mark) :]
        # a line that starts with [attr] defines a macro
        return f"[{mark}\\{inner}]" if inner == "attr" else f"[{mark}{inner}]"
    return _literal(part)


def _literal(character: str) -> str:
    return f"\\{character}" if character in "\\*?[" else character


def _shortened(tokens: list[str]) -> list[str]:
    """Leave out a `*` behind another: two of them mean something else to git."""
    return [
        token
        for number, token in enumerate(tokens)
        if token != _ANY or not number or tokens[number - 1] != _ANY
    ]


def _written(tokens: list[str], *, is_path: bool) -> str:
    text = "".join(tokens)
    if is_path and "/" not in text:
        text = f"/{text}"
    if text[:1] in ("!", "#"):
        text = f"\\{text}"
    if _BLANK.isdisjoint(text) and text.isprintable() and text[0] != '"':
        return text
    return f'"{"".join(map(_quoted, text))}"'


def _quoted(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character >= " " and character != "\x7f" else f"\\{ord(character):03o}"
