"""dynaconf: a loader of encrypted files.

    settings = Dynaconf(
        settings_files=["settings.toml"],  # YAMLVAULT_FOR_DYNACONF = "secrets.yml"
        LOADERS_FOR_DYNACONF=["yamlvault.readers.dynaconf", "dynaconf.loaders.env_loader"],
        environments=True,
    )

https://www.dynaconf.com/advanced/#creating-new-loaders
"""

from __future__ import annotations

from yamlvault.errors import FileError, YamlVaultError
from yamlvault.readers.settings import not_installed, settings_of
from yamlvault.trace import without_locals
from yamlvault.vault import Vault

try:
    from dynaconf.loaders.base import BaseLoader
    from dynaconf.utils import build_env_list
except ModuleNotFoundError:
    raise not_installed(__name__, "dynaconf") from None

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

FILES = "YAMLVAULT_FOR_DYNACONF"
PATH = "YAMLVAULT_PATH_FOR_DYNACONF"

# what stands beside the environments of a file and says how they are merged
_MERGING = ("dynaconf_merge", "dynaconf_dotted_lookup")


@without_locals
def load(  # noqa: PLR0917  dynaconf's protocol
    obj: Any,
    env: str | None = None,
    silent: bool = True,  # noqa: FBT001, FBT002
    key: str | None = None,
    filename: str | Sequence[str] | None = None,
    validate: bool = False,  # noqa: FBT001, FBT002
) -> None:
    """Read settings into dynaconf's object; dynaconf calls it.

    Args:
        obj: The settings. `YAMLVAULT_FOR_DYNACONF` in them is the name of the file, or a list of
            names; without environments, `YAMLVAULT_PATH_FOR_DYNACONF` is the key path of the
            section.
        env: The environment. Its scopes are opened, and those of `default` and `global`.
        silent: Whether an environment that is not in a file is passed over. What is wrong with
            a file never is.
        key: The one setting to read; by default all.
        filename: The file; by default as above.
        validate: Whether dynaconf's validators run now.

    Raises:
        YamlVaultError: As `yamlvault.load` says.
        ValueError: The settings name no file, or a section beside environments.
    """
    names = filename or obj.get(FILES)
    if not names:
        # settings that `from_env` makes have dynaconf's own options, and what is in settings files
        raise ValueError(f"{FILES} names no file: set it in a settings file")
    files = [_found(obj, str(one)) for one in ([names] if isinstance(names, str) else names)]
    loader = _Loader(obj, env, "yamlvault", (), None, None, validate=validate)
    loader.load(filename=files, key=key, silent=silent)


def _found(obj: Any, name: str) -> str:
    """Return where a file is, searched for as dynaconf does for those of its own."""
    path: str = obj.find_file(name)
    if not path:
        raise FileError("is not there", source=name, hint=f"{FILES} names it")
    return path


class _Loader(BaseLoader):  # type: ignore[misc]
    def get_source_data(self, files: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return of each file what the environments need."""
        return {file: dict(self._sections(file)) for file in files}

    def _sections(self, file: str) -> Iterator[tuple[str, Any]]:
        vault, path = Vault(), self.obj.get(PATH)
        if self.obj.get("ENVIRONMENTS_FOR_DYNACONF") is False:
            yield from settings_of(vault.load(file, path=path), file).items()
            return
        if path:
            raise ValueError(f"{PATH} is for settings without environments")
        needed = {*build_env_list(self.obj, self.env), *_MERGING}
        for name in _names(file):
            if name.lower() in needed:
                value = vault.load(file, path=_path(name))
                yield name, value if name.lower() in _MERGING else settings_of(value, file)


def _names(file: str) -> list[str]:
    """Return the names of a file's sections: no key is needed for them."""
    from yamlvault import storage
    from yamlvault.document.node import Collection, Scalar
    from yamlvault.source import read, require_metadata

    try:
        source = read(storage.read(file))
        require_metadata(source)  # also where none of its sections is for this environment
    except YamlVaultError as error:
        error.source = error.source or file
        raise
    roots = [one.root for one in source.stream.documents if isinstance(one.root, Collection)]
    steps = [child.step for root in roots for child in root.values]
    return [step.value for step in steps if isinstance(step, Scalar)]


def _path(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'$."{escaped}"'
