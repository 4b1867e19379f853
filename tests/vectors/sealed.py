"""Sealed scalars and payloads (docs/format.md, 3)."""

from __future__ import annotations

import re

from vectors.making import Rule, make, ok, refused
from vectors.tampering import (
    LAST_BITS,
    bytes_of_sealed,
    flip,
    once,
    swap,
    tampered,
)
from yamlvault import (
    IntegrityError,
)
from yamlvault.format.keys import DataKey


@refused(IntegrityError)
def sealed_flipped_nonce(plain):
    """One bit of the nonce. Signed."""
    return make(plain, text=bytes_of_sealed(flip(0)))


@refused(IntegrityError)
def sealed_flipped_ciphertext(plain):
    """One bit of the ciphertext. Signed."""
    return make(plain, text=bytes_of_sealed(flip(12)))


@refused(IntegrityError)
def sealed_flipped_tag(plain):
    """The last bit of the tag. Signed."""
    return make(plain, text=bytes_of_sealed(flip(-1)))


@refused(IntegrityError)
def sealed_flipped_unsigned(plain):
    """One bit of the ciphertext, as who has no key would do it."""
    return tampered(make(plain), bytes_of_sealed(flip(20)))


@refused(IntegrityError)
def sealed_other_path(plain):
    """Two sealed scalars of one section swapped. Signed."""
    return make(plain, Rule(seal=("$.production",)), text=swap(r"yv1\.[\w.-]+"))


@refused(IntegrityError, b"- a\n- b\n")
def sealed_other_item(plain):
    """Two items of a sequence swapped. Signed."""
    return make(plain, text=swap(r"yv1\.[\w.-]+"))


@refused(IntegrityError)
def sealed_other_document(plain):
    """Sealed under another document id. Signed."""
    return make(plain, document=flip(0))


@refused(IntegrityError)
def sealed_other_key(plain):
    """Sealed under another data key than its id says. Signed."""
    return make(plain, key=lambda key: DataKey(key.id, bytes(32)))


@refused(IntegrityError)
def sealed_other_key_id(plain):
    """The file has two data keys, and a sealed scalar the id of the other one. Signed."""

    def change(text: str) -> str:
        first, second = dict.fromkeys(re.findall(r"yv1\.([\w-]{8})", text))
        return text.replace(f"yv1.{first}", f"yv1.{second}", 1)

    return make(plain, Rule(keys=2), text=change)


@refused(IntegrityError)
def sealed_unknown_key(plain):
    """The id is none of the file's. Signed."""
    return make(plain, text=once(r"yv1\.[\w-]{8}", "yv1.AAAAAAAA"))


@refused(IntegrityError)
def sealed_trailing_junk(plain):
    """Three bytes more. Signed."""
    return make(plain, text=once(r"(yv1\.[\w.-]+)", r"\1AAAA"))


@refused(IntegrityError)
def sealed_truncated(plain):
    """The last bytes of the tag are missing. Signed."""
    return make(plain, text=bytes_of_sealed(lambda data: data[:-3]))


@refused(IntegrityError)
def sealed_nonce_only(plain):
    """Nothing behind the nonce. Signed."""
    return make(plain, text=bytes_of_sealed(lambda data: data[:12]))


@refused(IntegrityError)
def sealed_empty_b64(plain):
    """Shorter than a nonce. Signed."""
    return make(plain, text=once(r"(yv1\.[\w-]{8}\.)[\w-]+", r"\1AAAA"))


@refused(IntegrityError)
def sealed_b64_unused_bits(plain):
    """The last character has unused bits set: the bytes are the same. Signed."""

    def change(text: str) -> str:
        found = re.search(r"yv1\.[\w-]{8}\.[\w-]+([\w-])", text)
        if len(found[0][13:]) % 4 == 0:
            raise AssertionError("no unused bits")
        return text[: found.start(1)] + found[1].translate(LAST_BITS) + text[found.end(1) :]

    return make(plain, text=change)


@refused(IntegrityError)
def sealed_replaced_by_plaintext(plain):
    """A plaintext value where a sealed one was."""
    return tampered(make(plain), once(r"password: yv1\.[\w.-]+", "password: mine"))


@refused(IntegrityError)
def sealed_tagged(plain):
    """A tag in front of the sealed text makes a plain text of it."""
    return tampered(make(plain), once(r"password: yv1", "password: !!str yv1"))


@ok()
def sealed_two_keys(plain):
    """The scalars are sealed under two data keys by turns, the MACs are the newer one's."""
    return make(plain, Rule(keys=2))


@ok(exact=False)
def sealed_double_quoted(plain):
    """A formatter put double quotes around the sealed scalars."""
    return tampered(make(plain), lambda text: re.sub(r"(yv1\.[\w.-]+)", r'"\1"', text))


@ok(exact=False)
def sealed_single_quoted(plain):
    """A formatter put single quotes around the sealed scalars."""
    return tampered(make(plain), lambda text: re.sub(r"(yv1\.[\w.-]+)", r"'\1'", text))


@ok(exact=False)
def sealed_in_block_scalars(plain):
    """A formatter made folded block scalars of the sealed scalars."""
    text = make(plain).decode()
    return re.sub(r"(yv1\.[\w.-]+)", r">-\n        \1", text).encode()


@ok(b"a: yv1.short\nb: yv2.AAAAAAAA.AAAA\nc: x\n")
def sealed_lookalike(plain):
    """Plaintext that begins like a sealed scalar but is none."""
    return make(plain, Rule(seal=("$.c",)))


@ok(b"yv1.AAAAAAAA.AAAA: x\n")
def sealed_lookalike_key(plain):
    """A mapping key is never a sealed scalar, whatever its text."""
    return make(plain)


@ok(b"short: x\nlong: " + b"y" * 5000 + b"\n")
def sealed_long(plain):
    """A payload of many blocks."""
    return make(plain)


@ok(b"a: " + b"x" * 56 + b"\nb: " + b"x" * 57 + b"\nc: " + b"x" * 55 + b"\n")
def sealed_padding_border(plain):
    """Payloads that just fill a block, or just do not."""
    return make(plain)


@refused(IntegrityError)
def payload_no_padding(plain):
    """Zeros instead of the byte 0x80. Signed."""
    return make(plain, payload=lambda data: data.replace(b"\x80", b"\0"))


@refused(IntegrityError)
def payload_bad_padding(plain):
    """Something other than zeros behind 0x80. Signed."""
    return make(plain, payload=lambda data: data[:-1] + b"\1")


@refused(IntegrityError)
def payload_short_block(plain):
    """A length that is no multiple of 64. Signed."""
    return make(plain, payload=lambda data: data[:-1])


@refused(IntegrityError)
def payload_padding_too_long(plain):
    """A block of zeros more than needed. Signed."""
    return make(plain, payload=lambda data: data + bytes(64))


@refused(IntegrityError)
def payload_other_tag(plain):
    """The tag is not that of the source. Signed."""
    return make(plain, payload=lambda data: data[:3] + b"\0\1!" + data[5:-1])


@refused(IntegrityError)
def payload_empty(plain):
    """No bytes. Signed."""
    return make(plain, payload=lambda _: b"")


@refused(IntegrityError)
def payload_unknown_flags(plain):
    """Bit 2 of the flags is set. Signed."""
    return make(plain, payload=lambda data: bytes((data[0] | 4,)) + data[1:])


@refused(IntegrityError)
def payload_length_too_long(plain):
    """A length behind the end of the payload. Signed."""
    return make(plain, payload=lambda data: data[:3] + b"\xff\xff" + data[5:])


@refused(IntegrityError)
def payload_not_utf8(plain):
    """The source is not UTF-8. Signed."""
    return make(plain, payload=lambda data: data.replace(b"hunter2", b"hunter\xff"))


@refused(IntegrityError)
def payload_collection(plain):
    """The source is a flow sequence. Signed."""
    return make(plain, payload=lambda data: data.replace(b"hunter2", b"[hunte]"))


@refused(IntegrityError, b"hunter2\n")
def payload_collection_at_root(plain):
    """The source of a root is a flow sequence of one scalar. Signed."""
    return make(plain, payload=lambda data: data.replace(b"hunter2", b"[hunte]"))


@refused(IntegrityError)
def payload_two_nodes(plain):
    """The source ends the scalar and adds a key. Signed."""
    return make(plain, payload=lambda data: data.replace(b"hunter2", b"a\n  b: c"[:7]))


@refused(IntegrityError)
def payload_alias(plain):
    """The source is an alias. Signed."""
    return make(plain, payload=lambda data: data.replace(b"hunter2", b"*hunter"))


@refused(IntegrityError)
def payload_anchor(plain):
    """The source has an anchor: that stands outside. Signed."""
    return make(plain, payload=lambda data: data.replace(b"hunter2", b"&a hunt"))
