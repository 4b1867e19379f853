"""The rules of a work tree: its `.yamlvault.yml`, and the files that they are for."""

from __future__ import annotations

import os

from yamlvault import config
from yamlvault.cli.git.pattern import translated
from yamlvault.config.pattern import expression
from yamlvault.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from yamlvault.cli.git.repository import Repository


class Rules:
    """All `.yamlvault.yml` in a work tree, or else the one above it."""

    def __init__(self, repository: Repository) -> None:
        """Read them.

        Args:
            repository: The repository, with git run at its root.

        Raises:
            ConfigError: There is none, or one is malformed.
            GitError: There is no work tree.
        """
        self._repository = repository
        self.root = repository.root
        names = repository.names(
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
            "--deduplicate",
            f":(top,glob)**/{config.NAME}",
        )
        paths = [os.path.join(self.root, name) for name in names]
        self._configs = {
            os.path.dirname(path): found
            for path in sorted(paths)
            if (found := config.nearest(path)) is not None and found.path == path
        }
        if self.root not in self._configs:
            above = config.nearest(os.path.join(self.root, config.NAME))
            if above is not None:
                self._configs[self.root] = above
        if not self._configs:
            raise ConfigError(
                f"there is no {config.NAME} in this work tree: git is told of the files that its "
                "rules are for",
                hint="make one: yamlvault init",
            )

    def patterns(self) -> list[str]:
        """Return the patterns of all rules, as `.gitattributes` at the root has them."""
        found: dict[str, None] = {}
        for pattern, folder in self._patterns():
            for one in translated(pattern, folder):
                found[one] = None
        return list(found)

    def _patterns(self) -> Iterator[tuple[str, str]]:
        """Yield patterns, and from which folder of the work tree they count."""
        for folder, found in self._configs.items():
            relative = os.path.relpath(folder, self.root)
            for rule in found.rules:
                for pattern in rule.files:
                    if os.path.dirname(found.path) == folder:
                        yield pattern, "" if relative == "." else relative
                    elif (below := _below(pattern, found.path, self.root)) is not None:
                        yield below, ""

    def files(self) -> list[str]:
        """Return the tracked files that a rule is for."""
        expressions = {folder: _expressions(found) for folder, found in self._configs.items()}
        matching = []
        for name in self._repository.names("ls-files", "-z", "--deduplicate"):
            folder = os.path.dirname(os.path.join(self.root, name))
            while folder not in expressions and len(folder) > len(self.root):
                folder = os.path.dirname(folder)
            if folder in expressions:
                top = os.path.dirname(self._configs[folder].path)
                relative = os.path.relpath(os.path.join(self.root, name), top)
                last = os.path.basename(name)
                if any(
                    one.fullmatch(relative if is_path else last)
                    for one, is_path in expressions[folder]
                ):
                    matching.append(name)
        return matching


def _expressions(found: config.Config) -> list[tuple[re.Pattern[str], bool]]:
    patterns = [pattern for rule in found.rules for pattern in rule.files]
    pairs = [(expression(pattern), "/" in pattern) for pattern in patterns]
    return [(one, is_path) for one, is_path in pairs if one is not None]


def _below(pattern: str, path: str, root: str) -> str | None:
    """Return a pattern of a configuration above the work tree as one of its root.

    Returns:
        None where it is for other folders.
    """
    if "/" not in pattern or pattern.startswith("**/"):
        return pattern
    start = os.path.relpath(root, os.path.dirname(path)) + "/"
    pattern = pattern.removeprefix("/")
    return "/" + pattern.removeprefix(start) if pattern.startswith(start) else None
