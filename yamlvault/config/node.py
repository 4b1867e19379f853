"""Nodes of a configuration file, read strictly; a mistake is named with its place."""

from __future__ import annotations

from yamlvault.document.node import STR_TAG, Alias, Collection, Scalar
from yamlvault.document.text import position
from yamlvault.errors import ConfigError, suggestion
from yamlvault.format.tags import NULL_TAG, scalar_tag

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yamlvault.document.node import Node

_QUOTE = "to mean a text, put it in quotes"


class NodeReader:
    """Reads nodes of a text. An alias is what it stands for, as in YAML; merge keys are refused."""

    def __init__(self, text: str) -> None:
        self.text = text

    def fields(
        self, node: Node, known: tuple[str, ...], required: tuple[str, ...]
    ) -> dict[str, Node]:
        """Return the values of a mapping by their keys."""
        mapping = real(node)
        if not isinstance(mapping, Collection) or not mapping.is_mapping:
            raise self.refusal(node, f"a mapping with {', '.join(known)} is expected")
        fields = {}
        for key, value in _pairs(mapping):
            name = key.value if isinstance(key, Scalar) else ""
            if name == "<<":
                hint = "write the fields out; an alias can stand for the value of one"
                raise self.refusal(key, "merge keys are not followed here", hint)
            if name not in known:
                raise self.refusal(key, f"unknown key {name[:40]!r}", suggestion(name, known))
            fields[name] = value
        for name in required:
            if name not in fields:
                raise self.refusal(node, f"the key `{name}` is missing")
        return fields

    def items(self, node: Node) -> list[Node]:
        """Return the items of a list that is not empty."""
        sequence = real(node)
        if not isinstance(sequence, Collection) or sequence.is_mapping:
            raise self.refusal(node, "a list is expected")
        if not sequence.children:
            raise self.refusal(node, "a list is expected that is not empty")
        return sequence.children

    def one_or_more(self, node: Node) -> list[Node]:
        """Return the items of a list, or the one node that stands for itself."""
        one = real(node)
        is_list = isinstance(one, Collection) and not one.is_mapping
        return self.items(node) if is_list else [node]

    def texts(self, node: Node) -> tuple[str, ...]:
        """Return a list of texts, or the one that stands alone."""
        return tuple(map(self.text_of, self.one_or_more(node)))

    def text_of(self, node: Node) -> str:
        """Return a text that is not empty."""
        scalar = self.scalar(node)
        kind = _kind(scalar)
        # what else YAML 1.1 resolves, `yes` and dates, are texts for YAML 1.2 and for people
        is_bool = kind == "bool" and scalar.value.lower() in ("true", "false")
        if is_bool or kind in ("int", "float"):
            raise self.refusal(node, "a text is expected, not a number or true or false", _QUOTE)
        return scalar.value

    def value_of(self, node: Node) -> str:
        """Return the text of a scalar, which can be a number or true or false."""
        return self.scalar(node).value

    def scalar(self, node: Node) -> Scalar:
        """Return a scalar that is not empty and not null."""
        scalar = real(node)
        if not isinstance(scalar, Scalar) or not scalar.value:
            raise self.refusal(node, "a text is expected")
        if scalar_tag(scalar) == NULL_TAG:
            raise self.refusal(node, "a text is expected, not null", _QUOTE)
        if scalar.tag not in (None, STR_TAG):
            raise self.refusal(node, "a text is expected, without a tag")
        return scalar

    def is_scalar(self, node: Node) -> bool:
        """Tell whether a node is a scalar, or stands for one."""
        return isinstance(real(node), Scalar)

    def pairs(self, node: Node) -> list[tuple[str, str]]:
        """Return a mapping of texts that is not empty."""
        return [(self.text_of(key), self.value_of(value)) for key, value in self.entries(node)]

    def entries(self, node: Node) -> list[tuple[Scalar | Collection, Node]]:
        """Return the keys and values of a mapping that is not empty."""
        mapping = real(node)
        if not isinstance(mapping, Collection) or not mapping.is_mapping or not mapping.children:
            raise self.refusal(node, "a mapping of texts is expected")
        return _pairs(mapping)

    def flag(self, node: Node) -> bool:
        """Return true or false."""
        scalar = real(node)
        if (
            not isinstance(scalar, Scalar)
            or scalar.tag is not None
            or _kind(scalar) != "bool"
            or scalar.value not in ("true", "false")
        ):
            raise self.refusal(node, "true or false is expected")
        return scalar.value == "true"

    def refusal(self, node: Node, message: str, hint: str | None = None) -> ConfigError:
        """Return the error for a node."""
        line, column = position(self.text, node.start)
        return ConfigError(message, line=line, column=column, hint=hint)


def real(node: Node) -> Scalar | Collection:
    """Return what an alias stands for, and any other node itself."""
    while isinstance(node, Alias):
        node = node.target
    return node


def _kind(scalar: Scalar) -> str:
    return scalar_tag(scalar).rpartition(":")[2]


def _pairs(mapping: Collection) -> list[tuple[Scalar | Collection, Node]]:
    children = mapping.children
    return list(zip(map(real, children[::2]), children[1::2], strict=True))
