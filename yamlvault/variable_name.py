"""Names of environment variables: which are valid, and which no file may set unasked."""

from __future__ import annotations

# Which code runs before the first line of a command is decided by these. Who may add to a file
# would run code of theirs wherever it is used; and a key `path` would hide every program.
_LOADERS = frozenset((
    "PATH", "LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "LD_DEBUG", "LD_DEBUG_OUTPUT",
    "LD_PROFILE", "LD_PROFILE_OUTPUT", "GCONV_PATH", "GLIBC_TUNABLES", "LOCPATH", "NLSPATH",
    "OPENSSL_CONF", "OPENSSL_ENGINES", "OPENSSL_MODULES",
    "BASH_ENV", "BASHOPTS", "SHELLOPTS", "PS0", "PS1", "PS2", "PS3", "PS4", "PROMPT_COMMAND", "IFS",
    "PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "PYTHONBREAKPOINT",
    "PYTHONWARNINGS", "PYTHONINSPECT", "PERL5LIB", "PERL5OPT", "PERL5DB", "PERLLIB",
    "RUBYLIB", "RUBYOPT", "NODE_OPTIONS", "NODE_PATH", "NODE_REPL_EXTERNAL_MODULE", "PHPRC",
    "PHP_INI_SCAN_DIR", "CLASSPATH", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS",
    "GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS", "GIT_EDITOR", "GIT_PAGER", "GIT_EXEC_PATH",
    "GIT_EXTERNAL_DIFF", "GIT_PROXY_COMMAND", "GIT_TEMPLATE_DIR", "LESSOPEN", "LESSCLOSE",
))  # fmt: skip
_LOADER_PREFIXES = ("DYLD_", "BASH_FUNC_", "GIT_CONFIG_")


def is_valid(name: str) -> bool:
    """Tell whether every program and every shell takes a name (POSIX.1-2017, 8.1)."""
    return name.isascii() and name.isidentifier()


def decides_code(name: str) -> bool:
    """Tell whether a variable decides which code runs before the first line of a command."""
    return name in _LOADERS or name.startswith(_LOADER_PREFIXES)
