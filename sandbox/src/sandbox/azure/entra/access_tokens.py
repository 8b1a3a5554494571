"""Access tokens of the sandbox's tenant: given out to principals, and judged when they come with a request."""

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from sandbox.azure.entra import jwt
from sandbox.azure.entra.credentials import TENANT
from sandbox.azure.entra.principals import Principal
from sandbox.azure.entra.signing_key import SigningKey
from sandbox.azure.errors import ArmError

LIFETIME: Final = 3599
"""Seconds that a token is good for."""


class AccessTokens:
    """Signs and checks them with the tenant's key."""

    def __init__(self, key: SigningKey, now: Callable[[], float] = time.time) -> None:
        self._key = key
        self._now = now

    def issue(self, principal: Principal, audience: str, *, proof: str = "1") -> str:
        """A token of a principal for an audience. `proof`: how it was known, a secret (1) or a certificate (2)."""
        now = int(self._now())
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{TENANT}/",
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME,
            "appid": principal.client_id,
            "appidacr": proof,
            "idtyp": "app",
            "oid": principal.object_id,
            "sub": principal.object_id,
            "tid": TENANT,
            "uti": uuid.uuid4().hex[:22],
            "ver": "1.0",
        }
        if principal.resource_id:
            claims["xms_mirid"] = principal.resource_id
        header = {"typ": "JWT", "alg": "RS256", "kid": self._key.id}
        signed = f"{jwt.part(header)}.{jwt.part(claims)}"
        return f"{signed}.{jwt.encode(self._key.sign(signed.encode()))}"

    def check(self, authorization: str | None, audiences: tuple[str, ...]) -> dict[str, Any]:
        """The claims of a request's token; ArmError 401 if it is missing, not ours, expired or meant for others."""
        if not authorization:
            raise ArmError(401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise ArmError(
                401,
                "AuthenticationFailed",
                "Authentication failed. The 'Authorization' header is provided in an invalid format.",
            )
        claims = self._claims(token.strip())
        now = self._now()
        if claims["exp"] <= now:
            raise ArmError(
                401,
                "ExpiredAuthenticationToken",
                f"The access token expiry UTC time '{_clock(claims['exp'])}' is earlier than current UTC time "
                f"'{_clock(now)}'.",
            )
        if str(claims["aud"]).rstrip("/") not in {audience.rstrip("/") for audience in audiences}:
            raise ArmError(
                401,
                "InvalidAuthenticationTokenAudience",
                f"The access token has been obtained for wrong audience or resource '{claims['aud']}'. It should "
                "exactly match "
                f"with one of the allowed audiences '{','.join(audiences)}'.",
            )
        return claims

    def _claims(self, text: str) -> dict[str, Any]:
        try:
            token = jwt.Token.parse(text)
            if self._key.verify(token.signature, token.signed):
                return token.claims
        except (ValueError, RecursionError):
            pass
        raise ArmError(401, "InvalidAuthenticationToken", "The access token is invalid.")


def _clock(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%m/%d/%Y %I:%M:%S %p")
