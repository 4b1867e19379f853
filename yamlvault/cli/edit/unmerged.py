"""What is edited where git could not merge: the plaintext of both sides, with markers."""

from __future__ import annotations

import os
import stat

from yamlvault import storage
from yamlvault.cli.edit.subject import Subject, check_exposure
from yamlvault.document.text import encode
from yamlvault.errors import DocumentError
from yamlvault.merging.markers import SIZE
from yamlvault.sealing import Sealing, keks_of
from yamlvault.source import parse, require_metadata

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from yamlvault.keyring import Keyring
    from yamlvault.merging.merge import Merge


class Unmerged(Subject):
    """A file in which something is left to choose."""

    def __init__(self, file: str, keyring: Keyring, merge: Merge, names: tuple[str, str]) -> None:
        """Open both sides.

        Raises:
            YamlVaultError: The file can't be written, or the sides can't be shown.
        """
        super().__init__(file, keyring)
        storage.check_writable(file)
        self.before = storage.read(file)
        self._mode = stat.S_IMODE(os.stat(file).st_mode)
        self._merge = merge
        self.plaintext = encode(merge.marked_plaintext(names), bom=merge.bom)

    def notes(self) -> Iterator[str]:
        """Yield what was changed by both sides."""
        places = ", ".join(label or "the top level" for label in self._merge.conflicts)
        yield f"both sides changed {places or 'the same lines'}"

    def _seal(self, text: str, *, expose: bool) -> Sealing:
        self._check_markers(text)
        written = parse(self._merge.sealed(text))
        texts = [scalar.sealed for scalar in written.sealed]
        new = sum(one not in self._merge.sealed_before for one in texts)
        keks = keks_of(require_metadata(written))
        sealing = Sealing(written.text, new, len(texts) - new, (), keks)
        if not expose:
            check_exposure(self._merge.drafts, text, sealing)
        return sealing

    def _check_markers(self, text: str) -> None:
        for number, line in enumerate(text.split("\n"), 1):
            if line[:SIZE] in ("<" * SIZE, ">" * SIZE) or line == "=" * SIZE:
                raise DocumentError(
                    "a conflict marker is left",
                    line=number,
                    column=1,
                    hint="keep the lines of one side, or write others, and take the markers out",
                )
