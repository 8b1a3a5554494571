"""POST /providers/Microsoft.ResourceGraph/resources: a query, and its answer in pages.

A row is there for each resource that the caller may read itself, whatever it may read above; so whoever may read
nothing gets no rows, and no refusal. Sources: learn.microsoft.com/azure/governance/resource-graph/overview
(Permissions) and …/concepts/paging-results; learn.microsoft.com/rest/api/azureresourcegraph (Resources).
"""

import base64
import json
from collections.abc import Iterator
from typing import Any, Final

from sandbox.azure import api_versions
from sandbox.azure.entra.credentials import TENANT
from sandbox.azure.errors import ArmError, invalid_content, method_not_supported
from sandbox.azure.http import routes
from sandbox.azure.http.arm_request import ArmRequest
from sandbox.azure.http.replies import Reply, rendered
from sandbox.azure.ids import GROUP_TYPE, check_subscription
from sandbox.azure.model import Model
from sandbox.azure.registry import TYPES, check_supported
from sandbox.azure.resource_graph.query import Query, Row
from sandbox.azure.roles.access import Access
from sandbox.azure.store import Resource

PATH: Final = "/providers/Microsoft.ResourceGraph/resources"

_MOST_ROWS: Final = 1000
_EMPTY: Final = {"kind": "", "managedBy": "", "sku": None, "plan": None, "identity": None, "zones": None}
_SHOWN: Final = ("id", "name", "type", "tenantId", "location", "resourceGroup", "subscriptionId", "properties", "tags")


class ResourceGraph:
    """Answers queries from the model."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def handle(self, request: ArmRequest) -> Reply:
        if request.method != "POST":
            raise method_not_supported(request.method)
        check_supported("resources", request.version, api_versions.RESOURCE_GRAPH)
        self._model.check_fault("Microsoft.ResourceGraph/resources", "action")
        try:
            body: dict[str, Any] = json.loads(request.body)
            text, options = str(body["query"]), dict(body.get("options") or {})
            subscriptions = [check_subscription(str(each)) for each in body.get("subscriptions") or []]
        except (ValueError, KeyError, TypeError) as error:
            raise invalid_content(f"A query has 'query', and may have 'subscriptions' and 'options': {error}") from None
        query, access = Query(text), Access(self._model, request.caller)
        rows = query.run(self._resources(access, subscriptions or self._model.store.subscriptions()))
        return Reply(200, _page(rows, options, limited=query.limited))

    def _resources(self, access: Access, subscriptions: list[str]) -> Iterator[Row]:
        for rules in TYPES.values():
            for subscription in subscriptions if rules.has_location and rules.name != GROUP_TYPE else ():
                for resource in self._model.list(rules.name, subscription):
                    if routes.may_read(access, resource.id):
                        yield self._row(resource)

    def _row(self, resource: Resource) -> Row:
        """Return a resource as the table `Resources` has it: types and groups in lower case, ids as they are."""
        shown = rendered(self._model, resource, "")
        known = {
            "type": str(shown["type"]).lower(),
            "tenantId": TENANT,
            "resourceGroup": resource.id.group.lower(),
            "subscriptionId": resource.id.subscription,
        }
        row = {**_EMPTY, **shown, **known}
        return {name: row.get(name) for name in (*_SHOWN, *_EMPTY)}


def _page(rows: list[Row], options: dict[str, Any], *, limited: bool) -> dict[str, Any]:
    """Return the rows that the options ask for, with the token of the next page where there is one."""
    first, most = int(options.get("$skip") or 0), int(options.get("$top") or _MOST_ROWS)
    if not 1 <= most <= _MOST_ROWS:
        raise ArmError(400, "BadRequest", f"The value of $top must be between 1 and {_MOST_ROWS}.")
    if token := options.get("$skipToken"):
        first = _first(str(token))
    data = rows[first : first + most]
    more = first + most < len(rows)
    pages = not limited and any(isinstance(value, str) for row in data for value in row.values())
    answer: dict[str, Any] = {
        "totalRecords": len(rows),
        "count": len(data),
        "data": data if options.get("resultFormat", "objectArray") == "objectArray" else _table(data),
        "facets": [],
        "resultTruncated": str(more and not pages).lower(),
    }
    if more and pages:
        answer["$skipToken"] = base64.b64encode(json.dumps({"$skip": first + most}).encode()).decode()
    return answer


def _first(token: str) -> int:
    try:
        return int(json.loads(base64.b64decode(token, validate=True))["$skip"])
    except (ValueError, KeyError, TypeError):
        raise ArmError(400, "BadRequest", "The $skipToken is not one of this query.") from None


def _table(data: list[Row]) -> dict[str, Any]:
    columns = list(data[0]) if data else []
    kinds = {name: "string" if isinstance(data[0][name], str) else "object" for name in columns}
    return {
        "columns": [{"name": name, "type": kind} for name, kind in kinds.items()],
        "rows": [[row[name] for name in columns] for row in data],
    }
