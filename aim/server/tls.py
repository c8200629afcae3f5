"""The files of TLS."""

from __future__ import annotations

import ssl
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

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

    def name_for(self, host: str) -> str:
        """The host, or a name of the certificate if the host is not one: clients refuse other names."""
        names = self.names()
        if any(_is_for(name, host) for name in names):
            return host
        certain = [name for name in names if "*" not in name]
        return next((name for name in certain if name != "localhost"), (certain or [host])[0])

    def names(self) -> list[str]:
        """The hosts that the certificate is for, as a client learns them; none if it trusts the certificate at no host,
        as after its time."""
        server, client = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        server.load_cert_chain(self.certificate, self.key)
        client.check_hostname = False
        client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        client.load_verify_locations(self.certificate)
        there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
        asking, answering = client.wrap_bio(back, there), server.wrap_bio(there, back, server_side=True)
        with suppress(ssl.SSLError):
            for side in (asking, answering, asking, answering):
                with suppress(ssl.SSLWantReadError):
                    side.do_handshake()
            told: Any = (asking.getpeercert() or {}).get("subjectAltName", ())
            return [name for kind, name in told if kind in ("DNS", "IP Address")]
        return []


def _is_for(name: str, host: str) -> bool:
    name, host = name.lower(), host.lower()
    return name == host or (name.startswith("*.") and host.partition(".")[2] == name[2:])


def _is_key(path: Path) -> bool:
    """Whether a file in PEM has a key, and no certificate that the key could be for."""
    try:
        with open(path, "rb") as file:
            text = file.read(_MOST)
    except OSError:
        return False
    return b" PRIVATE KEY-----" in text and b"CERTIFICATE-----" not in text
