"""What the emulator knows: keys and their versions, who may do what, tokens, faults, requests."""

import base64
import json
import os
import threading
import time

import google_crc32c
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

PERMISSIONS = {
    "Encrypt": "cloudkms.cryptoKeyVersions.useToEncrypt",
    "Decrypt": "cloudkms.cryptoKeyVersions.useToDecrypt",
}
SCOPES = {
    "https://www.googleapis.com/auth/cloudkms",
    "https://www.googleapis.com/auth/cloud-platform",
}
AUDIENCE = "https://cloudkms.googleapis.com/"
PURPOSE = "ENCRYPT_DECRYPT"
MAX_SIZE = 65536


class ServiceError(Exception):
    """A google.rpc.Status."""

    def __init__(self, status, message, reason=""):
        super().__init__(message)
        self.status = status
        self.message = message
        self.reason = reason


class Key:
    """A CryptoKey."""

    def __init__(self, name, purpose):
        self.name = name
        self.purpose = purpose
        self.versions = {}
        self.states = {}
        self.primary = 0
        self.rotate()

    def rotate(self):
        """Add a version and make it the primary one."""
        self.primary += 1
        self.versions[self.primary] = os.urandom(32)
        self.states[self.primary] = "ENABLED"

    def usable(self, number):
        """Return the secret of a version that is enabled."""
        if self.states[number] != "ENABLED":
            raise ServiceError(
                "FAILED_PRECONDITION",
                f"{self.version(number)} is not enabled, current state is: {self.states[number]}.",
            )
        return self.versions[number]

    def version(self, number):
        return f"{self.name}/cryptoKeyVersions/{number}"

    def encrypt(self, plaintext, associated):
        nonce = os.urandom(12)
        sealed = AESGCM(self.usable(self.primary)).encrypt(nonce, plaintext, associated)
        return bytes([self.primary]) + nonce + sealed

    def decrypt(self, ciphertext, associated):
        if len(ciphertext) < 29 or ciphertext[0] not in self.versions:
            raise ServiceError("INVALID_ARGUMENT", "Decryption failed: the ciphertext is invalid.")
        secret = self.usable(ciphertext[0])
        try:
            return AESGCM(secret).decrypt(ciphertext[1:13], ciphertext[13:], associated)
        except InvalidTag:
            raise ServiceError(
                "INVALID_ARGUMENT",
                "Decryption failed: verify that 'name' refers to the correct CryptoKey.",
            ) from None


class State:
    """All of the emulator's state; one lock for all of it."""

    def __init__(self):
        self.lock = threading.RLock()
        self.keys = {}
        self.grants = {}  # principal -> {key name or "*": permissions}
        self.public_keys = {}  # principal -> PEM
        self.refresh_tokens = {}  # refresh token -> principal
        self.subjects = {}  # the token of another identity provider -> principal
        self.metadata_principal = None
        self.tokens = {}  # access token -> (principal, end)
        self.requests = []
        self.faults = []
        self.released = threading.Event()

    # -- faults and the log

    def fault_of(self, *operations):
        """Return the next fault for one of the operations and count it down."""
        with self.lock:
            for fault in self.faults:
                if fault["operation"] in operations and fault["times"] > 0:
                    fault["times"] -= 1
                    return fault
        return {"kind": ""}

    def log(self, operation, principal, transport, **more):
        with self.lock:
            entry = {"operation": operation, "principal": principal, "transport": transport}
            self.requests.append({**entry, **more})

    def clear(self):
        with self.lock:
            self.requests.clear()
            self.faults.clear()
            self.released.set()  # what hangs ends
            self.released = threading.Event()

    # -- tokens

    def new_token(self, principal, lifetime=3600):
        token = "ya29." + base64.urlsafe_b64encode(os.urandom(60)).decode()
        with self.lock:
            self.tokens[token] = (principal, time.time() + lifetime)
        return token

    def principal_of(self, bearer):
        """Return who a bearer token is of: one of ours, or a service account's own."""
        if not bearer:
            raise ServiceError(
                "UNAUTHENTICATED",
                "Request is missing required authentication credential.",
                "CREDENTIALS_MISSING",
            )
        if bearer in self.tokens:
            principal, end = self.tokens[bearer]
            if time.time() < end:
                return principal
            raise ServiceError(
                "UNAUTHENTICATED",
                "Request had invalid authentication credentials.",
                "ACCESS_TOKEN_EXPIRED",
            )
        claims = self.claims_of(bearer)
        if claims and (
            claims.get("aud") == AUDIENCE or set(claims.get("scope", "").split()) & SCOPES
        ):
            return claims["iss"]
        raise ServiceError(
            "UNAUTHENTICATED",
            "Request had invalid authentication credentials. Expected OAuth 2 access token.",
            "ACCESS_TOKEN_TYPE_UNSUPPORTED",
        )

    def claims_of(self, jwt):
        """Return the claims of a service account's signed token; None where it is none."""
        try:
            header, claims, signature = jwt.split(".")
            content = json.loads(_unb64(claims))
            assert json.loads(_unb64(header))["alg"] == "RS256"
            public = load_pem_public_key(self.public_keys[content["iss"]].encode())
            public.verify(_unb64(signature), f"{header}.{claims}".encode(), PKCS1v15(), SHA256())
            assert content["iat"] - 60 <= time.time() < content["exp"] <= content["iat"] + 3600
        except (ValueError, KeyError, AssertionError, InvalidSignature):
            return None
        return content

    # -- Encrypt and Decrypt

    def authorized_key(self, operation, name, principal):
        permission = PERMISSIONS[operation]
        granted = self.grants.get(principal, {})
        if permission not in granted.get(name, ()) and permission not in granted.get("*", ()):
            raise ServiceError(
                "PERMISSION_DENIED",
                f"Permission '{permission}' denied on resource '{name}' (or it may not exist).",
                "IAM_PERMISSION_DENIED",
            )
        key = self.keys.get(name)
        if key is None:
            raise ServiceError("NOT_FOUND", f"CryptoKey {name} not found.")
        if key.purpose != PURPOSE:
            raise ServiceError(
                "FAILED_PRECONDITION",
                f"{name} is not a valid purpose for {operation}: {key.purpose}. "
                f"The correct purpose is: {PURPOSE}.",
            )
        return key

    def answer(self, operation, asked, bearer, transport):
        """Return the fields of an answer.

        Args:
            operation: `Encrypt` or `Decrypt`.
            asked: name, data, data_crc, aad, aad_crc, client; None for a checksum that is not
                there.
            bearer: The token.
            transport: `grpc` or `rest`, for the log.
        """
        principal = None
        try:
            principal = self.principal_of(bearer)
        finally:
            self.log(
                operation,
                principal,
                transport,
                name=asked["name"],
                client=str(asked["client"]),
                aad=base64.b64encode(asked["aad"]).decode(),
                checksums=[asked["data_crc"] is not None, asked["aad_crc"] is not None],
            )
        key = self.authorized_key(operation, asked["name"], principal)
        check_sizes_and_checksums(asked)
        method = key.encrypt if operation == "Encrypt" else key.decrypt
        with self.lock:
            data = method(asked["data"], asked["aad"])
        return {
            "name": key.version(key.primary),
            "data": data,
            "crc": google_crc32c.value(data),
            "verified": asked["data_crc"] is not None,
            "aad_verified": asked["aad_crc"] is not None,
        }


def check_sizes_and_checksums(asked):
    if len(asked["data"]) > MAX_SIZE or len(asked["aad"]) > MAX_SIZE or not asked["data"]:
        raise ServiceError("INVALID_ARGUMENT", "A field is empty or too long.")
    for data, crc in (("data", "data_crc"), ("aad", "aad_crc")):
        if asked[crc] is not None and google_crc32c.value(asked[data]) != asked[crc]:
            raise ServiceError(
                "INVALID_ARGUMENT", f"The checksum in field {data}_crc32c did not match."
            )


def _unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
