"""The emulator over HTTP: Azure Resource Manager, its metadata, Entra's endpoints and the nodes', on one host."""

import uuid
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.azure.entra.access_tokens import AccessTokens
from sandbox.azure.entra.credentials import TENANT
from sandbox.azure.entra.errors import AadError
from sandbox.azure.entra.signing_key import SigningKey
from sandbox.azure.entra.tokens import Authority
from sandbox.azure.errors import ArmError
from sandbox.azure.http.metadata import AUDIENCES, endpoints
from sandbox.azure.http.replies import Reply, error_reply
from sandbox.azure.http.requests import ArmRequest, ArmRequests
from sandbox.azure.identity import node_endpoint
from sandbox.azure.model import Model
from sandbox.azure.registry import check_version
from sandbox.azure.roles.access import Caller

_METHODS = ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"]


class ArmApp:
    """The endpoints; `asgi` is the application that uvicorn serves."""

    def __init__(
        self, model: Model, requests: ArmRequests, authority: Authority, tokens: AccessTokens, key: SigningKey
    ) -> None:
        self._model = model
        self._requests = requests
        self._authority = authority
        self._tokens = tokens
        self._node_endpoint = node_endpoint.NodeEndpoint(tokens)
        self._key = key
        self.asgi = Starlette(
            routes=[
                Route("/metadata/endpoints", self._metadata),
                Route(node_endpoint.PATH, self._node_token),
                Route("/common/discovery/instance", self._discovery),
                Route("/{tenant}/v2.0/.well-known/openid-configuration", self._openid),
                Route("/{tenant}/discovery/v2.0/keys", self._keys),
                Route("/{tenant}/oauth2/v2.0/token", self._token, methods=["POST"]),
                Route("/{tenant}/oauth2/token", self._token, methods=["POST"]),
                Route("/{path:path}", self._arm, methods=_METHODS),
            ],
            exception_handlers={Exception: _broken},
        )

    async def _metadata(self, request: Request) -> Response:
        try:
            version = request.query_params.get("api-version")
            body = endpoints(_base(request), "1.0" if version == "1.0" else check_version(version))
        except ArmError as error:
            return _response(error_reply(error), request)
        return JSONResponse(body)

    async def _discovery(self, request: Request) -> Response:
        base = _base(request)
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
        try:
            self._authority.check_tenant(tenant)
        except AadError as error:
            return JSONResponse(error.body(), error.status)
        base = f"{_base(request)}/{tenant}"
        return JSONResponse(
            {
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "response_modes_supported": ["query", "fragment", "form_post"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "issuer": f"https://sts.windows.net/{TENANT}/",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "tenant_region_scope": None,
                "cloud_instance_name": "microsoftonline.com",
            }
        )

    async def _keys(self, request: Request) -> Response:
        return JSONResponse(self._key.jwks())

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(errors="replace")))
        try:
            await run_in_threadpool(self._model.check_fault, "Microsoft.AAD/token", "token")
            answer = await run_in_threadpool(self._authority.token, request.path_params["tenant"], form)
            return JSONResponse(answer)
        except AadError as error:
            return JSONResponse(error.body(), error.status)
        except ArmError as error:
            return _response(error_reply(error), request)

    async def _node_token(self, request: Request) -> Response:
        try:
            await run_in_threadpool(self._model.check_fault, "Microsoft.AAD/token", "token")
        except ArmError as error:
            return _response(error_reply(error), request)
        status, body = self._node_endpoint.answer(request.headers, request.query_params)
        return JSONResponse(body, status)

    async def _arm(self, request: Request) -> Response:
        body = await request.body()
        try:
            check_version(request.query_params.get("api-version"))
            audiences = (*AUDIENCES, f"{_base(request)}/")
            claims = self._tokens.check(request.headers.get("authorization"), audiences)
            asked = ArmRequest(
                method=request.method,
                base=_base(request),
                path=request.url.path,
                version=request.query_params.get("api-version"),
                headers=request.headers,
                body=body,
                caller=Caller(str(claims["appid"]), str(claims["oid"])),
                query=request.query_params,
            )
            reply = await run_in_threadpool(self._requests.handle, asked)
        except ArmError as error:
            reply = error_reply(error)
            if error.status == 401:
                reply.headers["WWW-Authenticate"] = (
                    f'Bearer authorization_uri="{_base(request)}/{TENANT}", error="invalid_token", '
                    f'error_description="{error.message}"'
                )
        return _response(reply, request)


def _base(request: Request) -> str:
    return f"https://{request.headers['host']}"


def _response(reply: Reply, request: Request) -> Response:
    request_id = str(uuid.uuid4())
    headers = {
        "x-ms-request-id": request_id,
        "x-ms-correlation-request-id": request.headers.get("x-ms-correlation-request-id", request_id),
        "Cache-Control": "no-cache",
        **reply.headers,
    }
    if "x-ms-client-request-id" in request.headers:
        headers["x-ms-client-request-id"] = request.headers["x-ms-client-request-id"]
    if reply.body is None or request.method == "HEAD":
        return Response(status_code=reply.status, headers=headers)
    content: Any = reply.body
    return JSONResponse(content, reply.status, headers)


async def _broken(request: Request, error: Exception) -> Response:
    """A defect of the emulator: the client gets a server error as Azure would word it, the log the traceback."""
    refusal = ArmError(500, "InternalServerError", "The server encountered an internal error.")
    return _response(error_reply(refusal), request)
