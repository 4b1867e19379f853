"""Habits: commands and options of other tools, and what does that here."""

from __future__ import annotations

COMMANDS = {
    "view": "yamlvault decrypt FILE, or one value: yamlvault get FILE PATH",
    "cat": "yamlvault decrypt FILE, or one value: yamlvault get FILE PATH",
    "show": "yamlvault decrypt FILE, or one value: yamlvault get FILE PATH",
    "rm": "yamlvault unset FILE PATH",
    "remove": "yamlvault unset FILE PATH",
    "delete": "yamlvault unset FILE PATH",
    "create": "yamlvault edit FILE makes a file that a rule is for",
    "updatekeys": "yamlvault rewrap FILE",
    "rekey": "yamlvault rotate FILE; for other KEKs: yamlvault rewrap FILE",
    "exec-env": "yamlvault exec FILE PATH -- COMMAND",
    "exec-file": "yamlvault exec FILE PATH -- COMMAND has the values as variables",
    "filestatus": "yamlvault rules FILE, yamlvault keys FILE",
    "version": "yamlvault --version",
}

# of SOPS, where options choose what is done
FRONT = {
    "-d": "yamlvault decrypt FILE",
    "--decrypt": "yamlvault decrypt FILE",
    "-e": "yamlvault encrypt FILE",
    "--encrypt": "yamlvault encrypt FILE",
    "-r": "yamlvault rotate FILE",
    "--rotate": "yamlvault rotate FILE",
    "-s": "yamlvault keys FILE",
    "--set": "yamlvault set FILE PATH",
    "--extract": "yamlvault get FILE PATH",
    "-i": "yamlvault COMMAND FILE changes FILE in place",
    "--in-place": "yamlvault COMMAND FILE changes FILE in place",
}

_IN_PLACE = "FILE is changed in place without an option"
_NO_RULE = "what has no name has no rule: --kek URI and -k PATHS say what it would"
_RULE = "name them as `keks` in .yamlvault.yml, then yamlvault rewrap FILE"
OPTIONS = {
    "-i": _IN_PLACE,
    "--in-place": _IN_PLACE,
    "--extract": "yamlvault get FILE PATH",
    "--value-file": "--file VALUE_FILE",
    "--value-stdin": "the value comes from standard input as it is",
    "--filename-override": _NO_RULE,
    "--input-type": "JSON is read as YAML",
    "--output-type": "yamlvault get --json FILE, yamlvault env --format dotenv FILE PATH",
    "--add-age": _RULE,
    "--rm-age": _RULE,
    "--add-kms": _RULE,
    "--rm-kms": _RULE,
    "--age": "--kek age:age1…",
    "--kms": "--kek aws-kms:arn:…",
    "--gcp-kms": "--kek gcp-kms:projects/…",
    "--encrypted-regex": "-k PATHS: key paths",
}
