"""Changes of resources as clients ask for them: a PUT, PATCH or DELETE, checked, accepted and stored as a whole."""

from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.azure.criteria import Criteria
from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from sandbox.azure.model import Desired, Draft, Model, ResourceType, not_found
from sandbox.azure.operations import Kind, Operation, plain_kind
from sandbox.azure.regions import normalized
from sandbox.azure.shapes import mapping, timestamp
from sandbox.azure.store import Resource
from sandbox.azure.tags import tags_in
from sandbox.faults import take_fault

_DELETING: Final = "Deleting"
_ENVELOPE: Final = ("zones", "identity", "sku", "managedBy", "extendedLocation")


@dataclass(frozen=True)
class Conditions:
    """If-Match and If-None-Match of a request."""

    if_match: str | None = None
    if_none_match: str | None = None

    def check(self, current: Resource | None) -> None:
        known = {"*", current.etag, current.etag.removeprefix("W/")} if current else set[str]()
        if self.if_match is not None and self.if_match not in known:
            raise _precondition("if-match", self.if_match)
        if self.if_none_match in known:
            raise _precondition("if-none-match", self.if_none_match)


@dataclass(frozen=True)
class Outcome:
    """The result of a change. `operation` None: it is over. `resource` None: there is nothing to show."""

    resource: Resource | None
    operation: Operation | None
    created: bool = False
    asked: dict[str, Any] = field(default_factory=dict[str, Any])
    """The properties of the request."""


class Changes(Model):
    """The model with the changes that clients ask for. A refused request leaves the store as it was."""

    def put(
        self, resource_id: ResourceId, body: dict[str, Any], conditions: Conditions | None = None, by: str = ""
    ) -> Outcome:
        """Create or replace a resource; `by` is the client id of who asks."""
        return self._change(resource_id, body, conditions or Conditions(), by, partial=False)

    def patch(
        self, resource_id: ResourceId, body: dict[str, Any], conditions: Conditions | None = None, by: str = ""
    ) -> Outcome:
        return self._change(resource_id, body, conditions or Conditions(), by, partial=True)

    def delete(self, resource_id: ResourceId, conditions: Conditions | None = None) -> Outcome:
        self.settle()
        rules = self.type(resource_id)
        self.check_fault(rules.name, "delete")
        with self.store.transaction():
            self.check_parents(resource_id)
            current = self.find(resource_id)
            if current is None:
                if not resource_id.types:
                    raise not_found(resource_id)
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

    def _change(
        self, resource_id: ResourceId, body: dict[str, Any], conditions: Conditions, by: str, *, partial: bool
    ) -> Outcome:
        self.settle()
        rules = self.type(resource_id)
        self.check_fault(rules.name, "update" if self.find(resource_id) or partial else "create")
        with self.store.transaction():
            self.check_parents(resource_id, writing=True)
            current = self.store.find(resource_id.key)
            if current is not None and (self.hidden(current) or current.state == _DELETING):
                rules.check_idle(self, resource_id, current)
            if partial and current is None:
                raise not_found(resource_id)
            conditions.check(current)
            parent = self.store.find(resource_id.parent.key) if resource_id.types else None
            desired = _desired(rules, resource_id, body, current, parent, partial=partial)
            rules.check_idle(self, resource_id, current)
            if current is not None:
                kind, draft = "patch" if partial else "update", rules.update(self, current, desired)
                return self._accept(rules, current, draft, desired, body, kind, by)
            resource_id = _spelled(rules, resource_id, parent)
            rules.check_name(resource_id)
            draft = rules.create(self, resource_id, desired)
            return self._accept(rules, Resource(resource_id, desired.location, {}), draft, desired, body, "create", by)

    def _accept(
        self,
        rules: ResourceType,
        resource: Resource,
        draft: Draft,
        desired: Desired,
        body: dict[str, Any],
        kind: Kind,
        by: str,
    ) -> Outcome:
        previous = {name: getattr(resource, name) for name in ("properties", "private", "envelope", "tags")}
        resource.properties, resource.private, resource.envelope = draft.properties, draft.private, draft.envelope
        if not desired.partial or "tags" in body:
            resource.tags = tags_in(body)
        if rules.has_system_data:
            resource.envelope = {**draft.envelope, "systemData": _system_data(previous["envelope"], self.now(), by)}
        resource.etag = rules.etag(self.now())
        operation = None
        if rules.at_once(plain_kind(kind), desired):
            resource.state, resource.ready = "Succeeded", True
        else:
            operation = self._start(rules, resource, kind, None if kind == "create" else previous)
            resource.state = {"create": rules.creating, "patch": rules.patching}.get(kind, rules.updating)
        self.store.save(resource)
        rules.applied(self, resource, desired)
        return Outcome(resource, operation, kind == "create", desired.properties)

    def _start(
        self, rules: ResourceType, resource: Resource, kind: Kind, previous: dict[str, Any] | None = None
    ) -> Operation:
        others = Criteria(resource.id.subscription, location=resource.location)
        first = kind == "create" and self.store.first_of_type(rules.name, others) is None
        seconds, failure = self.durations.of(rules.name, kind, first=first), None
        if fault := take_fault(self.store, rules.name, plain_kind(kind), "operation"):
            seconds, failure = seconds + fault.delay, fault.error()
        return self.operations.start(str(resource.id), kind, self.now(), seconds, failure=failure, previous=previous)


def _desired(
    rules: ResourceType,
    resource_id: ResourceId,
    body: dict[str, Any],
    current: Resource | None,
    parent: Resource | None,
    *,
    partial: bool,
) -> Desired:
    """Read the body of a PUT or PATCH. A nested resource has its parent's location."""
    properties = mapping(body.get("properties"), "properties")
    tags_in(body)
    if body.get("name") not in {None, resource_id.name, resource_id.full_name}:
        text = f"The {rules.name} name must be the same as the resource identifier name."
        raise ArmError(400, "InvalidRequestContent", text)
    location = current.location if current else ""
    if rules.has_location and not partial:
        location = rules.place(body.get("location"))
    if current is not None and normalized(location) != normalized(current.location):
        rules.refuse_move(current, location)
    if not rules.has_location and current is None:
        location = parent.location if parent else ""
    envelope = {name: body[name] for name in _ENVELOPE if body.get(name) is not None}
    return Desired(location, properties, envelope, partial)


def _system_data(before: dict[str, Any], now: float, by: str) -> dict[str, str]:
    """Return who created and who last changed a resource; `before` is its envelope so far."""
    # Guess: An application is named by its client id.
    who = {"By": by, "ByType": "Application", "At": timestamp(now)}
    created = {f"created{name}": value for name, value in who.items()}
    return {**created, **before.get("systemData", {}), **{f"lastModified{name}": value for name, value in who.items()}}


def _spelled(rules: ResourceType, resource_id: ResourceId, parent: Resource | None) -> ResourceId:
    """Return the id with its parent as that was first written, and the type in Azure's spelling."""
    if parent is None:
        return resource_id
    provider, *kinds = rules.name.split("/")
    names = (*parent.id.names, resource_id.name)
    return ResourceId(resource_id.subscription, parent.id.group, provider, tuple(kinds), names)


def _precondition(header: str, value: str | None) -> ArmError:
    text = f"The condition '{value}' in the {header} header was not satisfied: the resource has changed."
    return ArmError(412, "PreconditionFailed", text)
