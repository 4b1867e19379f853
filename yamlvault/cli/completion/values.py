"""Values that stand in files: key paths, and the KEKs of rules."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def paths_of(
    file: str | None, word: str, *, is_list: bool, is_section: bool = False
) -> Iterable[str]:
    """Return the key paths of a file that begin with a word, or stand for it.

    Args:
        file: The file; None where none is on the line.
        word: What is there of the path, or of several with commas between them.
        is_list: Whether there may be several; these name what stands in the file, so that no
            alias is followed.
        is_section: Whether a mapping is meant, and not what is in it.

    Raises:
        YamlVaultError: There is no such file, or it is not YAML.
    """
    name = os.path.expanduser(file or "")
    if not os.path.isfile(name):  # a pipe would be waited for
        return ()
    from yamlvault import storage
    from yamlvault.cli.completion.key_paths import KeyPaths
    from yamlvault.document.compose import compose
    from yamlvault.document.text import decode
    from yamlvault.format.place import take_out

    text, _ = decode(storage.read(name))
    stream = compose(text)
    take_out(stream)
    paths = KeyPaths(stream, follows=not is_list)
    return paths.completing(word, is_list=is_list, is_section=is_section)


def kek_uris(file: str | None) -> Iterable[str]:
    """Return the KEK URIs that the nearest rules name.

    Raises:
        YamlVaultError: There is a `.yamlvault.yml` that can't be read.
    """
    from yamlvault import config

    found = config.nearest(file or config.NAME)
    rules = () if found is None else found.rules
    known = [kek for rule in rules for scope in rule.scopes for kek in scope.keks]
    return dict.fromkeys([*known, "passphrase:"])
