"""The key of a server, and the links that give it out."""

from __future__ import annotations

import hmac
import secrets
from threading import Lock

#: Links that were made and not used yet; older ones are forgotten.
MOST_TOKENS = 16


class Secrets:
    """The key that requests carry, and the tokens of links that give it out, each once. Lives as long as the server."""

    def __init__(self) -> None:
        self._key = secrets.token_urlsafe(32)
        self._tokens: list[str] = []
        self._one_at_a_time = Lock()

    def new_token(self) -> str:
        """A token for one link."""
        token = secrets.token_urlsafe(32)
        with self._one_at_a_time:
            self._tokens = [*self._tokens[1 - MOST_TOKENS :], token]
        return token

    def key_for(self, token: str) -> str | None:
        """The key, for a token that was not used yet; it is used then."""
        with self._one_at_a_time:
            known = next((known for known in self._tokens if _same(known, token)), None)
            if known is None:
                return None
            self._tokens.remove(known)
            return self._key

    def is_key(self, key: str) -> bool:
        """Whether this is the key."""
        return _same(self._key, key)


def link_of(address: str, secrets: Secrets) -> str:
    """A link with a token of its own. A browser sends no one what stands after the #.

    Args:
        address: of the server, as "http://127.0.0.1:8000".
        secrets: of the server.
    """
    return f"{address}/#token={secrets.new_token()}"


def _same(a: str, b: str) -> bool:
    """Whether two secrets are the same; takes as long where they differ early as where they differ late."""
    return hmac.compare_digest(a.encode(), b.encode())
