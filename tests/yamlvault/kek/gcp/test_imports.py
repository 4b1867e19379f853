"""What an import costs: nothing of Google's where no key of Google's is."""

import subprocess
import sys

import pytest

URI = "gcp-kms:projects/p/locations/l/keyRings/r/cryptoKeys/k"
ROUND_TRIP = """
import pyrage, yamlvault
identity = pyrage.x25519.Identity.generate()
text = yamlvault.encrypt("a: 1", keks=[f"age:{identity.to_public()}"])
assert yamlvault.loads(text, keyring=yamlvault.Keyring([str(identity)])) == {"a": 1}
"""
GOOGLE = "google google_crc32c grpc requests urllib3"


@pytest.mark.parametrize(
    "code",
    [
        "import yamlvault",
        "import yamlvault.loading, yamlvault.kek.age, yamlvault.kek.refusal",
        ROUND_TRIP,
        f"import yamlvault, yamlvault.kek; yamlvault.kek.kek_of({URI!r}, yamlvault.Keyring())",
    ],
)
def test_nothing_of_googles(code):
    """Not for the library, nor for an age-only file, nor for a KEK that is not asked yet."""
    check = f"import sys; assert not set({GOOGLE!r}.split()) & set(sys.modules)"
    subprocess.run([sys.executable, "-P", "-c", f"{code}\n{check}"], check=True)


@pytest.mark.parametrize(
    "module", ["light", "service_account", "authorized_user", "metadata_server", "client"]
)
def test_the_light_client_is_light(module):
    """It loads the checksum, and no other package of Google's."""
    heavy = "google grpc requests urllib3 logging asyncio"
    code = (
        f"import yamlvault.kek.gcp.{module}, sys;"
        f"assert not set({heavy!r}.split()) & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-P", "-c", code], check=True)
