"""The nodes' own endpoint for tokens of their identity, which answers without any credential (IMDS).

On a node it is http://169.254.169.254/metadata/identity/oauth2/token; azure-identity asks the host that
AZURE_POD_IDENTITY_AUTHORITY_HOST names instead. Only what plays something on a node of the cluster may ask it. Source:
learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token.
"""

import re
import time
from collections.abc import Mapping
from typing import Any, Final

from sandbox.azure.entra.access_tokens import LIFETIME, AccessTokens
from sandbox.azure.entra.principals import KUBELET
from sandbox.azure.identity.identities import IDENTITIES

PATH: Final = "/metadata/identity/oauth2/token"

_OF_A_CLUSTER: Final = re.compile(
    rf"/subscriptions/[^/]+/resourcegroups/MC_[^/]+/providers/{re.escape(IDENTITIES)}/[^/]+-agentpool", re.IGNORECASE
)


def answer(tokens: AccessTokens, headers: Mapping[str, str], query: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
    if headers.get("metadata", "").lower() != "true":
        return _refusal("Required metadata header not specified")
    if not query.get("api-version"):
        return _refusal("Required query variable 'api-version' is missing")
    audience = query.get("resource")
    if not audience:
        return _refusal("Required audience parameter not specified")
    if not _is_the_nodes(query):
        return _refusal("Identity not found")
    now = int(time.time())
    return 200, {
        "access_token": tokens.issue(KUBELET, audience, proof="2"),
        "client_id": KUBELET.client_id,
        "expires_in": str(LIFETIME),
        "expires_on": str(now + LIFETIME),
        "ext_expires_in": str(LIFETIME),
        "not_before": str(now),
        "resource": audience,
        "token_type": "Bearer",
    }


def _is_the_nodes(query: Mapping[str, str]) -> bool:
    """Return True if the identity asked for is the nodes': the only one that they have, so no name means it too."""
    resource_id = query.get("msi_res_id") or query.get("mi_res_id")
    return (
        query.get("client_id", KUBELET.client_id).lower() == KUBELET.client_id
        and query.get("object_id", KUBELET.object_id).lower() == KUBELET.object_id
        and (resource_id is None or _OF_A_CLUSTER.fullmatch(resource_id) is not None)
    )


def _refusal(why: str) -> tuple[int, dict[str, Any]]:
    return 400, {"error": "invalid_request", "error_description": why}
