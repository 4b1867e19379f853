"""pydantic-settings: a source that reads an encrypted file."""

from __future__ import annotations

import os

from yamlvault.readers.settings import not_installed, settings_of
from yamlvault.trace import without_locals
from yamlvault.vault import Vault

try:
    from pydantic_settings import InitSettingsSource
except ModuleNotFoundError:
    raise not_installed(__name__, "pydantic-settings") from None

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pydantic_settings import BaseSettings

    from yamlvault.keyring import Keyring
    from yamlvault.loading import Loader
    from yamlvault.vault import Path

VARIABLE = "YAMLVAULT_FD"  # as in yamlvault.handover, which few need
ERROR, SKIP = "error", "skip"  # what `missing_file` can be


class YamlVaultSettingsSource(InitSettingsSource):
    """The settings in an encrypted file, or in a section of it.

    Where it stands among the sources that `settings_customise_sources` returns says what comes
    before it. Names and aliases are matched as pydantic-settings does for its own files.

    Args:
        settings_cls: The class of the settings.
        file: The name of the file; by default `yamlvault_file` of the class's `model_config`, or
            else what was handed over, as for `yamlvault.load()`.
        path: The key path of the section; by default `yamlvault_path` there, or everything.
        missing_file: What becomes of a file that is not there, or of nothing that was handed over:
            "error", or "skip" where the other sources have all that is needed.
        missing: As for `yamlvault.load`.
        loader: As for `yamlvault.load`.
        keyring: As for `yamlvault.load`.

    Raises:
        YamlVaultError: As `yamlvault.load` says.
        TypeError: The file has another type than that of a name.
        ValueError: The class shows values in its errors.
    """

    @without_locals
    def __init__(
        self,
        settings_cls: type[BaseSettings],
        file: Path | None = None,
        path: str | None = None,
        *,
        missing_file: str = ERROR,
        missing: str = "error",
        loader: Loader | None = None,
        keyring: Keyring | None = None,
    ) -> None:
        config = settings_cls.model_config
        named = file if file is not None else config.get("yamlvault_file")
        if named is not None and not isinstance(named, (str, os.PathLike)):
            raise TypeError("the name of a file is a text or a path")
        if missing_file not in (ERROR, SKIP):
            raise ValueError(f"missing_file is {ERROR!r} or {SKIP!r}, not {missing_file!r}")
        if not config.get("hide_input_in_errors"):
            # pydantic's errors quote what they refuse, and around a missing field all the others
            raise ValueError(
                f"{settings_cls.__name__} would show secrets in its errors: "
                "set hide_input_in_errors=True in model_config"
            )
        self.file = None if named is None else os.fspath(named)
        section = path if path is not None else config.get("yamlvault_path")
        self.path = None if section is None else str(section)
        found = None
        is_there = os.environ.get(VARIABLE) if self.file is None else os.path.exists(self.file)
        if missing_file == ERROR or is_there:
            vault = Vault(keyring)
            found = vault.load(self.file, path=self.path, loader=loader, missing=missing)
        super().__init__(settings_cls, settings_of(found, self.file or VARIABLE))

    def __repr__(self) -> str:  # the base class's shows the values
        return f"{type(self).__name__}(file={self.file!r}, path={self.path!r})"
