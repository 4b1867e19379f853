"""The commands: a module each, with what it takes and what it does.

A name here is that of its module, which has `add_arguments`, `run` and `EXAMPLES`: pairs of lines,
a comment and a command line. The summaries stand here, so that `yamlvault --help` imports none of
them.
"""

COMMANDS = {
    "init": "make an age identity and a .yamlvault.yml",
    "encrypt": "seal scalars: of a plaintext file, or what is new in an encrypted one",
    "decrypt": "print the plaintext, or write it to a private file",
    "get": "print one value, or a part as YAML or JSON",
    "set": "set one value, and seal it: the value comes from standard input",
    "rewrap": "bring the KEKs of encrypted files in line with their rules",
    "rotate": "give encrypted files new data keys, with every scalar sealed anew",
    "keys": "list who can open a file, or the identities at hand",
    "completion": "print a completion script for a shell",
    "help": "say what a command takes, with examples",
}

# in the order in which one meets them
_PLACES = {
    "start": ("init", "encrypt"),
    "daily use": ("edit", "get", "set", "unset", "decrypt", "exec", "env"),
    "review": ("check", "rules", "diff", "merge", "git"),
    "keys": ("keys", "rewrap", "rotate", "migrate"),
    "this program": ("help", "completion"),
}
_PLACED = {name for names in _PLACES.values() for name in names}
_FOUND = {
    **{title: [name for name in names if name in COMMANDS] for title, names in _PLACES.items()},
    "more": [name for name in COMMANDS if name not in _PLACED],
}

GROUPS = {title: tuple(names) for title, names in _FOUND.items() if names}
