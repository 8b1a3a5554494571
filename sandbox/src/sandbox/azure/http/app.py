"""The emulator over HTTP: Azure Resource Manager, its metadata, Entra, Microsoft Graph and the nodes, on one host."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.azure.aks.clusters import Clusters
from sandbox.azure.changes import Changes
from sandbox.azure.durations import Durations
from sandbox.azure.entra.access_tokens import AccessTokens, SigningKey
from sandbox.azure.entra.credentials import TENANT, ServicePrincipal
from sandbox.azure.entra.microsoft_graph import Graph, GraphError
from sandbox.azure.entra.principals import Principals
from sandbox.azure.entra.tokens import Authority
from sandbox.azure.errors import AadError, ArmError
from sandbox.azure.http import entra, microsoft_graph, resource_graph
from sandbox.azure.http.arm_request import ArmRequest
from sandbox.azure.http.metadata import AUDIENCES, endpoints
from sandbox.azure.http.replies import Reply, base_of, error_reply, response
from sandbox.azure.http.requests import ArmRequests
from sandbox.azure.http.resource_graph import ResourceGraph
from sandbox.azure.identity.federation import Federation
from sandbox.azure.insights import diagnostic_settings
from sandbox.azure.locks import locks
from sandbox.azure.registry import TYPES, check_version
from sandbox.azure.roles import role_assignments
from sandbox.azure.roles.access import Caller
from sandbox.azure.shares import ShareFiles
from sandbox.azure.store import Store

_METHODS = ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"]


@dataclass(frozen=True)
class Emulator:
    """The Azure of one sandbox: `asgi` serves it, and `model.settle` completes operations that nobody asks after."""

    model: Changes
    asgi: Starlette


def create(
    store: Store,
    *,
    key: SigningKey,
    owner: ServicePrincipal,
    trident: ServicePrincipal,
    kubeconfig: Path,
    files: ShareFiles,
    durations: Durations,
) -> Emulator:
    """Build the emulator. `kubeconfig` names the control plane that every AKS cluster is."""
    role_assignments.ensure_standing(store, owner, trident)
    model = Changes(store, TYPES, forget=_forget, durations=durations, files=files)
    tokens, principals, clusters = AccessTokens(key), Principals(model, owner, trident), Clusters(store, kubeconfig)
    authority = Authority(principals, Federation(model, clusters.issuer, time.time), tokens)
    arm = _ResourceManager(ArmRequests(model, clusters, principals).handle, tokens)
    graph = _ResourceManager(ResourceGraph(model).handle, tokens)
    asgi = Starlette(
        routes=[
            Route("/metadata/endpoints", _metadata),
            *entra.EntraEndpoints(model, authority, tokens).routes,
            Route(resource_graph.PATH, graph.answer, methods=_METHODS),
            *microsoft_graph.MicrosoftGraphEndpoints(Graph(principals), tokens, owner).routes,
            Route("/{path:path}", arm.answer, methods=_METHODS),
        ],
        exception_handlers={
            ArmError: _refused,
            AadError: entra.refused,
            GraphError: microsoft_graph.refused,
            Exception: _broken,
        },
    )
    return Emulator(model, asgi)


def _forget(store: Store, scope: str) -> None:
    """Delete what was attached to a resource that is gone."""
    role_assignments.forget_scope(store, scope)
    locks.forget_scope(store, scope)
    diagnostic_settings.forget_scope(store, scope)


class _ResourceManager:
    def __init__(self, handle: Callable[[ArmRequest], Reply], tokens: AccessTokens) -> None:
        self._handle = handle
        self._tokens = tokens

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        version = check_version(request.query_params.get("api-version"))
        claims = self._tokens.check(request.headers.get("authorization"), (*AUDIENCES, f"{base_of(request)}/"))
        caller, path = Caller(str(claims["appid"]), str(claims["oid"])), request.url.path
        address = (request.method, base_of(request), path, request.query_params, version)
        asked = ArmRequest(*address, headers=request.headers, body=body, caller=caller)
        # A long list takes a while to write down too: not in the thread that all connections share.
        return await run_in_threadpool(lambda: response(self._handle(asked), request))


async def _metadata(request: Request) -> Response:
    return JSONResponse(endpoints(base_of(request), check_version(request.query_params.get("api-version"))))


async def _refused(request: Request, error: Any) -> Response:
    refusal: ArmError = error
    reply: Reply = error_reply(refusal)
    if refusal.status == 401:
        reply.headers["WWW-Authenticate"] = (
            f'Bearer authorization_uri="{base_of(request)}/{TENANT}", error="invalid_token", '
            f'error_description="{refusal.message}"'
        )
    return response(reply, request)


async def _broken(request: Request, _error: Exception) -> Response:
    """Answer a defect of the emulator with a server error as Azure words it; the log has the traceback."""
    refusal = ArmError(500, "InternalServerError", "The server encountered an internal error.")
    return response(error_reply(refusal), request)
