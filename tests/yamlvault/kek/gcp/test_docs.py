"""docs/kms-gcp.md: its roles do what it says, and it knows every message and variable."""

import re
from pathlib import Path

import pytest
from servers.gcp_kms.fixtures import DECRYPT, ENCRYPT

from yamlvault.errors import NoKeyError
from yamlvault.kek import refusal

from .conftest import DATA_KEY

ROOT = Path(__file__).parents[4]
[PAGE] = [
    page
    for page in (ROOT / "docs/kms-gcp.md", ROOT / "docs/kms.md")
    if page.exists() and "roles/cloudkms" in page.read_text()
][:1]
TEXT = PAGE.read_text()
# https://cloud.google.com/kms/docs/reference/permissions-and-roles, as far as Encrypt and Decrypt
ROLES = {
    "roles/cloudkms.cryptoKeyEncrypter": [ENCRYPT],
    "roles/cloudkms.cryptoKeyDecrypter": [DECRYPT],
    "roles/cloudkms.cryptoKeyEncrypterDecrypter": [ENCRYPT, DECRYPT],
}
TABLE = re.findall(r"^\| ([^|]+) \| `(roles/[A-Za-z.]+)` \| ([a-z, ]+) \|$", TEXT, re.MULTILINE)


def test_the_table_of_roles():
    """It has the three who do different things."""
    assert {role for _, role, _ in TABLE} == set(ROLES)


@pytest.mark.parametrize(("who", "role", "can"), TABLE)
def test_each_role_does_what_the_page_says(place, who, role, can):
    """It can do that, and nothing else."""
    stanza = place.wrap()
    place.server.grant(place.principal, ROLES[role], place.uri)
    calls = {"wrap": place.wrap, "unwrap": lambda: place.unwrap(stanza)}
    for name, call in calls.items():
        if name in can.split(", "):
            assert call()
        else:
            with pytest.raises(NoKeyError, match="denied"):
                call()
    assert DATA_KEY


def test_every_message_is_on_the_page():
    """Each kind that Cloud KMS can give has a row."""
    not_here = {refusal.WRONG_REGION}
    kinds = {one for one in vars(refusal).values() if isinstance(one, refusal.Kind)} - not_here
    assert {kind.text for kind in kinds if f"| {kind.text} |" not in TEXT} == set()


def test_every_variable_is_on_the_page():
    """What the code reads from the environment has a row."""
    names = set()
    for file in (ROOT / "yamlvault/kek/gcp").glob("*.py"):
        names |= set(
            re.findall(r'"((?:YAMLVAULT|GOOGLE|GCE|CLOUDSDK|NO_GCE)_[A-Z_]+)"', file.read_text())
        )
    assert {name for name in names if f"`{name}`" not in TEXT} == set()


def test_links():
    """Its anchors exist."""
    headings = {
        line[3:].lower().replace(" ", "-") for line in TEXT.splitlines() if line.startswith("## ")
    }
    for anchor in re.findall(r"\(#([a-z-]+)\)", TEXT):
        assert anchor in headings
