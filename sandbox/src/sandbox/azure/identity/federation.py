"""Client assertions: a token of the cluster for one of its service accounts, taken in place of a client secret.

Refusals and their words: learn.microsoft.com/entra/workload-id/workload-identity-federation, and what users of it met
(github.com/Azure/azure-workload-identity issues 340, 693, 1130, 1200, 1232; github.com/Azure/login issue 515). Issuer,
subject and audience are compared with regard to case.
"""

from collections.abc import Callable
from typing import Any, Final

import jwt

from sandbox.azure.aks.clusters import ClusterIssuer
from sandbox.azure.errors import AadError
from sandbox.azure.identity.identities import counts
from sandbox.azure.model import Model
from sandbox.azure.shapes import timestamp
from sandbox.azure.store import Resource

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

_SKEW_SECONDS: Final = 300
_ADVICE: Final = (
    "Check your federated identity credential Subject, Audience and Issuer against the presented assertion. "
    "https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
)


class Federation:
    """Judges assertions by what identities trust and by the keys of the cluster that signs them."""

    def __init__(self, model: Model, issuer: ClusterIssuer, now: Callable[[], float]) -> None:
        self._model = model
        self._issuer = issuer
        self._now = now

    def check(self, client_id: str, identity: Resource, assertion: str) -> None:
        try:
            token = jwt.decode_complete(assertion, options={"verify_signature": False})
        except (jwt.InvalidTokenError, RecursionError):
            raise _malformed() from None
        credentials = self._model.store.children(identity.id.key)
        trusted = [each.properties for each in credentials if counts(self._model, each)]
        if not trusted:
            text = f"The client '{client_id}'({identity.id.name}) has no configured federated identity credentials."
            raise _refusal(70025, text)
        _match(trusted, token["payload"])
        self._check_signature(assertion, token["header"].get("kid"), token["payload"]["iss"])
        self._check_time(token["payload"])

    def _check_signature(self, assertion: str, key_id: str | None, issuer: str) -> None:
        metadata = self._issuer.metadata()
        if metadata is None or metadata.issuer != issuer:
            # No other issuer can be reached from here, and that is what Entra says of one that it cannot reach.
            raise AadError("invalid_request", 50166, "Request to External OIDC endpoint failed.")
        if not any(key.get("kid") == key_id and _is_signed_by(assertion, key) for key in metadata.keys):
            raise _refusal(
                7000272,
                f"The certificate with identifier {key_id} used to sign the federated credential could not be found "
                f"in the metadata of identity provider {issuer}. Please validate that your Identity Provider's "
                "metadata exposes the key used to sign the incoming token.",
            )

    def _check_time(self, claims: dict[str, Any]) -> None:
        now, begins, ends = self._now(), claims.get("nbf", 0), claims.get("exp")
        if not isinstance(begins, int | float) or not isinstance(ends, int | float):
            raise _malformed()
        if now > ends + _SKEW_SECONDS or now < begins - _SKEW_SECONDS:
            raise _refusal(
                700024,
                f"Client assertion is not within its valid time range. Current time: {timestamp(now)}, assertion valid "
                f"from {timestamp(begins)}, expiry time of assertion {timestamp(ends)}. Review the documentation at "
                "https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
            )


def _is_signed_by(assertion: str, key: dict[str, Any]) -> bool:
    try:
        jwt.PyJWS().decode(assertion, jwt.PyJWK(key, "RS256"), ["RS256"])
    except jwt.PyJWTError:
        return False
    return True


def _match(trusted: list[dict[str, Any]], claims: dict[str, Any]) -> None:
    """Find a credential for issuer, subject and audience; refuse the first of the three that none of them has."""
    issuer, subject, audience = claims.get("iss"), claims.get("sub"), claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    of_issuer = [each for each in trusted if each["issuer"] == issuer]
    if not of_issuer:
        raise _no_match(700211, f"issuer '{issuer}'")
    of_subject = [each for each in of_issuer if each["subject"] == subject]
    if not of_subject:
        if any(each["subject"].lower() == str(subject).lower() for each in of_issuer):
            raise _no_match(
                7002138,
                f"subject '{subject}'. The subject matches with case-insensitive comparison, but not with "
                "case-sensitive comparison",
            )
        raise _no_match(700213, f"subject '{subject}'")
    if not any(each["audiences"][0] in audiences for each in of_subject):
        raise _no_match(700212, f"audience '{','.join(map(str, audiences))}'")


def _no_match(code: int, what: str) -> AadError:
    return _refusal(code, f"No matching federated identity record found for presented assertion {what}. {_ADVICE}")


def _refusal(code: int, message: str) -> AadError:
    return AadError("invalid_client", code, message)


def _malformed() -> AadError:
    return AadError("invalid_request", 50027, "JWT token is invalid or malformed.")
