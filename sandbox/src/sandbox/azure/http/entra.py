"""Entra's endpoints: discovery, keys and tokens, and the nodes' own endpoint for tokens."""

from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.azure.entra import node_endpoint
from sandbox.azure.entra.access_tokens import AccessTokens
from sandbox.azure.entra.credentials import TENANT
from sandbox.azure.entra.tokens import Authority
from sandbox.azure.errors import AadError
from sandbox.azure.http.replies import base_of
from sandbox.azure.model import Model


class EntraEndpoints:
    """The endpoints of the sandbox's tenant."""

    def __init__(self, model: Model, authority: Authority, tokens: AccessTokens) -> None:
        self._model = model
        self._authority = authority
        self._tokens = tokens
        self.routes = [
            Route(node_endpoint.PATH, self._node_token),
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
        status, body = node_endpoint.answer(self._tokens, request.headers, request.query_params)
        return JSONResponse(body, status)

    async def _check_fault(self) -> None:
        await run_in_threadpool(self._model.check_fault, "Microsoft.AAD/token", "token")


async def refused(_request: Request, error: Any) -> Response:
    refusal: AadError = error
    return JSONResponse(refusal.body(), refusal.status)
