"""Server-side apply, and who owns which field.

https://kubernetes.io/docs/reference/using-api/server-side-apply/
"""

import copy
from collections.abc import Mapping
from typing import Any, Final, cast

from sandbox.providers.kubernetes.annotations import PATCH_FORCE, is_true
from sandbox.providers.kubernetes.cluster import Cluster
from sandbox.providers.kubernetes.comparison import parse_path
from sandbox.providers.kubernetes.errors import ApiError
from sandbox.providers.kubernetes.kinds import of_object
from sandbox.providers.kubernetes.naming import name_of, namespace_of
from sandbox.providers.values import Path, within

Json = dict[str, Any]

_HELP: Final = (
    "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/"
    "managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources"
)
_OWN_CREATORS: Final = ("pulumi-kubernetes", "pulumi-kubernetes.exe", "pulumi-resource-kubernetes")
_TAKEN_OVER: Final = (
    ("kubectl", "Apply"),
    ("kubectl", "Update"),
    ("before-first-apply", "Update"),
    *((creator, "Update") for creator in _OWN_CREATORS),
)
"""Managers, by the start of their names, whose fields an update makes its own: those of creations, and of kubectl."""


class ConflictError(Exception):
    """Fields to be applied belong to other managers, which the message names."""

    def __init__(self, manager: str, refusal: ApiError) -> None:
        super().__init__(
            f"server-side apply field conflict detected, see {_HELP} for troubleshooting help\n"
            f'The resource managed by field manager "{manager}" had an apply conflict: {refusal}'
        )


def apply(cluster: Cluster, body: Json, manager: str, live: Json | None, preview: bool) -> Json:
    """Apply `body` as `manager`. `live` is the object as it is, None where that is not looked up."""
    force = _forced(cluster, body, live, preview)
    try:
        return cluster.api.apply(of_object(body), body, manager, force, dry_run=preview)
    except ApiError as error:
        if error.conflict:
            raise ConflictError(manager, error) from None
        raise


def _forced(cluster: Cluster, body: Json, live: Json | None, preview: bool) -> bool:
    if is_true(body, PATCH_FORCE) or cluster.settings.enable_patch_force:
        return True
    managers: list[Json] = live["metadata"].get("managedFields") or [] if live else []
    if preview and (
        live is None or any(each["operation"] == "Update" and each["manager"] in _OWN_CREATORS for each in managers)
    ):
        return True  # ownership moves before a real update only
    return live is not None and not managers


def relinquish(cluster: Cluster, live: Mapping[str, Any], manager: str) -> None:
    """Give up all fields of an object. Those that nobody else owns go away."""
    body = {
        "apiVersion": live["apiVersion"],
        "kind": live["kind"],
        "metadata": {"name": name_of(live)} | ({"namespace": namespace_of(live)} if namespace_of(live) else {}),
    }
    cluster.api.apply(of_object(live), body, manager, force=False)


def take_over(cluster: Cluster, live: Json, manager: str) -> Json:
    """Make the fields of the creation, and of kubectl, fields of `manager`, so that leaving one out removes it."""
    entries: list[Json] = copy.deepcopy(live["metadata"].get("managedFields") or [])
    own = next((each for each in entries if each["manager"] == manager and each["operation"] == "Apply"), None)
    kept: list[Json] = []
    fields: Json = (own or {}).get("fieldsV1") or {}
    taken: Json | None = None
    for entry in entries:
        if entry is own:
            continue
        if not _is_taken_over(entry):
            kept.append(entry)
            continue
        taken = taken or entry
        fields = _union(fields, entry.get("fieldsV1") or {})
    if taken is None:
        return live
    mine = {**(own or taken), "manager": manager, "operation": "Apply", "fieldsV1": fields}
    operation = {"op": "replace", "path": "/metadata/managedFields", "value": [*kept, mine]}
    return cluster.api.patch(of_object(live), namespace_of(live), name_of(live), [operation])


def _is_taken_over(entry: Mapping[str, Any]) -> bool:
    return not entry.get("subresource") and any(
        entry["manager"].startswith(name) and entry["operation"] == operation for name, operation in _TAKEN_OVER
    )


def _union(left: Json, right: Json) -> Json:
    """Two sets of fields as one: a tree in which a field is a key."""
    merged: Json = {**left, **right}
    for key in left.keys() & right.keys():
        if isinstance(left[key], dict) and isinstance(right[key], dict):
            merged[key] = _union(cast("Json", left[key]), cast("Json", right[key]))
    return merged


def leave_ignored(body: Json, live: Json, manager: str, ignored: tuple[str, ...]) -> None:
    """Take fields whose changes are ignored out of what is applied if others own them, else keep them as they are."""
    entries: list[Json] = live["metadata"].get("managedFields") or []
    for text in ignored:
        path = parse_path(text)
        ours = any(_owns(each, path) for each in entries if each["manager"] == manager)
        theirs = any(_owns(each, path) for each in entries if each["manager"] != manager)
        parent = within(body, path[:-1])
        if not isinstance(parent, dict):
            continue
        source = within(live, path[:-1])
        if theirs and not ours:
            parent.pop(path[-1], None)
        elif isinstance(source, Mapping) and path[-1] in source:
            parent[path[-1]] = copy.deepcopy(source[path[-1]])


def _owns(entry: Mapping[str, Any], path: Path) -> bool:
    fields: Any = entry.get("fieldsV1") or {}
    for step in path:
        fields = fields.get(f"f:{step}") if isinstance(fields, Mapping) else None
        if fields is None:
            return False
    return True
