"""`yamlvault encrypt`."""

from __future__ import annotations

import sys

from yamlvault import config, storage
from yamlvault.addition import encrypt_more
from yamlvault.cli import print_error, say
from yamlvault.cli.options import asking, context, output
from yamlvault.cli.standard import STANDARD, Desk, Named, print_bytes, read
from yamlvault.cli.standard import shown as shown_file
from yamlvault.document.text import encode
from yamlvault.errors import KEKError, KEKUnreachableError, UsageError, YamlVaultError
from yamlvault.foreign import refuse_foreign
from yamlvault.kek import shown
from yamlvault.rule import EVERYTHING, ScopeRule, split_paths
from yamlvault.sealing import encrypt
from yamlvault.source import read as read_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from yamlvault.cli.parser import Parser
    from yamlvault.sealing import Sealing
    from yamlvault.source import Source

EXAMPLES = """
# seal what the rule names; after an edit: what is new
yamlvault encrypt secrets.yml
# one section, for yourself, without a rule
yamlvault encrypt -k '$.production' --kek "$(yamlvault keys)" secrets.yml
# leave the plaintext alone
yamlvault encrypt -o sealed-secrets.yml secrets.yml
"""


def add_arguments(command: Parser) -> None:
    """Add what the command takes."""
    command.add_argument("files", nargs="+", metavar="FILE", help="a YAML file, or - for stdin")
    command.add_argument(
        "-k",
        "--key",
        action="append",
        metavar="PATHS",
        help="key paths of what is sealed, such as '$.production,$.*.password' (default: as "
        "the rule in .yamlvault.yml says)",
    )
    command.add_argument(
        "--kek",
        action="append",
        metavar="URI",
        help="who can open it: age:age1…, 'age:ssh-ed25519 …', aws-kms:arn:…, "
        "gcp-kms:projects/…, passphrase: (default: as the rule says); may be given several "
        "times, any one opens",
    )
    context(command)
    output(command, "write the result to OUT and leave FILE alone")
    asking(command)


def run(arguments: Namespace) -> int:
    """Encrypt the files; one that fails does not keep the others from it."""
    files = list(dict.fromkeys(arguments.files))
    if arguments.output is not None and len(files) > 1:
        raise UsageError("--output takes one FILE", hint="without it, each is encrypted in place")
    desk = Desk(arguments)
    status = 0
    for file in files:
        try:
            with desk.at(file):
                _encrypt_file(file, arguments, desk)
        except YamlVaultError as error:
            print_error(error)
            status = error.exit_status
            if isinstance(error, KEKUnreachableError):
                break  # it would fail, after its deadline, for each of the others
    return status


def _encrypt_file(file: str, arguments: Namespace, desk: Desk) -> None:
    if file == STANDARD and not arguments.kek and sys.stdin.isatty():
        raise _no_rule()  # before somebody types all of it
    output = arguments.output or (STANDARD if file == STANDARD else None)
    if output is None:
        with storage.Locked(file) as target:
            data, sealing = _encrypted(target.data, file, arguments, desk)
            target.replace(data)
    else:
        data, sealing = _encrypted(read(file), file, arguments, desk)
        if output == STANDARD:
            print_bytes(data)
        else:
            with Named(output):
                storage.write(output, data)
    tell(shown_file(file), sealing)


def _encrypted(data: bytes, file: str, arguments: Namespace, desk: Desk) -> tuple[bytes, Sealing]:
    source = read_source(data)
    paths = split_paths(arguments.key or ())
    if source.metadata is not None:
        if arguments.kek or arguments.context:
            raise UsageError(
                "encrypted already: its KEKs are not changed by --kek or --context",
                source=file,
                hint="to change them: yamlvault rewrap FILE",
            )
        rules = () if file == STANDARD else config.scopes_for(file, strict=True)
        sealing = encrypt_more(source, paths, desk.keyring, rules=rules, adopt=not paths)
    else:
        refuse_foreign(source.stream)
        sealing = _encrypt_new(source, paths, file, arguments, desk)
    return encode(sealing.text, bom=source.bom), sealing


def _encrypt_new(
    source: Source, paths: tuple[str, ...], file: str, arguments: Namespace, desk: Desk
) -> Sealing:
    context = dict(arguments.context or ())
    if arguments.kek:
        rule = ScopeRule(tuple(arguments.kek), EVERYTHING, paths or EVERYTHING, context)
        return encrypt(source, (rule,), desk.keyring)
    if file == STANDARD:
        raise _no_rule()
    found = config.find(file, strict=True)
    rules = _changed(found.rule_for(file).scopes, paths, context, file)
    try:
        return encrypt(source, rules, desk.keyring, lenient=not paths)
    except KEKError as error:
        if not isinstance(error, KEKUnreachableError):
            error.source = error.source or found.path  # the mistake stands there
        raise


def _no_rule() -> UsageError:
    return UsageError(
        "it has no name that a rule could be for",
        source=shown_file(STANDARD),
        hint="name --kek URI",
    )


def _changed(
    rules: Sequence[ScopeRule], paths: tuple[str, ...], context: dict[str, str], file: str
) -> Sequence[ScopeRule]:
    """Return the rules with what the command line says instead."""
    if paths and len(rules) > 1:
        raise UsageError(
            "the rule has several scopes, each with paths of its own: -k can't replace them",
            source=file,
            hint="change `seal` in the rule",
        )
    return [
        rule._replace(seal=paths or rule.seal, context={**rule.context, **context})
        for rule in rules
    ]


def tell(file: str, sealing: Sealing) -> None:
    """Say what was done, and how many scalars were sealed."""
    tell_remarks(file, sealing)
    tell_counts(file, sealing)


def tell_remarks(file: str, sealing: Sealing) -> None:
    """Say what else of a file is worth knowing."""
    if sealing.vouched:
        where = ", ".join(label or "the top level" for label in sealing.vouched)
        say(f"{file}: changed by hand since it was signed, and signed as it stands now: {where}")
    sealed = {share.scope for share in sealing.shares if share.sealed}
    for name in sealing.appended:
        has_new = name in sealed if sealing.shares else sealing.sealed
        what = "what is new is sealed under a new data key (write-only), and " if has_new else ""
        say(
            f"{file}: scope {name} does not open here: {what}the scope is signed as it stands, "
            "unchecked"
        )
    for name in sealing.unchecked:
        say(f"{file}: scope {name} does not open here: left as it is, unchecked")
    if sealing.uncovered:
        where = ", ".join(sealing.uncovered)
        say(f"{file}: in no scope, so that anybody can change it unnoticed: {where}")
    if sealing.left_out:
        paths = ", ".join(sealing.left_out)
        say(f"{file}: plaintext, though its rule seals it: {paths} (encrypt -k '{paths}' seals it)")
    if sealing.unnamed:
        say(f"{file}: nothing is there yet that its rule names by {', '.join(sealing.unnamed)}")
    if sealing.plain:
        say(f"{file}: plaintext, since `seal` does not name it: {', '.join(sealing.plain)}")


def tell_counts(file: str, sealing: Sealing) -> None:
    """Say how many scalars were sealed, for whom."""
    touched = [share for share in sealing.shares if share.sealed]
    if not touched:
        say(f"{file}: {_counted(sealing.sealed, sealing.kept, sealing.keks)}")
    for share in touched:
        say(f"{file}: scope {share.scope}: {_counted(share.sealed, share.kept, share.keks)}")


def _counted(sealed: int, kept: int, keks: Sequence[str]) -> str:
    scalars = "scalar" if sealed == 1 else "scalars"
    before = f", {kept} kept as {'it was' if kept == 1 else 'they were'}" if kept else ""
    return f"{sealed} {scalars} sealed{before}, for {', '.join(map(shown, keks))}"
