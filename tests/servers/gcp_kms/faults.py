"""What goes wrong on demand, with either transport."""

import os
import time

from .state import ServiceError

STATUSES = {
    "throttle": ("RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Cryptographic requests'."),
    "unavailable": ("UNAVAILABLE", "The service is currently unavailable."),
    "internal": ("INTERNAL", "Internal error encountered."),
}


def before(state, fault, asked):
    """Do what a fault does instead of an answer."""
    kind = fault["kind"]
    if kind == "hang":
        state.released.wait(120)
        raise ServiceError("CANCELLED", "It hung.")
    if kind in STATUSES:
        raise ServiceError(*STATUSES[kind])
    if kind == "error":
        raise ServiceError(fault["status"], fault["message"], fault.get("reason", ""))
    if kind == "echo":
        raise ServiceError(
            "PERMISSION_DENIED", f"no: {asked['bearer']} {asked['shown']}", "IAM_PERMISSION_DENIED"
        )


def after(fault, answer):
    """Change an answer."""
    kind = fault["kind"]
    if kind == "wrong_crc":
        answer["crc"] ^= 1
    elif kind == "no_crc":
        answer["crc"] = None
    elif kind == "damaged":
        answer["data"] = bytes([answer["data"][0] ^ 1]) + answer["data"][1:]
    elif kind == "unverified":
        answer["verified"] = False
    elif kind == "unverified_aad":
        answer["aad_verified"] = False
    elif kind == "wrong_name":
        answer["name"] = answer["name"].replace("/cryptoKeys/", "/cryptoKeys/other-")
    elif kind == "key_name":
        answer["name"] = answer["name"].partition("/cryptoKeyVersions")[0]
    elif kind == "data":
        import google_crc32c

        answer["data"] = os.urandom(fault["size"])
        answer["crc"] = google_crc32c.value(answer["data"])
    return answer


def drip(state, write):
    """Write a byte now and then, until it is released or the client has gone."""
    while not state.released.is_set():
        try:
            write(b" ")
        except OSError:
            return
        time.sleep(0.05)
