"""The commands: a module each, with what it takes and what it does.

A name here is that of its module, which has `add_arguments`, `run` and `EXAMPLES`: pairs of lines,
a comment and a command line. The summaries stand here, so that `yamlvault --help` imports none of
them.
"""

COMMANDS = {
    "init": "make an age identity and a .yamlvault.yml",
    "encrypt": "seal scalars: of a plaintext file, or what is new in an encrypted one",
    "decrypt": "print the plaintext, or write it to a private file",
    "edit": "edit the plaintext in your editor: it is in memory alone, and what changed is sealed",
    "get": "print one value, or a part as YAML or JSON",
    "set": "set one value, and seal it: the value comes from standard input",
    "unset": "remove a key or a list item, with all that is below it",
    "merge": "merge a file that git could not, scalar by scalar",
    "exec": "become a command that has the values of a section in its environment",
    "env": "print the values of a section as variables: for .env files, shells, Docker, as JSON",
    "rewrap": "bring the KEKs of encrypted files in line with their rules",
    "rotate": "give encrypted files new data keys, with every scalar sealed anew",
    "check": "find plaintext secrets and files that are not as their rules say; for CI",
    "rules": "say which rule a file has, and why; or print the schema of .yamlvault.yml",
    "diff": "say by key path what changed in a file: values, and who can open it",
    "git": "let git show and merge encrypted files",
    "keys": "list who can open a file, or the identities at hand",
    "completion": "print a completion script for a shell",
    "help": "say what a command takes, with examples",
}

# in the order in which one meets them
_PLACES = {
    "start": ("init", "encrypt"),
    "daily use": ("edit", "get", "set", "unset", "decrypt", "exec", "env"),
    "review": ("check", "rules", "diff", "merge", "git"),
    "keys": ("keys", "rewrap", "rotate"),
    "this program": ("help", "completion"),
}
_PLACED = {name for names in _PLACES.values() for name in names}
_FOUND = {
    **{title: [name for name in names if name in COMMANDS] for title, names in _PLACES.items()},
    "more": [name for name in COMMANDS if name not in _PLACED],
}

GROUPS = {title: tuple(names) for title, names in _FOUND.items() if names}
