"""Microsoft Graph over HTTP, as far as `az` asks it. In the sandbox it has the host of Azure Resource Manager.

Only the owner of the sandbox may read the directory: an application has no right in Graph unless it is given one.
"""

import uuid
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.azure.entra.access_tokens import AccessTokens
from sandbox.azure.entra.credentials import ServicePrincipal
from sandbox.azure.entra.microsoft_graph import Graph, GraphError
from sandbox.azure.http.metadata import GRAPH
from sandbox.azure.http.replies import base_of


class MicrosoftGraphEndpoints:
    """The endpoints of Microsoft Graph, version v1.0."""

    def __init__(self, graph: Graph, tokens: AccessTokens, reader: ServicePrincipal) -> None:
        self._graph = graph
        self._tokens = tokens
        self._reader = reader
        self.routes = [
            Route("/v1.0/me", self._me),
            Route("/v1.0/directoryObjects/getByIds", self._by_ids, methods=["POST"]),
            Route("/v1.0/{kind}", self._list),
            Route("/v1.0/{kind}/{key}", self._get),
        ]

    async def _me(self, request: Request) -> Response:
        self._check(request)
        raise GraphError(400, "BadRequest", "/me request is only valid with delegated authentication flow.")

    async def _by_ids(self, request: Request) -> Response:
        self._check(request)
        body = await request.json()
        found = await run_in_threadpool(self._graph.by_ids, body.get("ids") or [], body.get("types") or [])
        return _answer(request, "directoryObjects", {"value": found})

    async def _list(self, request: Request) -> Response:
        self._check(request)
        kind, condition = request.path_params["kind"], request.query_params.get("$filter", "")
        return _answer(request, kind, {"value": await run_in_threadpool(self._graph.matching, kind, condition)})

    async def _get(self, request: Request) -> Response:
        self._check(request)
        kind, key = request.path_params["kind"], request.path_params["key"]
        return _answer(request, f"{kind}/$entity", await run_in_threadpool(self._graph.get, kind, key))

    def _check(self, request: Request) -> None:
        claims = self._tokens.check(request.headers.get("authorization"), (GRAPH, f"{base_of(request)}/"))
        if claims["appid"] != self._reader.client_id:
            text = "Insufficient privileges to complete the operation."
            raise GraphError(403, "Authorization_RequestDenied", text)


async def refused(request: Request, error: Any) -> Response:
    refusal: GraphError = error
    asked = request.headers.get("client-request-id", str(uuid.uuid4()))
    when = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    inner = {"date": when, "request-id": str(uuid.uuid4()), "client-request-id": asked}
    body = {"code": refusal.code, "message": refusal.message, "innerError": inner}
    return JSONResponse({"error": body}, refusal.status)


def _answer(request: Request, what: str, content: dict[str, Any]) -> Response:
    return JSONResponse({"@odata.context": f"{base_of(request)}/v1.0/$metadata#{what}", **content})
