"""Key paths as they are written (docs/key-paths.md)."""

from __future__ import annotations

import re

from yamlvault.errors import KeyPathError

_BARE_END = ".[,"


class Name:
    """A component that names a key by its text or an item by its number."""

    def __init__(self, text: str, *, is_index: bool = False, is_quoted: bool = False) -> None:
        self.text = text
        self.is_index = is_index
        # int() refuses more than 4300 digits; no list has an item of such a number
        plain_number = not is_quoted and text.isascii() and text.isdigit() and len(text) < 20
        self.index = int(text) if plain_number else -1

    def matches_key(self, text: str | None, *, is_text: bool) -> bool:
        del is_text  # `$.5432` means the key 5432 as well as "5432"
        return not self.is_index and text == self.text

    def matches_item(self, index: int) -> bool:
        return index == self.index


class Wildcard:
    """`*`: any key, any item."""

    def matches_key(self, _text: str | None, *, is_text: bool) -> bool:
        del is_text
        return True

    def matches_item(self, _index: int) -> bool:
        return True


class Pattern:
    """`/regexp/`: keys that are strings and in which it is found."""

    def __init__(self, expression: re.Pattern[str]) -> None:
        self.expression = expression

    def matches_key(self, text: str | None, *, is_text: bool) -> bool:
        return is_text and text is not None and self.expression.search(text) is not None

    def matches_item(self, _index: int) -> bool:
        return False


Component = Name | Wildcard | Pattern


class KeyPath:
    """One parsed key path.

    Attributes:
        text: As the user wrote it.
        components: What follows the `$`.
    """

    __slots__ = ("components", "text")

    def __init__(self, text: str, components: tuple[Component, ...]) -> None:
        self.text = text
        self.components = components


def parse_list(text: str) -> list[KeyPath]:
    """Parse key paths that commas separate.

    Raises:
        KeyPathError: A path is malformed.
    """
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise KeyPathError(f"key path {text!r}: not UTF-8")
    parser = _Parser(text)
    paths = [parser.path()]
    while not parser.at_end():
        parser.expect(",")
        paths.append(parser.path())
    return paths


def parse(text: str) -> KeyPath:
    """Parse a single key path."""
    paths = parse_list(text)
    if len(paths) != 1:
        raise KeyPathError(
            f"{text}: one key path is wanted here, not {len(paths)}",
            hint="put a key that has a comma in it in quotes: $.'a,b'",
        )
    return paths[0]


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.index = 0

    def at_end(self) -> bool:
        self.skip_spaces()
        return self.index == len(self.text)

    def skip_spaces(self) -> None:
        while self.text[self.index : self.index + 1] == " ":
            self.index += 1

    def peek(self) -> str:
        return self.text[self.index : self.index + 1]

    def expect(self, mark: str) -> None:
        if self.peek() != mark:
            raise self.refusal(f"{mark!r} is expected")
        self.index += 1

    def refusal(self, problem: str) -> KeyPathError:
        return KeyPathError(
            f"key path {self.text!r}: {problem} at character {self.index + 1}",
            hint="a key path looks like $.production.password, $.*.password or $.hosts[0]",
        )

    def path(self) -> KeyPath:
        self.skip_spaces()
        start = self.index
        self.expect("$")
        components = []
        while self.peek() in (".", "[") and self.peek():
            components.append(self.component())
        end = self.index
        if not self.at_end() and self.peek() != ",":
            raise self.refusal("'.', '[' or ',' is expected")
        return KeyPath(self.text[start:end].rstrip(" "), tuple(components))

    def component(self) -> Component:
        if self.peek() == ".":
            self.index += 1
        mark = self.peek()
        if mark in ("'", '"') and mark:
            return Name(self.delimited(mark), is_quoted=True)
        if mark == "/":
            return self.pattern()
        if mark == "[":
            return self.item()
        start = self.index
        while self.peek() and self.peek() not in _BARE_END:
            self.index += 1
        name = self.text[start : self.index].rstrip(" ")
        if not name:
            raise self.refusal("a name is missing")
        return Wildcard() if name == "*" else Name(name)

    def item(self) -> Name | Wildcard:
        self.index += 1
        end = self.text.find("]", self.index)
        inner = self.text[self.index : max(end, self.index)].strip(" ")
        if inner == "*":
            self.index = end + 1
            return Wildcard()
        if not (inner.isascii() and inner.isdigit()):
            raise self.refusal("the number of an item and ']' are expected")
        self.index = end + 1
        return Name(inner, is_index=True)

    def delimited(self, mark: str) -> str:
        """Read up to the closing mark; a backslash makes the next character literal."""
        self.index += 1
        characters = []
        while (character := self.peek()) != mark:
            if character == "\\":
                self.index += 1
                character = self.peek()
            if not character:
                raise self.refusal(f"{mark} is not closed")
            characters.append(character)
            self.index += 1
        self.index += 1
        return "".join(characters)

    def pattern(self) -> Pattern:
        r"""Read a regexp; in it only `\\/` is ours, every other backslash is the regexp's."""
        start = self.index = self.index + 1
        while self.peek() != "/":
            self.index += 2 if self.peek() == "\\" else 1
            if self.index > len(self.text) or not self.peek():
                raise self.refusal("/ is not closed")
        expression = self.text[start : self.index].replace("\\/", "/")
        self.index += 1
        try:
            return Pattern(re.compile(expression))
        except re.error as error:
            raise self.refusal(f"not a regular expression ({error.msg})") from None
        except (OverflowError, RecursionError):
            raise self.refusal("too large a regular expression") from None


def component_text(name: str, quote: str = "") -> str:
    """Return the component that names a key by its text.

    Args:
        name: The text of the key.
        quote: The quotation mark to put it in; without one it is quoted only where it has to be.
    """
    is_bare = (
        name not in ("", "*")
        and name[0] not in "'\"/"
        and name == name.strip(" ")
        and not any(mark in name for mark in _BARE_END)
    )
    if is_bare and not quote:
        return f".{name}"
    mark = quote or '"'
    escaped = name.replace("\\", "\\\\").replace(mark, f"\\{mark}")
    return f".{mark}{escaped}{mark}"
