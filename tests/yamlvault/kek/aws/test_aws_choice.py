"""Which client is chosen, and what is told of it."""

import os
import subprocess
import sys

import pytest
from servers import guard

from yamlvault import Access
from yamlvault.deadline import Deadline
from yamlvault.errors import KEKError, YamlVaultError
from yamlvault.kek import kek_of
from yamlvault.kek.aws.choice import reason_for_sdk

DATA_KEY = os.urandom(32)
SOON = Deadline(86_400)  # made when tests are collected, hours may lie between
NOTHING = Access()
ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.fixture
def home(monkeypatch, tmp_path):
    """A home, and credentials in the environment."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAX")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    (tmp_path / ".aws").mkdir()
    return tmp_path


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({}, ""),
        ({"AWS_USE_FIPS_ENDPOINT": "true"}, "AWS_USE_FIPS_ENDPOINT is set"),
        ({"AWS_USE_FIPS_ENDPOINT": "false"}, ""),
        ({"AWS_USE_DUALSTACK_ENDPOINT": "True"}, "AWS_USE_DUALSTACK_ENDPOINT is set"),
        ({"AWS_CA_BUNDLE": "/x"}, ""),
        ({"AWS_PROFILE": "x"}, "AWS_PROFILE is set"),
        ({"AWS_DEFAULT_PROFILE": "x"}, "AWS_DEFAULT_PROFILE is set"),
        ({"AWS_ENDPOINT_URL_KMS": "http://x"}, ""),
        ({"AWS_ENDPOINT_URL_KMS": "http://x", "HTTP_PROXY": "http://p"}, "HTTP_PROXY is set"),
        ({"AWS_ENDPOINT_URL_KMS": "http://x", "https_proxy": "http://p"}, ""),
        ({"AWS_ENDPOINT_URL_KMS": "https://x", "https_proxy": "http://p"}, "https_proxy is set"),
        ({"AWS_ENDPOINT_URL_KMS": "https://x.y", "https_proxy": "p", "NO_PROXY": "a, .y"}, ""),
        ({"AWS_ENDPOINT_URL_KMS": "https://x.y", "https_proxy": "p", "no_proxy": "*"}, ""),
        (
            {"AWS_ENDPOINT_URL_KMS": "https://x.y", "https_proxy": "p", "no_proxy": "xx.y,"},
            "https_proxy is set",
        ),
        ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/x"}, ""),
        (
            {
                "AWS_WEB_IDENTITY_TOKEN_FILE": "/x",
                "AWS_ENDPOINT_URL": "",
                "HTTPS_PROXY": "p",
                "NO_PROXY": "*",
            },
            "HTTPS_PROXY is set",
        ),
    ],
)
def test_the_environment(monkeypatch, environment, reason):
    """Variables that only boto3 follows ask for it, where they have an effect."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert reason_for_sdk("eu-west-1", NOTHING) == reason


@pytest.mark.usefixtures("home")
def test_region_and_access():
    """So do a profile, a role, and a region that is unknown or of another partition."""
    assert "profile or a role" in reason_for_sdk("eu-west-1", Access(profile="x"))
    assert "profile or a role" in reason_for_sdk("eu-west-1", Access(role="x"))
    assert "no region" in reason_for_sdk("", NOTHING)
    assert "us-iso-east-1" in reason_for_sdk("us-iso-east-1", NOTHING)
    assert "eusc-de-east-1" in reason_for_sdk("eusc-de-east-1", NOTHING)
    for region in ("cn-north-1", "us-gov-west-1", "eu-central-2"):
        assert reason_for_sdk(region, NOTHING) == ""


@pytest.mark.parametrize("file", ["config", "credentials"])
@pytest.mark.parametrize(
    ("text", "is_of_endpoint"),
    [
        ("endpoint_url = http://x", True),
        ("services = x", True),
        ("ca_bundle = /x", True),
        ("use_fips_endpoint = true", True),
        ("sso_session = x", False),
        ("credential_process = x", False),
        ("role_arn = x", False),
        ("region = eu-west-1", False),
    ],
)
def test_the_files(monkeypatch, home, file, text, is_of_endpoint):
    """Where the environment has keys, the files count for the way to KMS; else always."""
    (home / ".aws" / file).write_text(f"[default]\n{text}\n")
    reason = reason_for_sdk("eu-west-1", NOTHING)
    assert (text.partition(" ")[0] in reason) == is_of_endpoint
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert reason_for_sdk("eu-west-1", NOTHING) == f"{home}/.aws/{file} is there"


def test_files_elsewhere(monkeypatch, home):
    """The files are looked for where AWS's variables say; an empty one is none."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    (home / "empty").touch()
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(home / "empty"))
    assert reason_for_sdk("eu-west-1", NOTHING) == ""
    (home / "other").write_bytes(b"[default]\n# \xff\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(home / "other"))
    assert reason_for_sdk("eu-west-1", NOTHING) == f"{home}/other is there"


def test_the_choice_is_told(moto, told, monkeypatch):
    """Which client is used, and why, is told once for each keyring."""
    kek = kek_of(f"aws-kms:{moto.key()}", told.keyring())
    for _ in range(2):
        kek.wrap(DATA_KEY, {}, SOON)
    assert told == ["KMS through the light client: nothing asks for boto3"]
    monkeypatch.setenv("YAMLVAULT_KMS_CLIENT", "sdk")
    kek_of(kek.uri, told.keyring()).wrap(DATA_KEY, {}, SOON)
    assert told[1:] == ["KMS through boto3: YAMLVAULT_KMS_CLIENT asks for it"]


def test_a_client_that_does_not_exist(monkeypatch, moto, keyring):
    """The variable has two values."""
    monkeypatch.setenv("YAMLVAULT_KMS_CLIENT", "curl")
    with pytest.raises(KEKError, match="YAMLVAULT_KMS_CLIENT is 'curl'") as caught:
        kek_of(f"aws-kms:{ARN}", keyring).wrap(DATA_KEY, {}, SOON)
    assert "light or sdk" in caught.value.hint


@pytest.mark.parametrize("alias", ["alias/x", "1234abcd-12ab-34cd-56ef-1234567890ab"])
@pytest.mark.parametrize("forced", ["", "light", "sdk"])
def test_no_region(monkeypatch, moto, keyring, alias, forced):
    """A name without a region needs one from the environment or a profile."""
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.setenv("YAMLVAULT_KMS_CLIENT", forced)
    with pytest.raises(YamlVaultError) as caught:
        kek_of(f"aws-kms:{alias}", keyring).wrap(DATA_KEY, {}, SOON)
    assert "AWS_REGION" in caught.value.hint


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
@pytest.mark.usefixtures("client")
def test_the_region_of_the_environment(monkeypatch, moto, keyring, variable):
    """Both variables name it, for both clients."""
    key_id = moto.key().rpartition("/")[2]
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.setenv(variable, "eu-west-1")
    kek_of(f"aws-kms:{key_id}", keyring).wrap(DATA_KEY, {}, SOON)


def test_the_region_of_a_profile(monkeypatch, moto, tmp_path, keyring):
    """boto3 knows the region of the profile."""
    key_id = moto.key().rpartition("/")[2]
    monkeypatch.delenv("AWS_REGION")
    (tmp_path / "config").write_text("[default]\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    kek_of(f"aws-kms:{key_id}", keyring).wrap(DATA_KEY, {}, SOON)


WITHOUT = """
import sys
for name in {missing!r}:
    sys.modules[name] = None
from yamlvault import Keyring
from yamlvault.deadline import Deadline
from yamlvault.errors import YamlVaultError
from yamlvault.kek import kek_of
try:
    kek_of({uri!r}, Keyring([], tell=print)).wrap(bytes(32), {{}}, Deadline(60))
except YamlVaultError as error:
    print(error, "hint:", error.hint)
"""


@pytest.mark.parametrize(
    ("missing", "forced", "says"),
    [
        (["boto3"], "", "KMS through the light client: nothing asks for boto3"),
        (["boto3"], "sdk", "boto3 is needed"),
    ],
)
def test_what_is_not_installed(moto, missing, forced, says):
    """The light client needs nothing more; without boto3 the message names what to install."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(missing=missing, uri=f"aws-kms:{moto.key()}")],
        env={**os.environ, **guard.CLOSED, **moto.environment, "YAMLVAULT_KMS_CLIENT": forced},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(says)
    assert ("hint: pip install 'prehook-toolkit[aws]'" in done.stdout) == ("needed" in says)
