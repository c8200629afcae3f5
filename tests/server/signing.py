"""Requests of people with tokens."""

from __future__ import annotations

import httpx

PAGE = {"accept": "text/html"}
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
ARRIVES = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", **PAGE}


def bearer(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


def sign_in(client: httpx.Client, text: str, **fields: str) -> httpx.Response:
    return client.post("/login", data={"token": text, **fields}, headers=PAGE)


def cookie_of(answer: httpx.Response) -> tuple[str, str]:
    name, _, value = answer.headers["set-cookie"].partition(";")[0].partition("=")
    return name, value
