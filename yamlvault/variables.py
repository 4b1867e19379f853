"""Variables: a section of an encrypted file as an environment."""

from __future__ import annotations

from typing import NamedTuple

from yamlvault.errors import KeyPathError, YamlVaultError, suggestion
from yamlvault.loaded import leaf_loader
from yamlvault.loading import ERROR, load_documents, only
from yamlvault.variable_name import decides_code, is_valid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from yamlvault.keyring import Keyring
    from yamlvault.loaded import Leaf

_WILD = frozenset("*?[")
_SHOWN = 5  # of a longer list of key paths


class Variable(NamedTuple):
    """A variable of an environment.

    Attributes:
        name: Its name.
        value: Its value: no null byte is in it.
        path: The key path of the scalar that it comes from.
    """

    name: str
    value: str
    path: str

    def __repr__(self) -> str:
        return f"<Variable {self.name}>"  # the value can be a secret


class Naming(NamedTuple):
    """How keys become names.

    Attributes:
        prefix: What stands in front of each name, as it is.
        separator: What stands between the keys of nested mappings.
        keep_case: Whether lower case stays so.
        replace_invalid: Whether a character that a name can't have becomes `_`.
    """

    prefix: str = ""
    separator: str = "_"
    keep_case: bool = False
    replace_invalid: bool = False

    def name_of(self, keys: Iterable[str]) -> str:
        """Return the name for keys and numbers of items; it may be no valid one."""
        name = self.separator.join(keys)
        if self.replace_invalid:
            name = "".join(one if one.isascii() and one.isalnum() else "_" for one in name)
        if not self.keep_case and name.isascii():  # others can become ASCII letters
            name = name.upper()
        return self.prefix + name


def variables(
    data: bytes,
    path: str | None,
    keyring: Keyring,
    naming: Naming,
    *,
    wanted: Sequence[str] = (),
    missing: str = ERROR,
) -> list[Variable]:
    """Return the variables of a section, in the order of the file.

    Null is no variable. Numbers are as they are written, booleans `true` or `false`, dates ISO
    8601, binaries base64. The items of a list have their numbers, from 0, as keys.

    Args:
        data: An encrypted file.
        path: The key path of the section; None for the whole document.
        keyring: What opens the data keys.
        naming: How keys become names.
        wanted: Names, or patterns with `*`, `?` and `[]`: what else there is is left out.
        missing: As in `Vault.load`.

    Raises:
        KeyPathError: The path names no section, or a wanted name is none of it.
        YamlVaultError: Two keys have one name, a name or a value is not one that an environment
            can have, or a name decides which code runs and was not asked for; or as `Vault.load`.
    """
    root = "$" if path is None else path.strip(" ")
    loader = leaf_loader(root)
    leaves: list[Leaf] = only(load_documents(data, keyring, path, loader, missing), path) or []
    if any(not leaf.keys and leaf.text is not None for leaf in leaves):
        raise KeyPathError(
            f"{root} is one value, and no section", hint="name the mapping that it stands in"
        )
    named = [(naming.name_of(leaf.keys), leaf) for leaf in leaves if leaf.keys]
    if wanted:
        named = _chosen(named, wanted)
    _check_names([name for name, _ in named], [leaf.path for _, leaf in named], naming, wanted)
    found = [Variable(name, leaf.text, leaf.path) for name, leaf in named if leaf.text is not None]
    for variable in found:
        if "\0" in variable.value:
            raise YamlVaultError(
                f"{variable.path} has a null byte, which no environment variable can have",
                hint="encode it, in base64 for example",
            )
    return found


def _chosen(named: list[tuple[str, Leaf]], wanted: Sequence[str]) -> list[tuple[str, Leaf]]:
    """Return those of which the name is wanted.

    Raises:
        KeyPathError: A name or a pattern has none: the command would start without it.
    """
    known = dict.fromkeys(name for name, _ in named)
    chosen: set[str] = set()
    for want in wanted:
        found = _matching(want, known)
        if not found:
            hint = suggestion(want, known) if known else "the section has no values"
            raise KeyPathError(f"no variable is called {want}", hint=hint)
        chosen.update(found)
    return [(name, leaf) for name, leaf in named if name in chosen]


def _matching(want: str, known: Iterable[str]) -> list[str]:
    if _WILD.isdisjoint(want):
        return [name for name in known if name == want]
    from fnmatch import fnmatchcase

    return [name for name in known if fnmatchcase(name, want)]


def _check_names(
    names: Sequence[str], paths: Sequence[str], naming: Naming, wanted: Sequence[str]
) -> None:
    invalid = [path for name, path in zip(names, paths, strict=True) if not is_valid(name)]
    if invalid:
        raise YamlVaultError(
            f"no names of environment variables can be made of {_listed(invalid)}",
            hint=_hint_for_invalid(naming),
        )
    first: dict[str, str] = {}
    for name, path in zip(names, paths, strict=True):
        if name in first:
            raise YamlVaultError(
                f"{first[name]} and {path} would both be {name}",
                hint=_hint_for_equal(naming),
            )
        first[name] = path
    for name, path in first.items():
        if decides_code(name) and name not in wanted:
            raise YamlVaultError(
                f"{path} would be {name}, which decides what code runs",
                hint=f"rename it, or use --prefix; where it is meant: --only '*' --only {name}",
            )


def _hint_for_invalid(naming: Naming) -> str:
    if naming.replace_invalid:
        return "a name starts with a letter or _: --prefix puts one in front"
    return (
        "letters, digits and _ make a name: --replace-invalid writes _ for all else, --prefix "
        "puts a letter in front of a digit, --only leaves others out"
    )


def _hint_for_equal(naming: Naming) -> str:
    """Return a hint with what was not tried yet."""
    left = [] if naming.keep_case else ["--keep-case"]
    left += [f"--separator {naming.separator}_"] if naming.separator in ("", "_") else []
    if not left:
        return "rename one"
    return f"{' or '.join(reversed(left))} may tell them apart; or rename one"


def _listed(paths: Sequence[str]) -> str:
    more = len(paths) - _SHOWN
    return ", ".join(paths[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
