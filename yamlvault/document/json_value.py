"""JSON, read strictly, to what is put into a YAML file: numbers keep their digits."""

from __future__ import annotations

import re

from yamlvault.document.compose import MAX_DEPTH
from yamlvault.document.new_scalar import Value
from yamlvault.errors import FileError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.document.new_tree import Tree

_NUMBER = r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?(?:[eE]([-+]?)([0-9]+))?"  # RFC 8259, 6
_WORDS = ("true", "false", "null")


def read_json(text: str) -> Tree:
    """Return the one value of a JSON text (RFC 8259).

    Raises:
        FileError: It is not JSON, has a key twice in an object, or is nested too deep: with line
            and column, and without an excerpt.
    """
    reader = _Reader(text)
    value = reader.value(0)
    if reader.next_mark():
        raise reader.refusal("something stands behind the value")
    return value


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.index = 0

    def refusal(self, problem: str, index: int | None = None) -> FileError:
        index = self.index if index is None else index
        return FileError(
            f"not JSON: {problem}",
            line=self.text.count("\n", 0, index) + 1,
            column=index - self.text.rfind("\n", 0, index),
        )

    def next_mark(self) -> str:
        """Return the next character that is no white space; "" at the end."""
        while (mark := self.text[self.index : self.index + 1]) and mark in " \t\r\n":
            self.index += 1
        return mark

    def take(self, marks: str) -> str:
        """Return the next character, which is one of `marks`, and go behind it."""
        mark = self.next_mark()
        if not mark or mark not in marks:
            expected = " or ".join(marks)
            raise self.refusal(f"{expected} is expected")
        self.index += 1
        return mark

    def value(self, depth: int) -> Tree:
        mark = self.next_mark()
        if depth > MAX_DEPTH:
            raise self.refusal(f"nested more than {MAX_DEPTH} levels deep")
        if mark == "{":
            return self.object(depth)
        if mark == "[":
            return self.array(depth)
        if mark == '"':
            return Value(self.string())
        for word in _WORDS:
            if self.text.startswith(word, self.index):
                self.index += len(word)
                return Value(word, word)
        return self.number()

    def object(self, depth: int) -> Tree:
        self.take("{")
        entries: dict[str, Tree] = {}
        if self.next_mark() == "}":
            self.take("}")
            return entries
        while True:
            if self.next_mark() != '"':
                raise self.refusal("a key in double quotes is expected")
            start = self.index
            key = self.string()
            if key in entries:
                raise self.refusal("an object has this key already", start)
            self.take(":")
            entries[key] = self.value(depth + 1)
            if self.take(",}") == "}":
                return entries

    def array(self, depth: int) -> Tree:
        self.take("[")
        items: list[Tree] = []
        if self.next_mark() == "]":
            self.take("]")
            return items
        while True:
            items.append(self.value(depth + 1))
            if self.take(",]") == "]":
                return items

    def string(self) -> str:
        from json import JSONDecodeError, JSONDecoder

        start = self.index
        try:
            text, self.index = JSONDecoder().raw_decode(self.text, start)
            text.encode()
        except JSONDecodeError as error:
            problem = "a string has an escape or a control character that JSON does not know"
            if error.msg.startswith("Unterminated"):
                problem = "a string has no end"
            raise self.refusal(problem, error.pos) from None
        except UnicodeEncodeError:
            raise self.refusal("an escape names half of a surrogate pair", start) from None
        return str(text)

    def number(self) -> Value:
        match = re.compile(_NUMBER).match(self.text, self.index)
        if match is None:
            raise self.refusal("a value is expected")
        self.index = match.end()
        whole, fraction, sign, exponent = match.groups()
        if exponent is None:
            return Value(match.group(), match.group())
        # YAML 1.1 takes it for a number only with a point and a sign; so does JSON
        text = f"{whole}{fraction or '.0'}e{sign or '+'}{exponent}"
        return Value(text, text)
