"""The commands: a module each, with what it takes and what it does.

A name here is that of its module. The summaries stand here, so that `yamlvault --help` imports
none of them.
"""

COMMANDS = {
    "init": "make an age identity and a .yamlvault.yml",
    "encrypt": "seal scalars: of a plaintext file, or what is new in an encrypted one",
    "decrypt": "print the plaintext, or write it to a private file",
    "get": "print one value, or a part as YAML or JSON",
    "set": "set one value, and seal it: the value comes from standard input",
    "exec": "become a command that has the values of a section in its environment",
    "env": "print the values of a section as variables: for .env files, shells, Docker, as JSON",
    "rewrap": "bring the KEKs of encrypted files in line with their rules",
    "rotate": "give encrypted files new data keys, with every scalar sealed anew",
    "keys": "list who can open a file, or the identities at hand",
    "completion": "print a completion script for a shell",
}
