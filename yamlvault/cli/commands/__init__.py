"""The commands: a module each, with what it takes and what it does.

A name here is that of its module. The summaries stand here, so that `yamlvault --help` imports
none of them.
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
    "rewrap": "bring the KEKs of encrypted files in line with their rules",
    "rotate": "give encrypted files new data keys, with every scalar sealed anew",
    "keys": "list who can open a file, or the identities at hand",
    "completion": "print a completion script for a shell",
}
