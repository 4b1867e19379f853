"""A section of a file, read by attribute: `secrets.database.password`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Section(Mapping):  # type: ignore[type-arg]
    """A read-only view of loaded data whose keys are attributes, too.

        secrets = yamlvault.Section(yamlvault.load("secrets.yml", path="$.production"))
        connect(secrets.database.host, secrets.database.password)

    A mapping in it is a `Section`, a list a tuple. What is no identifier, or has the name of a
    mapping's method (`get`, `items`, `keys`, `values`), is read by `[]`. It is no `dict`, so
    that what shows the items of dictionaries (error pages, `rich`, `json`) shows its keys only.

    Args:
        data: A mapping, as `load` returns it. It is not copied.

    Raises:
        TypeError: It is something else.
    """

    __slots__ = ("__data",)

    def __init__(self, data: Mapping[Any, Any]) -> None:
        if not isinstance(data, Mapping):
            raise TypeError(f"a Section is made of a mapping, not of {type(data).__name__}")
        self.__data = data

    def __getitem__(self, key: Any) -> Any:
        return _view(self.__data[key])

    def __getattr__(self, name: str) -> Any:
        # copy and pickle ask instances without data for special methods
        if not (name.startswith("__") and name.endswith("__")):
            if name in self.__data:
                return self[name]
            from yamlvault.errors import suggestion

            names = [key for key in self.__data if isinstance(key, str)]
            near = f": {suggestion(name, names)}" if names else ""
            # with a name and an object in it, a traceback would add a guess of Python's own
            raise AttributeError(f"no key `{name}`{near}", name=None, obj=None)
        raise AttributeError(name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.__data)

    def __len__(self) -> int:
        return len(self.__data)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Section):
            return bool(self.__data == other.__data)
        return bool(self.__data == other) if isinstance(other, Mapping) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(key for key in self.__data if isinstance(key, str))]

    def __repr__(self) -> str:
        return f"<Section: {', '.join(map(str, self.__data))}>"  # the values are secrets

    def __reduce__(self) -> tuple[type[Section], tuple[Mapping[Any, Any]]]:
        return Section, (self.__data,)


def _view(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Section(value)
    return tuple(map(_view, value)) if isinstance(value, (list, tuple)) else value
