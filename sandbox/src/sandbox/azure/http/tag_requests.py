"""Requests about the tags of a group or resource alone: `SCOPE/providers/Microsoft.Resources/tags/default`.

Source: learn.microsoft.com/rest/api/resources/tags.
"""

from typing import Any, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.extension_path import ExtensionPath
from sandbox.azure.http.arm_request import ArmRequest
from sandbox.azure.http.replies import Reply
from sandbox.azure.ids import ResourceId
from sandbox.azure.model import Model
from sandbox.azure.registry import check_type_version
from sandbox.azure.roles.access import Access
from sandbox.azure.shapes import mapping
from sandbox.azure.store import Resource
from sandbox.azure.tags import tags_in

TAGS: Final = "Microsoft.Resources/tags"
_ACTIONS: Final = {"GET": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}


class TagRequests:
    """Answers requests to Microsoft.Resources/tags."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def handle(self, request: ArmRequest, path: ExtensionPath, access: Access) -> Reply:
        check_type_version(path.type, request.version)
        request.only(*_ACTIONS)
        if path.name.lower() != "default":
            raise ArmError(404, "InvalidResourceName", f"The tags of a scope are named 'default', not '{path.name}'.")
        access.check(f"{TAGS}/{_ACTIONS[request.method]}", path.scope)
        try:
            resource = self._model.get(ResourceId.parse(path.scope))
        except (ValueError, KeyError):
            # Guess: a subscription has tags in Azure, which the emulator does not keep.
            raise ArmError(400, "InvalidScope", f"The scope '{path.scope}' has no tags in the sandbox.") from None
        if request.method != "GET":
            with self._model.store.transaction():
                resource.tags = _changed(resource.tags or {}, request)
                self._model.store.save(resource)
        return Reply(200, None if request.method == "DELETE" else _shown(resource))


def _changed(tags: dict[str, str], request: ArmRequest) -> dict[str, str]:
    if request.method == "DELETE":
        return {}
    body = request.content()
    given = tags_in(mapping(body.get("properties"), "properties")) or {}
    operation = "replace" if request.method == "PUT" else str(body.get("operation")).lower()
    match operation:
        case "replace":
            return given
        case "merge":
            return {**tags, **given}
        case "delete":
            return {name: value for name, value in tags.items() if given.get(name) != value}
        case _:
            text = f"The operation '{body.get('operation')}' is not one of Replace, Merge, Delete."
            raise ArmError(400, "InvalidTagPatchOperation", text)


def _shown(resource: Resource) -> dict[str, Any]:
    return {
        "id": f"{resource.id}/providers/{TAGS}/default",
        "name": "default",
        "type": TAGS,
        "properties": {"tags": resource.tags or {}},
    }
