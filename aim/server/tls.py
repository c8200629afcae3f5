"""The files of TLS."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import NamedTuple

from aim.errors import ServerError

_MOST = 1 << 20


class Tls(NamedTuple):
    """The files of a certificate with its chain, and of its key, in PEM."""

    certificate: Path
    key: Path

    def check(self) -> None:
        """Raises ServerError if a server cannot use them."""
        if _is_key(self.certificate) and not _is_key(self.key):
            raise ServerError(f"{self.certificate} has a key and no certificate: swap --tls-cert and --tls-key")
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            told = "the key belongs to another certificate" if "KEY_VALUES_MISMATCH" in str(error) else error.strerror
            raise ServerError(f"cannot use {self.certificate} with {self.key}: {told or error}") from None


def _is_key(path: Path) -> bool:
    """Whether a file in PEM has a key, and no certificate that the key could be for."""
    try:
        with open(path, "rb") as file:
            text = file.read(_MOST)
    except OSError:
        return False
    return b" PRIVATE KEY-----" in text and b"CERTIFICATE-----" not in text
