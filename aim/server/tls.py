"""The files of TLS."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import NamedTuple

from aim.errors import ServerError


class Tls(NamedTuple):
    """The files of a certificate with its chain, and of its key, in PEM."""

    certificate: Path
    key: Path

    def check(self) -> None:
        """Raises ServerError if a server cannot use them."""
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            told = error.strerror or error
            raise ServerError(f"cannot use {self.certificate} with {self.key}: {told}") from None
