"""The model: resources that are created, changed and deleted by asynchronous operations, by the rules of their types.

It knows nothing of HTTP. Operations end when their stored time has come: `settle` completes what is due, and every
question settles first, so state is right after a restart without anything having been awaited.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.azure.directory import Directory
from sandbox.azure.durations import INSTANT, Durations
from sandbox.azure.errors import ArmError, group_not_found, parent_not_found, resource_not_found
from sandbox.azure.http.conditions import Conditions
from sandbox.azure.ids import ResourceId
from sandbox.azure.operations import Kind, Operation, Operations
from sandbox.azure.request_body import desired_state
from sandbox.azure.resource_type import Desired, Draft, ResourceType
from sandbox.azure.roles.role_assignments import forget_scope
from sandbox.azure.shares import ShareFiles
from sandbox.azure.store import Resource, Store
from sandbox.faults import take_fault

_DELETING = "Deleting"


@dataclass(frozen=True)
class Outcome:
    """What a change led to. `operation` None: it is over. `resource` None: there is nothing to show."""

    resource: Resource | None
    operation: Operation | None
    created: bool = False


class Model:
    """The sandbox's Azure. One instance serves a store; it may be used from several threads."""

    def __init__(
        self,
        store: Store,
        types: Mapping[str, ResourceType],
        *,
        durations: Durations = INSTANT,
        files: ShareFiles | None = None,
        capacity_quota_tib: int = 25,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.store = store
        self.operations = Operations(store)
        self.directory = Directory(store)
        self.durations = durations
        self.files = files
        self.capacity_quota_tib = capacity_quota_tib
        self.now = now
        self._types = types

    def type(self, resource_id: ResourceId) -> ResourceType:
        """The type of a resource; KeyError if the emulator does not have it."""
        return self._types[resource_id.type.lower()]

    def find(self, resource_id: ResourceId) -> Resource | None:
        """A resource as clients see it: one that is on its way out is gone before its deletion has ended."""
        resource = self.store.find(resource_id.key)
        return None if resource is None or self._hidden(resource) else resource

    def get(self, resource_id: ResourceId) -> Resource:
        """A resource, or the error that Azure answers."""
        self.settle()
        self._check_parents(resource_id)
        resource = self.find(resource_id)
        if resource is None:
            raise _not_found(resource_id)
        return resource

    def list(self, type_name: str, subscription: str, parent: ResourceId | None = None) -> list[Resource]:
        """Resources of a type in a subscription, or in a resource group or resource."""
        self.settle()
        if parent is not None:
            self._check_parents(parent, itself=True)
        prefix = f"{parent.key}/" if parent else ""
        return [
            resource
            for resource in self.store.of_type(type_name, subscription)
            if resource.id.key.startswith(prefix) and not self._hidden(resource)
        ]

    def put(self, resource_id: ResourceId, body: dict[str, Any], conditions: Conditions | None = None) -> Outcome:
        """Create a resource, or replace what is there."""
        return self._change(resource_id, body, conditions or Conditions(), partial=False)

    def patch(self, resource_id: ResourceId, body: dict[str, Any], conditions: Conditions | None = None) -> Outcome:
        """Change what the body names."""
        return self._change(resource_id, body, conditions or Conditions(), partial=True)

    def delete(self, resource_id: ResourceId, conditions: Conditions | None = None) -> Outcome:
        """Start to delete a resource."""
        self.settle()
        rules = self.type(resource_id)
        self.check_fault(rules.name, "delete")
        with self.store.transaction():
            self._check_parents(resource_id)
            current = self.find(resource_id)
            if current is None:
                if not resource_id.types:
                    raise _not_found(resource_id)
                return Outcome(None, None)
            (conditions or Conditions()).check(current)
            rules.check_delete(self, current)
            rules.check_idle(self, resource_id, current)
            if "delete" in rules.synchronous:
                self.remove(current)
                return Outcome(current, None)
            operation = self._start(rules, current, "delete")
            current.state = _DELETING
            current.vanishes = operation.due - min(self.durations.nested_lag, operation.due - operation.started)
            self.store.save(current)
            return Outcome(current, operation)

    def check_fault(self, type_name: str, operation: str) -> None:
        """Answer as an ordered fault says, if one is meant for this request."""
        fault = take_fault(self.store, type_name, operation, "request")
        if fault is None:
            return
        if fault.delay:
            time.sleep(fault.delay)
        if error := fault.error():
            raise error

    def settle(self) -> None:
        """Complete every operation whose time has come."""
        if not self.operations.due(self.now()):
            return
        with self.store.transaction():
            for operation in self.operations.due(self.now()):
                self._complete(operation)

    def remove(self, resource: Resource) -> None:
        """Take a resource away, and before it what is nested in it."""
        for child in reversed(self.store.children(resource.id.key)):
            self.remove(child)
        self.type(resource.id).removed(self, resource)
        self.store.remove(resource.id.key)
        forget_scope(self.store, resource.id.key)
        for operation in self.operations.pending(resource.id.key):
            self.operations.end(operation, "Canceled")

    def create_child(self, resource_id: ResourceId, location: str, draft: Draft) -> Resource:
        """Save a resource that its parent brings along, at once and in the parent's own operation."""
        rules = self.type(resource_id)
        etag = rules.etag(self.now()) or ""
        child = Resource(resource_id, location, draft.properties, etag=etag, ready=True, private=draft.private)
        self.store.save(child)
        return child

    def _change(
        self, resource_id: ResourceId, body: dict[str, Any], conditions: Conditions, *, partial: bool
    ) -> Outcome:
        self.settle()
        rules = self.type(resource_id)
        self.check_fault(rules.name, "update" if self.find(resource_id) or partial else "create")
        with self.store.transaction():
            self._check_parents(resource_id, writing=True)
            current = self.store.find(resource_id.key)
            if current is not None and (self._hidden(current) or current.state == _DELETING):
                rules.check_idle(self, resource_id, current)
            if partial and current is None:
                raise _not_found(resource_id)
            conditions.check(current)
            parent = self.store.find(resource_id.parent.key) if resource_id.types else None
            desired = desired_state(rules, resource_id, body, current, parent, partial=partial)
            rules.check_idle(self, resource_id, current)
            if current is None:
                return self._create(rules, self._spelled(rules, resource_id), desired, body)
            return self._update(rules, current, desired, body)

    def _create(self, rules: ResourceType, resource_id: ResourceId, desired: Desired, body: dict[str, Any]) -> Outcome:
        rules.check_name(resource_id)
        draft = rules.create(self, resource_id, desired)
        resource = Resource(resource_id, desired.location, {})
        return self._accept(rules, resource, draft, desired, body, "create")

    def _update(self, rules: ResourceType, resource: Resource, desired: Desired, body: dict[str, Any]) -> Outcome:
        draft = rules.update(self, resource, desired)
        return self._accept(rules, resource, draft, desired, body, "update")

    def _accept(
        self,
        rules: ResourceType,
        resource: Resource,
        draft: Draft,
        desired: Desired,
        body: dict[str, Any],
        kind: Kind,
    ) -> Outcome:
        previous = None if kind == "create" else _content(resource)
        resource.properties, resource.private, resource.envelope = draft.properties, draft.private, draft.envelope
        if not desired.partial or "tags" in body:
            resource.tags = body.get("tags")
        resource.etag = rules.etag(self.now()) or ""
        operation = None
        if kind in rules.synchronous:
            resource.state, resource.ready = "Succeeded", True
        else:
            operation = self._start(rules, resource, kind, previous)
            resource.state = rules.creating if kind == "create" else rules.updating
        self.store.save(resource)
        rules.applied(self, resource, desired)
        return Outcome(resource, operation, created=kind == "create")

    def _start(
        self, rules: ResourceType, resource: Resource, kind: Kind, previous: dict[str, Any] | None = None
    ) -> Operation:
        seconds, failure = self.durations.of(rules.name, kind), None
        if fault := take_fault(self.store, rules.name, kind, "operation"):
            seconds, failure = seconds + fault.delay, fault.error()
        return self.operations.start(resource.id.key, kind, self.now(), seconds, failure=failure, previous=previous)

    def _complete(self, operation: Operation) -> None:
        resource = self.store.find(operation.target)
        if resource is None:
            self.operations.end(operation, "Canceled")
            return
        rules, error = self.type(resource.id), operation.error
        if error is None:
            try:
                rules.completed(self, resource, operation.kind)
            except ArmError as failure:
                error = failure
        if error is not None:
            resource.state = rules.undeleted if operation.kind == "delete" else "Failed"
            resource.vanishes = None
            if operation.previous is not None:
                for name, value in operation.previous.items():
                    setattr(resource, name, value)
            self.store.save(resource)
            self.operations.end(operation, "Failed", error)
            return
        if operation.kind == "delete":
            self.remove(resource)
        else:
            resource.state, resource.ready = "Succeeded", True
            self.store.save(resource)
        self.operations.end(operation, "Succeeded")

    def _spelled(self, rules: ResourceType, resource_id: ResourceId) -> ResourceId:
        """The id with its parent as that was first written, and the type in Azure's spelling."""
        if not resource_id.types:
            return resource_id
        parent = self.store.find(resource_id.parent.key)
        provider, *kinds = rules.name.split("/")
        names = (*parent.id.names, resource_id.name) if parent else resource_id.names
        group = parent.id.group if parent else resource_id.group
        return ResourceId(resource_id.subscription, group, provider, tuple(kinds), names)

    def _check_parents(self, resource_id: ResourceId, *, writing: bool = False, itself: bool = False) -> None:
        """Refuse what lies in a missing resource group or resource, or (writing) in a group that is being deleted."""
        if not resource_id.types and not itself:
            return
        group = self.find(resource_id.resource_group)
        if group is None:
            raise group_not_found(resource_id.group)
        if writing and group.state == _DELETING:
            raise ArmError(
                409,
                "ResourceGroupBeingDeleted",
                f"The resource group '{group.id.group}' is in deprovisioning state and cannot perform this operation.",
            )
        ancestor = resource_id if itself else resource_id.parent
        while ancestor.types:
            if self.find(ancestor) is None:
                raise parent_not_found(ancestor.full_name)
            ancestor = ancestor.parent

    def _hidden(self, resource: Resource) -> bool:
        return resource.vanishes is not None and resource.vanishes <= self.now()


def _content(resource: Resource) -> dict[str, Any]:
    return {name: getattr(resource, name) for name in ("properties", "private", "envelope", "tags")}


def _not_found(resource_id: ResourceId) -> ArmError:
    if not resource_id.types:
        return group_not_found(resource_id.group)
    return resource_not_found(resource_id.type_and_name, resource_id.group)
