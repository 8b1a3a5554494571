"""Microsoft Graph's view of the directory: what `az` asks about service principals and users.

Source of the shapes: learn.microsoft.com/graph/api (serviceprincipal-list, user-get, directoryobject-getbyids).
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from sandbox.azure.entra.credentials import TENANT
from sandbox.azure.entra.people import PEOPLE, Person
from sandbox.azure.entra.principals import Principal, Principals

_TYPE: Final = "#microsoft.graph."
_EQUALS: Final = re.compile(r"\s*(\w+) eq '([^']*)'\s*")
_BEGINS: Final = re.compile(r"\s*startswith\((\w+),\s*'([^']*)'\)\s*", re.IGNORECASE)
_ANY: Final = re.compile(r"\s*(\w+)/any\((\w+):\s*\2 eq '([^']*)'\)\s*")

Entity = dict[str, Any]


class GraphError(Exception):
    """A refusal by Microsoft Graph."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message


class Graph:
    """The directory, as objects of Microsoft Graph."""

    def __init__(self, principals: Principals) -> None:
        self._principals = principals

    def matching(self, kind: str, condition: str) -> list[Entity]:
        """Return `servicePrincipals`, `users` or `groups` for which a `$filter` holds; all where it is empty."""
        return [each for each in self._every(kind) if _holds(condition)(each)]

    def get(self, kind: str, key: str) -> Entity:
        """Return one of them by its object id; a user also by the name with which they sign in."""
        for each in self._every(kind):
            if key.lower() in {each["id"].lower(), each.get("userPrincipalName", "").lower()}:
                return each
        text = f"Resource '{key}' does not exist or one of its queried reference-property objects are not present."
        raise GraphError(404, "Request_ResourceNotFound", text)

    def by_ids(self, ids: list[str], types: list[str]) -> list[Entity]:
        """Return those of these ids that the directory has, each with its type."""
        found = ((each, kind) for kind in ("servicePrincipals", "users") for each in self._every(kind))
        wanted, allowed = {each.lower() for each in ids}, {each.lower() for each in types}
        return [
            {"@odata.type": f"{_TYPE}{kind[:-1]}", **each}
            for each, kind in found
            if each["id"].lower() in wanted and (not types or kind[:-1].lower() in allowed)
        ]

    def _every(self, kind: str) -> Iterator[Entity]:
        match kind.lower():
            case "serviceprincipals":
                yield from map(_service_principal, self._principals.known())
            case "users":
                yield from map(_user, PEOPLE)
            case "groups":
                return
            case _:
                raise GraphError(400, "BadRequest", f"Resource not found for the segment '{kind}'.")


def _holds(condition: str) -> Callable[[Entity], bool]:
    if not condition:
        return lambda _: True
    if found := _EQUALS.fullmatch(condition):
        return lambda each: str(each.get(found[1])).lower() == found[2].lower()
    if found := _BEGINS.fullmatch(condition):
        return lambda each: str(each.get(found[1])).lower().startswith(found[2].lower())
    if found := _ANY.fullmatch(condition):
        return lambda each: found[3].lower() in {str(value).lower() for value in each.get(found[1], [])}
    raise GraphError(400, "Request_UnsupportedQuery", f"Unsupported Query: the sandbox does not play '{condition}'.")


def _service_principal(principal: Principal) -> Entity:
    resource = principal.resource_id
    return {
        "id": principal.object_id,
        "accountEnabled": True,
        "alternativeNames": ["isExplicit=True", resource] if resource else [],
        "appDisplayName": None if resource else principal.name,
        "appId": principal.client_id,
        "appOwnerOrganizationId": None if resource else TENANT,
        "displayName": principal.name,
        "servicePrincipalNames": [principal.client_id],
        "servicePrincipalType": "ManagedIdentity" if resource else "Application",
        "tags": [],
    }


def _user(person: Person) -> Entity:
    return {
        "id": person.object_id,
        "displayName": person.name,
        "mail": None,
        "userPrincipalName": person.sign_in,
    }
