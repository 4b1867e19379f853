"""`yamlvault encrypt`."""

from __future__ import annotations

from yamlvault import config, storage
from yamlvault.cli import print_error, say
from yamlvault.cli.standard import STANDARD, Named, keyring, print_bytes, read
from yamlvault.document.text import encode
from yamlvault.errors import KEKError, UsageError, YamlVaultError
from yamlvault.foreign import refuse_foreign
from yamlvault.kek import shown
from yamlvault.sealing import encrypt, encrypt_more, split_paths
from yamlvault.source import read as read_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from yamlvault.keyring import Keyring
    from yamlvault.sealing import Sealing


def run(arguments: Namespace) -> int:
    """Encrypt the files; one that fails does not keep the others from it."""
    files = list(dict.fromkeys(arguments.files))
    if arguments.output is not None and len(files) > 1:
        raise UsageError("--output takes one FILE", hint="without it, each is encrypted in place")
    ring = keyring()
    status = 0
    for file in files:
        try:
            with Named(file):
                _encrypt_file(file, arguments, ring)
        except YamlVaultError as error:
            print_error(error)
            status = error.exit_status
    return status


def _encrypt_file(file: str, arguments: Namespace, ring: Keyring) -> None:
    output = arguments.output or (STANDARD if file == STANDARD else None)
    if output is None:
        with storage.Locked(file) as target:
            data, sealing = _encrypted(target.data, file, arguments, ring)
            target.replace(data)
    else:
        data, sealing = _encrypted(read(file), file, arguments, ring)
        if output == STANDARD:
            print_bytes(data)
        else:
            storage.write(output, data)
    _tell(file, sealing)


def _encrypted(
    data: bytes, file: str, arguments: Namespace, ring: Keyring
) -> tuple[bytes, Sealing]:
    source = read_source(data)
    paths = split_paths(arguments.key or ())
    if source.metadata is not None:
        if arguments.kek:
            raise UsageError(
                "encrypted already: its KEKs are not changed by --kek",
                source=file,
                hint="to change them, decrypt it and encrypt it again",
            )
        sealing = encrypt_more(source, paths, ring)
    else:
        refuse_foreign(source.stream)
        keks = tuple(arguments.kek or ())
        if not keks:
            if file == STANDARD:
                raise UsageError(
                    "standard input has no name that a rule could be for", hint="name --kek URI"
                )
            found = config.find(file)
            rule = found.rule_for(file)
            keks, paths = rule.keks, paths or rule.seal
        try:
            sealing = encrypt(source, paths or ("$",), keks, ring)
        except KEKError as error:
            if not arguments.kek:
                error.source = found.path  # the mistake stands there
            raise
    return encode(sealing.text, bom=source.bom), sealing


def _tell(file: str, sealing: Sealing) -> None:
    if sealing.vouched:
        where = ", ".join(label or "the top level" for label in sealing.vouched)
        say(f"{file}: changed by hand since it was signed, and signed as it stands now: {where}")
    scalars = "scalar" if sealing.sealed == 1 else "scalars"
    kept = f", {sealing.kept} kept as they were" if sealing.kept else ""
    keks = ", ".join(map(shown, sealing.keks))
    say(f"{file}: {sealing.sealed} {scalars} sealed{kept}, for {keks}")
