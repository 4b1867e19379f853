"""Names of Cloud KMS keys."""

import pytest

from yamlvault.errors import KEKError
from yamlvault.kek.gcp.key_name import is_version_of, key_name

NAME = "projects/p/locations/global/keyRings/r/cryptoKeys/k"


@pytest.mark.parametrize(
    "name",
    [
        NAME,
        "projects/example.com:old-project/locations/europe-west3/keyRings/R_1-a/cryptoKeys/K_2-b",
        "projects/123456789/locations/us/keyRings/" + "r" * 63 + "/cryptoKeys/" + "k" * 63,
    ],
)
def test_names(name):
    """The URI is the scheme and the name as Google writes it."""
    assert key_name(f"gcp-kms:{name}") == name


@pytest.mark.parametrize(
    "version", ["/cryptoKeyVersions/1", "/cryptoKeyVersions", "/cryptoKeyVersions/"]
)
def test_a_version_is_not_a_key(version):
    """Who names a version is told to leave it out."""
    with pytest.raises(KEKError, match="names a version of a key") as caught:
        key_name(f"gcp-kms:{NAME}{version}")
    assert "leave out /cryptoKeyVersions/" in caught.value.hint


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/",
        f"/{NAME}",
        f"{NAME}/",
        f"{NAME} ",
        f" {NAME}",
        f"{NAME}\n",
        f"{NAME}?alt=media",
        f"{NAME}#x",
        f"{NAME}:decrypt",
        f"//{NAME}",
        f"{NAME}/cryptoKeyVersions/1/x",
        NAME.replace("projects", "Projects"),
        NAME.replace("/p/", "/../"),
        NAME.replace("/p/", "//"),
        NAME.replace("global", "%2e%2e"),
        NAME.replace("/r/", "/r\xe9/"),
        NAME.replace("/k", "/k\u0661"),
        NAME.replace("/r/", "/" + "r" * 64 + "/"),
        "arn:aws:kms:eu-west-1:111122223333:key/x",
        "x" * 100_000,
    ],
)
def test_malformed_names(name):
    """What is no name is refused with what one looks like, in a line of bounded length."""
    with pytest.raises(KEKError, match="is not a Cloud KMS key") as caught:
        key_name(f"gcp-kms:{name}")
    assert "projects/P/locations/L/keyRings/R/cryptoKeys/K" in caught.value.hint
    assert len(str(caught.value)) < 500
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("version", "is_one"),
    [
        (f"{NAME}/cryptoKeyVersions/1", True),
        (f"{NAME}/cryptoKeyVersions/12", True),
        (f"{NAME}/cryptoKeyVersions/", False),
        (f"{NAME}/cryptoKeyVersions/1/x", False),
        (f"{NAME}/cryptoKeyVersions/\u0661", False),
        (f"{NAME}2/cryptoKeyVersions/1", False),
        (NAME, False),
        ("1", False),
        ("", False),
    ],
)
def test_versions_of_a_key(version, is_one):
    """Only a numbered version of the very key is one."""
    assert is_version_of(NAME, version) is is_one
