"""Forms: data as YAML or JSON, from which `yamlvault.load()` reads what was written."""

from __future__ import annotations

import re
from typing import Any

import yaml

from yamlvault.errors import DocumentError

YAML, JSON = "yaml", "json"
FORMS = (YAML, JSON)

# Values, aliases followed, up to which these are written out: not every reader follows them (Ruby's
# safe_load refuses), but a few of them can stand for a million times as many values
_MOST = 100_000
_UNFOLDED = 1 << 30  # columns: not every reader folds lines as PyYAML does
_BREAKS = re.compile("[\r\x85\u2028\u2029]")
_Base: Any = yaml.CSafeDumper if yaml.__with_libyaml__ else yaml.SafeDumper


def dump(data: Any, form: str, root: str) -> bytes:
    """Return data in one of the forms.

    Args:
        data: What the safe loader makes.
        form: `yaml` or `json`.
        root: Its key path in its file, for errors.

    Raises:
        DocumentError: There is no such form of it; without a value of it.
    """
    if form == JSON:
        from yamlvault.json_form import dump_json

        return dump_json(data, root, "`format: yaml` has a form for it") + b"\n"
    try:
        dumper = _TreeDumper if _is_tree(data) else _Dumper
        text: str = yaml.dump(
            data, Dumper=dumper, allow_unicode=True, sort_keys=False, width=_UNFOLDED
        )
        return text.encode()
    except UnicodeEncodeError:  # it would quote the text
        message = "a text has half of a surrogate pair in it"
    except ValueError:  # as well
        message = "a number has more digits than Python writes"
    raise DocumentError(f"{message}, for which YAML has no form")


def _is_tree(data: Any) -> bool:
    """Tell whether data can be written without aliases: nothing stands in itself, or too often."""
    pending: list[tuple[Any, tuple[int, ...]]] = [(data, ())]
    count = 0
    while pending:
        value, around = pending.pop()
        count += 1
        if count > _MOST or id(value) in around:
            return False
        if isinstance(value, (dict, list, tuple)):
            around = (*around, id(value))
            inner = value.values() if isinstance(value, dict) else value
            pending += [(one, around) for one in inner]
    return True


class _Dumper(_Base):  # type: ignore[misc]
    pass


class _TreeDumper(_Dumper):
    def ignore_aliases(self, _: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> Any:
    # in another style a line break of these is not read as what it was
    style = '"' if _BREAKS.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _list(dumper: _Dumper, items: list[Any]) -> Any:
    """Represent what `!!omap` and `!!pairs` are read to as pairs: a list of tuples."""
    if items and all(isinstance(one, tuple) and len(one) == 2 for one in items):
        pairs = [{key: value} for key, value in items]
        return dumper.represent_sequence("tag:yaml.org,2002:pairs", pairs)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items)


for one in (_Dumper, _TreeDumper):
    one.add_representer(str, _text)
    one.add_representer(list, _list)
