"""Requests to Azure Resource Manager for what azure-native has no function for, with azure-native's own token."""

import asyncio
import base64
import json
import urllib.error
import urllib.request
from email.message import Message
from typing import Any, Final

_ANSWER_SECONDS: Final = 60


def resource_manager(token: str) -> str:
    """Return the address of Azure Resource Manager, in any cloud: azure-native's token is for it alone."""
    claims = token.split(".")[1]
    audience = str(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["aud"])
    if not audience.startswith("https://"):
        raise ValueError(f"azure-native's token is for {audience}, not for Azure Resource Manager")
    return audience.rstrip("/")


async def answer(method: str, url: str, token: str) -> tuple[Message, dict[str, Any]]:
    """Send a request, and return the headers and the body of the answer; an empty body for 404.

    Raises:
        OSError: another error of Azure, or no answer.
        ValueError: the answer is no JSON.

    """
    return await asyncio.to_thread(_request, method, url, token)


def _request(method: str, url: str, token: str) -> tuple[Message, dict[str, Any]]:
    """Send a request; there is nothing (404) is an answer too."""
    request = urllib.request.Request(url, method=method)  # noqa: S310 (an address of Azure's, by https)
    request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS) as response:  # noqa: S310
            return response.headers, json.loads(response.read() or b"{}")
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return error.headers, {}
        raise OSError(f"HTTP {error.code} {error.read().decode(errors='replace')[:500]}") from None
