"""A KEK that is asked over a network, without one: what it answers is set by the test."""

from __future__ import annotations

from yamlvault.errors import KEKError, KEKUnreachableError, NoKeyError
from yamlvault.format.metadata import Stanza
from yamlvault.kek.refusal import DISABLED, Refusal

#: what was asked, in order: the URI and the seconds that were left for it
ASKED: list[tuple[str, float]] = []


class KEK:
    """Wraps by telling what it is; opens unless its URI says otherwise."""

    def __init__(self, uri, keyring):
        self.uri = uri

    def wrap(self, data_key, context, deadline):
        self._ask(deadline)
        exact = self.uri.replace("alias", "key")  # a service names the key of an alias
        return Stanza(exact, data_key, dict(context))

    def unwrap(self, stanza, deadline):
        self._ask(deadline)
        return stanza.wrapped

    def _ask(self, deadline):
        ASKED.append((self.uri, deadline.left))
        if "unreachable" in self.uri:
            raise KEKUnreachableError("out of reach", hint="later")
        if "denied" in self.uri:
            raise NoKeyError("denied", hint="ask for the right")
        if "disabled" in self.uri:
            raise Refusal(DISABLED).error("kms:Decrypt", "kms:Decrypt")
        if "broken" in self.uri:
            raise KEKError("broken")
