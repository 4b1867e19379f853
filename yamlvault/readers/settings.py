"""What a file gives to a framework: a mapping of names to values."""

from __future__ import annotations

from yamlvault.errors import DocumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from typing import Any


def settings_of(value: Any, file: str | os.PathLike[str]) -> dict[str, Any]:
    """Return loaded data as settings; nothing, where YAML has nothing there.

    Raises:
        DocumentError: It is no mapping, or a key of it is no text.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise DocumentError(
            f"settings are a mapping, and here is a value of type {type(value).__name__}",
            source=str(file),
            hint="name the section: a key path such as $.production",
        )
    wrong = [key for key in value if not isinstance(key, str)]
    if wrong:
        raise DocumentError(
            f"names of settings are texts, and a key here is of type {type(wrong[0]).__name__}",
            source=str(file),
            hint="put it in quotes",
        )
    return value


def not_installed(module: str, package: str) -> ImportError:
    """Return what is raised where a reader's framework is missing."""
    return ImportError(f"{module} needs {package}: pip install {package}", name=module)
