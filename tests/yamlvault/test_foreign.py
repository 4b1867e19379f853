"""Files that another tool has encrypted."""

import pytest

from yamlvault.document.compose import compose
from yamlvault.errors import AlreadyEncryptedError, NotEncryptedError
from yamlvault.foreign import refuse_foreign
from yamlvault.source import parse, require_metadata

TOKEN = "A" * 24 + "==--" + "0123456789abcdef" * 4
SOPS = "ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]"


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        (f"a: {SOPS}\nsops:\n  mac: x\n", "SOPS"),
        (f"a: {{b: [{SOPS!r}]}}\nsops: {{}}\n", "SOPS"),
        (f'{{"a": "{SOPS}", "sops": {{}}}}', "SOPS"),
        (f"x: 1\n---\na: {SOPS}\nsops: {{}}\n", "SOPS"),
        (f"a: {TOKEN}\n", "yaml_vault gem"),
        (f"a: 1\nb:\n- c: {TOKEN}\n", "yaml_vault gem"),
        (f"x: 1\n---\n{TOKEN}\n", "yaml_vault gem"),
    ],
)
def test_the_tool_is_named(text, tool, parser):
    """What SOPS or the gem has encrypted is refused, with the command that decrypts it."""
    with pytest.raises(AlreadyEncryptedError, match=tool) as caught:
        refuse_foreign(compose(text))
    assert "decrypt it with that tool first" in caught.value.hint
    assert "AAAA" not in f"{caught.value} {caught.value.hint}"
    with pytest.raises(NotEncryptedError, match=f"encrypted by .*{tool}, and not by yamlvault"):
        require_metadata(parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a: 1\n",
        "sops: 1\n",
        "sops:\n  mac: x\n",
        f"a: {SOPS}\n",
        f"b:\n  a: {SOPS}\n  sops: {{}}\n",
        f"- {SOPS}\n- sops\n",
        f"a: x{TOKEN}y z\n",
        f"a: {TOKEN[:-1]}\n",
        f"a: {TOKEN}0\n",
        f"a: {TOKEN.upper()}\n",
        f"a: {TOKEN[1:]}\n",
        f"a: {TOKEN.replace('--', '-')}\n",
        "a: command --with --options\n",
    ],
)
def test_others_are_left_alone(text):
    """A key named sops, or text that is only like that of a tool, is no reason to refuse."""
    refuse_foreign(compose(text))
