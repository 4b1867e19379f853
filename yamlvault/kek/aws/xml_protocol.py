"""The XML that STS and S3 answer in."""

from __future__ import annotations

from xml.etree import ElementTree as ET


def fields_of(data: bytes) -> dict[str, str]:
    """Return the texts of the elements of an answer by their names; the namespace does not matter.

    It is of AWS: its connection is what vouches for it, and it has a bound (connections.py).
    """
    try:
        root = ET.fromstring(data)  # noqa: S314
    except (ET.ParseError, ValueError):
        return {}
    return {one.tag.rpartition("}")[2]: one.text or "" for one in root.iter()}
