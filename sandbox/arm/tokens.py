"""Microsoft Entra's token endpoint for service principals, and the check of the tokens it gives out."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sandbox.arm.credentials import ServicePrincipal
from sandbox.arm.errors import ArmError
from sandbox.arm.signing_key import SigningKey

LIFETIME: Final = 3599
"""Seconds that a token is good for."""

_GRANT: Final = "client_credentials"


class AadError(Exception):
    """A refusal by the token endpoint: OAuth's error word, Entra's number and text, the HTTP status."""

    def __init__(self, status: int, error: str, code: int, message: str) -> None:
        super().__init__(f"AADSTS{code}: {message}")
        self.status = status
        self.error = error
        self.code = code
        self.message = message

    def body(self) -> dict[str, Any]:
        """The answer, as Entra gives it."""
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        timestamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        return {
            "error": self.error,
            "error_description": f"AADSTS{self.code}: {self.message} Trace ID: {trace} Correlation ID: {correlation} "
            f"Timestamp: {timestamp}",
            "error_codes": [self.code],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
        }


class Authority:
    """The tenant's token issuer."""

    def __init__(self, principal: ServicePrincipal, key: SigningKey, now: Callable[[], float] = time.time) -> None:
        self._principal = principal
        self._key = key
        self._now = now

    def check_tenant(self, tenant: str) -> None:
        """Refuse a tenant that is not the sandbox's."""
        if tenant.lower() != self._principal.tenant_id:
            raise AadError(
                400,
                "invalid_request",
                90002,
                f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing "
                "into the correct "
                "cloud. Check with your subscription administrator, this may happen if there are no active "
                "subscriptions for the "
                "tenant.",
            )

    def token(self, tenant: str, form: Mapping[str, str]) -> dict[str, Any]:
        """Answer a token request (`client_credentials` with a client secret; a `scope`, or v1's `resource`)."""
        self.check_tenant(tenant)
        for name in ("grant_type", "client_id"):
            if not form.get(name):
                raise AadError(
                    400, "invalid_request", 900144, f"The request body must contain the following parameter: '{name}'."
                )
        if form["grant_type"] != _GRANT:
            raise AadError(
                400,
                "unsupported_grant_type",
                70003,
                f"The app requested an unsupported grant type '{form['grant_type']}'.",
            )
        audience = _audience(form)
        self._check_client(form)
        return {
            "token_type": "Bearer",
            "expires_in": LIFETIME,
            "ext_expires_in": LIFETIME,
            "access_token": self.issue(audience),
        }

    def issue(self, audience: str) -> str:
        """A token of the service principal for an audience."""
        principal, now = self._principal, int(self._now())
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{principal.tenant_id}/",
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME,
            "appid": principal.client_id,
            "appidacr": "1",
            "idtyp": "app",
            "oid": principal.object_id,
            "sub": principal.object_id,
            "tid": principal.tenant_id,
            "uti": uuid.uuid4().hex[:22],
            "ver": "1.0",
        }
        header = {"typ": "JWT", "alg": "RS256", "kid": self._key.id}
        signed = f"{_encode(json.dumps(header).encode())}.{_encode(json.dumps(claims).encode())}"
        return f"{signed}.{_encode(self._key.sign(signed.encode()))}"

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

    def _check_client(self, form: Mapping[str, str]) -> None:
        principal, client = self._principal, form["client_id"]
        if client.lower() != principal.client_id:
            raise AadError(
                400,
                "unauthorized_client",
                700016,
                f"Application with identifier '{client}' was not found in the directory 'Sandbox'. This can happen "
                "if the "
                "application has not been installed by the administrator of the tenant or consented to by any user "
                "in the "
                "tenant. You may have sent your authentication request to the wrong tenant.",
            )
        if not form.get("client_secret"):
            raise AadError(
                401,
                "invalid_client",
                7000218,
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
            )
        if not hmac.compare_digest(_digest(form["client_secret"]), _digest(principal.client_secret)):
            raise AadError(
                401,
                "invalid_client",
                7000215,
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
                "value, not the "
                f"client secret ID, for a secret added to app '{client}'.",
            )

    def _claims(self, token: str) -> dict[str, Any]:
        signed, _, signature = token.rpartition(".")
        try:
            if not self._key.verify(_decode(signature), signed.encode()):
                raise ValueError
            claims: dict[str, Any] = json.loads(_decode(signed.partition(".")[2]))
        except ValueError:
            raise ArmError(401, "InvalidAuthenticationToken", "The access token is invalid.") from None
        return claims


def _audience(form: Mapping[str, str]) -> str:
    if resource := form.get("resource"):
        return resource
    scope = form.get("scope", "")
    if not scope.endswith("/.default") or " " in scope:
        raise AadError(
            400,
            "invalid_scope",
            1002012,
            f"The provided value for scope {scope} is not valid. Client credential flows must have a scope value "
            "with /.default "
            "suffixed to the resource identifier (application ID URI).",
        )
    return scope.removesuffix("/.default")


def _digest(value: str) -> bytes:
    return hashlib.sha256(value.encode()).digest()


def _clock(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%m/%d/%Y %I:%M:%S %p")


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
