"""Entra's endpoints: discovery, keys and tokens, and the nodes' own endpoint for tokens of their identity (IMDS).

The latter answers without any credential. On a node it is http://169.254.169.254/metadata/identity/oauth2/token;
azure-identity asks the host that AZURE_POD_IDENTITY_AUTHORITY_HOST names instead. Only what plays something on a node
of the cluster may ask it. Source:
learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token.
"""

import re
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.azure.entra.access_tokens import LIFETIME, AccessTokens
from sandbox.azure.entra.credentials import TENANT
from sandbox.azure.entra.principals import KUBELET
from sandbox.azure.entra.tokens import Authority
from sandbox.azure.errors import AadError
from sandbox.azure.http.replies import base_of
from sandbox.azure.ids import IDENTITIES
from sandbox.azure.model import Model

_OF_A_CLUSTER: Final = re.compile(
    rf"/subscriptions/[^/]+/resourcegroups/MC_[^/]+/providers/{re.escape(IDENTITIES)}/[^/]+-agentpool", re.IGNORECASE
)


_EVERY_TENANT: Final = ("common", "organizations")
"""Names of no tenant in particular, which public clients discover before they know theirs (`az logout`)."""


class EntraEndpoints:
    """The endpoints of the sandbox's tenant."""

    def __init__(self, model: Model, authority: Authority, tokens: AccessTokens) -> None:
        self._model = model
        self._authority = authority
        self._tokens = tokens
        self.routes = [
            Route("/metadata/identity/oauth2/token", self._node_token),
            Route("/common/discovery/instance", self._discovery),
            Route("/{tenant}/v2.0/.well-known/openid-configuration", self._openid),
            Route("/{tenant}/discovery/v2.0/keys", self._keys),
            Route("/{tenant}/oauth2/v2.0/token", self._token, methods=["POST"]),
            Route("/{tenant}/oauth2/token", self._token, methods=["POST"]),
        ]

    async def _discovery(self, request: Request) -> Response:
        base = base_of(request)
        host = base.removeprefix("https://")
        return JSONResponse(
            {
                "tenant_discovery_endpoint": f"{base}/{TENANT}/v2.0/.well-known/openid-configuration",
                "api-version": "1.1",
                "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
            }
        )

    async def _openid(self, request: Request) -> Response:
        tenant = request.path_params["tenant"]
        if tenant not in _EVERY_TENANT:
            self._authority.check_tenant(tenant)
        base = f"{base_of(request)}/{tenant}"
        return JSONResponse(
            {
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
                "issuer": f"https://sts.windows.net/{TENANT}/",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            }
        )

    async def _keys(self, request: Request) -> Response:
        return JSONResponse(self._tokens.key.jwks())

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(errors="replace")))
        await self._check_fault()
        return JSONResponse(await run_in_threadpool(self._authority.token, request.path_params["tenant"], form))

    async def _node_token(self, request: Request) -> Response:
        await self._check_fault()
        query, audience = request.query_params, request.query_params.get("resource")
        if request.headers.get("metadata", "").lower() != "true":
            return _invalid("Required metadata header not specified")
        if not query.get("api-version"):
            return _invalid("Required query variable 'api-version' is missing")
        if not audience:
            return _invalid("Required audience parameter not specified")
        if not _is_the_nodes(query):
            return _invalid("Identity not found")
        now = int(time.time())
        return JSONResponse(
            {
                "access_token": self._tokens.issue(KUBELET, audience, proof="2"),
                "client_id": KUBELET.client_id,
                "expires_in": str(LIFETIME),
                "expires_on": str(now + LIFETIME),
                "ext_expires_in": str(LIFETIME),
                "not_before": str(now),
                "resource": audience,
                "token_type": "Bearer",
            }
        )

    async def _check_fault(self) -> None:
        await run_in_threadpool(self._model.check_fault, "Microsoft.AAD/token", "token")


async def refused(_request: Request, error: Any) -> Response:
    refusal: AadError = error
    return JSONResponse(refusal.body(), refusal.status)


def _is_the_nodes(query: Mapping[str, str]) -> bool:
    """Return True if the identity asked for is the nodes': the only one that they have, so no name means it too."""
    resource_id = query.get("msi_res_id") or query.get("mi_res_id")
    return (
        query.get("client_id", KUBELET.client_id).lower() == KUBELET.client_id
        and query.get("object_id", KUBELET.object_id).lower() == KUBELET.object_id
        and (resource_id is None or _OF_A_CLUSTER.fullmatch(resource_id) is not None)
    )


def _invalid(why: str) -> Response:
    return JSONResponse({"error": "invalid_request", "error_description": why}, 400)
