"""Microsoft Entra's token endpoint, as service principals use it."""

import hmac
from collections.abc import Mapping
from typing import Any, Final

from sandbox.azure.entra.access_tokens import LIFETIME, AccessTokens
from sandbox.azure.entra.credentials import TENANT
from sandbox.azure.entra.principals import Principal, Principals
from sandbox.azure.errors import AadError
from sandbox.azure.identity.federation import ASSERTION_TYPE, Federation

_OF_OPENID: Final = frozenset({"openid", "offline_access", "profile"})
"""What MSAL adds to the scope of every request, and a grant without a user has no use for."""


class Authority:
    """The tenant's token issuer."""

    def __init__(self, principals: Principals, federation: Federation, tokens: AccessTokens) -> None:
        self._principals = principals
        self._federation = federation
        self._tokens = tokens

    def check_tenant(self, tenant: str) -> None:
        if tenant.lower() != TENANT:
            text = (
                f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into "
                "the correct cloud. Check with your subscription administrator, this may happen if there are no "
                "active subscriptions for the tenant."
            )
            raise AadError("invalid_request", 90002, text)

    def token(self, tenant: str, form: Mapping[str, str]) -> dict[str, Any]:
        """Answer a request of grant `client_credentials`, whose audience is a `scope`, or v1's `resource`."""
        self.check_tenant(tenant)
        for name in ("grant_type", "client_id"):
            if not form.get(name):
                raise _missing(name)
        grant = form["grant_type"]
        if grant != "client_credentials":
            text = f"The app requested an unsupported grant type '{grant}'."
            raise AadError("unsupported_grant_type", 70003, text)
        audience = _audience(form)
        principal = self._client(form)
        return {
            "token_type": "Bearer",
            "expires_in": LIFETIME,
            "ext_expires_in": LIFETIME,
            "access_token": self._tokens.issue(principal, audience, proof="2" if "client_assertion" in form else "1"),
        }

    def _client(self, form: Mapping[str, str]) -> Principal:
        client = form["client_id"]
        principal = self._principals.with_client_id(client)
        if principal is None:
            text = (
                f"Application with identifier '{client}' was not found in the directory 'Sandbox'. This can happen if "
                "the application has not been installed by the administrator of the tenant or consented to by any "
                "user in the tenant. You may have sent your authentication request to the wrong tenant."
            )
            raise AadError("unauthorized_client", 700016, text)
        if assertion := form.get("client_assertion"):
            self._check_assertion(principal, form, assertion)
        elif secret := form.get("client_secret"):
            right = principal.client_secret  # A managed identity has none, so no secret is ever right.
            if right is None or not hmac.compare_digest(secret.encode(), right.encode()):
                text = (
                    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
                    f"value, not the client secret ID, for a secret added to app '{client}'."
                )
                raise AadError("invalid_client", 7000215, text)
        else:
            text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
            raise AadError("invalid_client", 7000218, text)
        return principal

    def _check_assertion(self, principal: Principal, form: Mapping[str, str], assertion: str) -> None:
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise _missing("client_assertion_type")
        if principal.identity is None:
            text = f"The client '{principal.client_id}' has no configured federated identity credentials."
            raise AadError("invalid_client", 70025, text)
        self._federation.check(principal.client_id, principal.identity, assertion)


def _audience(form: Mapping[str, str]) -> str:
    if resource := form.get("resource"):
        return resource
    scope = form.get("scope", "")
    resources = [each for each in scope.split() if each not in _OF_OPENID]
    if len(resources) != 1 or not resources[0].endswith("/.default"):
        text = (
            f"The provided value for scope {scope} is not valid. Client credential flows must have a scope value with "
            "/.default suffixed to the resource identifier (application ID URI)."
        )
        raise AadError("invalid_scope", 1002012, text)
    return resources[0].removesuffix("/.default")


def _missing(name: str) -> AadError:
    text = f"The request body must contain the following parameter: '{name}'."
    return AadError("invalid_request", 900144, text)
