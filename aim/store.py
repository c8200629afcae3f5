"""An object store: a bucket that speaks the protocol of S3. Only it and aim/content_store.py import obstore.

The user names the bucket, by --store or AIM_STORE; nothing in a repository does. Credentials come from where AWS's own
tools look for them. What a store says in an error is not repeated, because it may quote them.
"""

from __future__ import annotations

import configparser
import ipaddress
import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from aim.errors import NoStore, StoreAway, StoreError

if TYPE_CHECKING:
    from obstore.store import S3Store

VARIABLE = "AIM_STORE"
FORM = "s3://BUCKET/PREFIX"
_VARIABLES = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
KEYS = f"{_VARIABLES}, or a profile of AWS's tools"
CONNECT_SECONDS, REQUEST_SECONDS, RETRY_SECONDS = 5, 60, 10
# Nobody waits for a store again and again that was away so many seconds ago.
AWAY_SECONDS = 5.0
_ADDRESS = re.compile(r"s3://([A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9])((?:/[A-Za-z0-9!_.*'()=+-]{1,200}){0,20})/?")
# Without one of these, the files of AWS's tools say who asks.
_IDENTITIES = ("AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
               "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_SKIP_SIGNATURE")  # fmt: skip
_FROM_PROFILE = {
    "aws_access_key_id": "access_key_id",
    "aws_secret_access_key": "secret_access_key",
    "aws_session_token": "session_token",
}
# How a profile can say where other credentials are, which AWS's tools find and Aim does not.
_INDIRECT = ("role_arn", "source_profile", "credential_source", "credential_process", "web_identity_token_file",
             "sso_session", "sso_start_url", "sso_account_id")  # fmt: skip


class BucketSettings(NamedTuple):
    """What obstore takes: the configuration of a bucket, and the options of its client and of retries."""

    config: dict[str, Any]
    client: dict[str, Any]
    retry: dict[str, Any]


class BucketAddress(NamedTuple):
    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}{f'/{self.prefix}' if self.prefix else ''}"


def parse(text: str) -> BucketAddress:
    """Raises StoreError for anything but s3://BUCKET or s3://BUCKET/PREFIX, without repeating it: it may hold a key."""
    match = _ADDRESS.fullmatch(text)
    prefix = match[2].strip("/") if match else ""
    if match is None or {".", ".."} & set(prefix.split("/")):
        raise StoreError(
            f"not the address of an object store: write {FORM}. Credentials do not belong in it: set {KEYS}"
        )
    return BucketAddress(match[1], prefix)


def chosen() -> ObjectStore:
    """The store that AIM_STORE names. Raises StoreError if it names none."""
    text = os.environ.get(VARIABLE, "")
    if not text:
        raise NoStore(f"it is in an object store, and none is chosen: set {VARIABLE}={FORM}")
    return opened(text)


def opened(text: str) -> ObjectStore:
    # A forked child cannot use the threads of its parent.
    return _opened(text, os.getpid())


@lru_cache(maxsize=8)
def _opened(text: str, pid: int) -> ObjectStore:
    return ObjectStore(parse(text))


class ObjectStore:
    """Objects by name. Safe in several threads. Every error is a StoreError."""

    def __init__(self, address: BucketAddress) -> None:
        self.address = address
        self._bucket = _bucket(address)
        self._away_until = 0.0
        self._away = ""

    def put(self, name: str, data: bytes) -> bool:
        """Store an object; False if there is one of this name, which stays as it is."""
        import obstore
        from obstore.exceptions import AlreadyExistsError

        with self._asked(name):
            try:
                obstore.put(self._bucket, name, data, mode="create", use_multipart=False)
            except AlreadyExistsError:
                return False
        return True

    def read(self, name: str, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop`, which must all be there."""
        import obstore

        size, data = stop - start, b""
        with self._asked(name):
            answer = obstore.get(self._bucket, name, options={"range": (start, stop)})
            # A store may send without end. It is left at the first byte too many.
            for part in answer.stream(min_chunk_size=size + 1):
                data += part
                if len(data) > size:
                    break
        if len(data) != size:
            raise StoreError(f"{self.address} has {len(data):,} of the bytes {start:,} to {stop:,} of {name}")
        return data

    def size(self, name: str) -> int:
        import obstore

        try:
            with self._asked(name):
                size: int = obstore.head(self._bucket, name)["size"]
        except StoreError as error:
            # An answer to HEAD has no text, so it does not tell whether the bucket is there.
            if not isinstance(error, StoreAway):
                self.read(name, 0, 1)
            raise
        return size

    def remove(self, name: str) -> None:
        """Also an object that is not there."""
        import obstore

        with self._asked(name), suppress(FileNotFoundError):
            obstore.delete(self._bucket, name)

    @contextmanager
    def _asked(self, name: str) -> Iterator[None]:
        if time.monotonic() < self._away_until:
            raise StoreAway(self._away)
        try:
            yield
        except FileNotFoundError as error:
            if "<Code>NoSuchBucket</Code>" in str(error):
                raise self._leave(
                    f"{self.address} cannot be used, because {place()} has no bucket {self.address.bucket}: make it "
                    f"there, or set {VARIABLE} to another store"
                ) from None
            raise StoreError(
                f"{self.address} has no {name}: restore it there, or set {VARIABLE} to another store"
            ) from None
        except Exception as error:
            if not _is_of_store(error):
                raise
            refused = type(error).__name__ in ("PermissionDeniedError", "UnauthenticatedError")
            if refused:
                # They may be renewed in a file, which the next one reads.
                _opened.cache_clear()
                raise StoreAway(f"{self.address} refuses these credentials: set {KEYS}, with access to it") from None
            raise self._leave(f"{self.address} does not answer as an object store: {reason(error, place())}") from None

    def _leave(self, why: str) -> StoreAway:
        self._away, self._away_until = why, time.monotonic() + AWAY_SECONDS
        return StoreAway(why)


def _is_of_store(error: Exception) -> bool:
    from obstore.exceptions import BaseError

    return isinstance(error, (BaseError, OSError))


def reason(error: Exception, host: str) -> str:
    """What can be said of an error of a store without its text."""
    text = str(error)
    if status := re.search(r"\bstatus[^0-9]{1,10}([1-5][0-9]{2})\b", text):
        return f"it answers with status {status[1]}"
    if re.search("kind: Timeout|TimedOut", text):
        return "not in time"
    return f"check that {host} can be reached from here, and that it has this bucket"


def place() -> str:
    """The host that is asked."""
    host = urlsplit(_endpoint(_profile())).hostname
    return host or "AWS"


def _bucket(address: BucketAddress) -> S3Store:
    try:
        from obstore.store import S3Store
    except ModuleNotFoundError:
        raise StoreAway("an object store needs the package obstore. Run: pip install 'aim[s3]'") from None
    known = settings()
    return S3Store(
        address.bucket, prefix=address.prefix or None, config=known.config, client_options=known.client,
        retry_config=known.retry,
    )  # fmt: skip


def settings() -> BucketSettings:
    """As the environment and the files of AWS's tools have them."""
    profile = _profile()
    endpoint = _endpoint(profile)
    options = client()
    if _is_here(endpoint):
        options["allow_http"] = True
    config: dict[str, Any] = {"conditional_put": "etag", **_identity(profile)}
    if endpoint:
        config["endpoint"] = endpoint
    return BucketSettings(config, options, retry())


def client() -> dict[str, Any]:
    return {"connect_timeout": timedelta(seconds=CONNECT_SECONDS), "timeout": timedelta(seconds=REQUEST_SECONDS)}


def retry() -> dict[str, Any]:
    return {"max_retries": 2, "retry_timeout": timedelta(seconds=RETRY_SECONDS)}


def _endpoint(profile: Mapping[str, str]) -> str:
    """Where the store is; "" for AWS itself."""
    names = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
    text = next((os.environ[name] for name in names if os.environ.get(name)), profile.get("endpoint_url", ""))
    try:
        parts = urlsplit(text)
        wrong = bool(text) and (parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc)
    except ValueError:
        wrong = True
    if wrong:
        raise StoreError("AWS_ENDPOINT_URL is not an address like https://HOST:PORT, without a user and a password")
    return text


def _is_here(endpoint: str) -> bool:
    """Whether it is on this machine, which needs no TLS. Elsewhere, AWS_ALLOW_HTTP=true permits plain HTTP."""
    host = urlsplit(endpoint).hostname or ""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _identity(profile: Mapping[str, str]) -> dict[str, str]:
    """Keys and region of the profile, where the environment does not say them. Raises StoreError for a profile whose
    keys are elsewhere: without them, another identity would be used."""
    known = {}
    if not any(os.environ.get(name) for name in _IDENTITIES):
        indirect = next((name for name in _INDIRECT if name in profile), None)
        if indirect and "aws_access_key_id" not in profile:
            raise StoreError(
                f"the profile of AWS's tools has {indirect}, which Aim does not follow: choose one with keys "
                f"by AWS_PROFILE, or set {_VARIABLES}, as `aws configure export-credentials` prints them"
            )
        known = {name: profile[given] for given, name in _FROM_PROFILE.items() if given in profile}
    if "region" in profile and not any(os.environ.get(name) for name in ("AWS_REGION", "AWS_DEFAULT_REGION")):
        known["region"] = profile["region"]
    return known


def _profile() -> dict[str, str]:
    """What the files of AWS's tools say of the chosen profile."""
    name, home = os.environ.get("AWS_PROFILE", "default"), os.path.expanduser("~/.aws")
    places = {
        os.environ.get("AWS_CONFIG_FILE") or f"{home}/config": name if name == "default" else f"profile {name}",
        os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or f"{home}/credentials": name,
    }
    known: dict[str, str] = {}
    for path, section in places.items():
        parser = configparser.ConfigParser(interpolation=None, default_section="")
        with suppress(OSError, ValueError, configparser.Error):
            parser.read(path, encoding="utf-8")
            if parser.has_section(section):
                known |= dict(parser[section])
    return known
