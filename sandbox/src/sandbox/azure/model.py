"""The model: resources that are created, changed and deleted by asynchronous operations, by the rules of their types.

It knows nothing of HTTP. Operations end when their stored time has come: `settle` completes what is due, and every
question settles first, so state is right after a restart without anything having been awaited.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, NoReturn

from sandbox.azure.criteria import Criteria
from sandbox.azure.directory import Directory
from sandbox.azure.durations import INSTANT, Durations
from sandbox.azure.errors import ArmError, group_being_deleted, group_not_found, parent_not_found
from sandbox.azure.ids import ResourceId
from sandbox.azure.operations import Kind, Operation, Operations, plain_kind
from sandbox.azure.regions import check_location
from sandbox.azure.shares import ShareFiles
from sandbox.azure.store import Resource, Store
from sandbox.faults import take_fault

# Guess: Azure forgets an operation a day after it has ended.
_OPERATION_SECONDS: Final = 24 * 3600.0


@dataclass(frozen=True)
class Desired:
    """The state that a PUT or PATCH asks for. For a PATCH (`partial`) what is absent stays as it is."""

    location: str
    properties: dict[str, Any]
    envelope: dict[str, Any] = field(default_factory=dict[str, Any])
    partial: bool = False


@dataclass
class Draft:
    """A resource to be: its properties, what is kept but never shown, what stands beside the properties."""

    properties: dict[str, Any]
    private: dict[str, Any] = field(default_factory=dict[str, Any])
    envelope: dict[str, Any] = field(default_factory=dict[str, Any])


class ResourceType:
    """One type. Override what differs: a rule raises ArmError, and then nothing has happened."""

    name: ClassVar[str]
    """`Microsoft.NetApp/netAppAccounts/capacityPools`, in Azure's own spelling."""
    has_location: ClassVar[bool] = True
    has_etag: ClassVar[bool] = True
    full_names: ClassVar[bool] = False
    """`name` shows all names (`account/pool`), not the last one alone."""
    updating: ClassVar[str] = "Updating"
    patching: ClassVar[str] = "Updating"
    changes_at_end: ClassVar[bool] = False
    """Until an update has ended, clients see what was before it."""
    has_system_data: ClassVar[bool] = False
    creating: ClassVar[str] = "Creating"
    synchronous: ClassVar[frozenset[Kind]] = frozenset()
    """Operations that are over when they are answered."""
    shows_state: ClassVar[bool] = True
    """The properties have a provisioningState."""
    put_by_both: ClassVar[bool] = False
    """A PUT has the Location header beside Azure-AsyncOperation."""
    create_status: ClassVar[int] = 201
    """The HTTP status that answers the creation of a resource."""
    update_status: ClassVar[int] = 200
    """The HTTP status that answers a PUT of an existing resource."""
    undeleted: ClassVar[str] = "Failed"
    """The provisioning state after a deletion that failed."""
    listings: ClassVar[Mapping[str, Callable[[Model, Resource], list[Resource]]]] = {}
    """Lists below a resource, of what is nested elsewhere, by lower-case name."""
    actions: ClassVar[Mapping[str, Callable[[Model, Resource, dict[str, Any]], tuple[Resource, Operation]]]] = {}
    """What a POST below a resource does, by lower-case word; each returns the resource as it is then."""

    readings: ClassVar[Mapping[str, Callable[[Model, Resource], dict[str, Any]]]] = {}
    """What a GET below a resource shows that is no resource, by lower-case path (`latestbackupstatus/current`)."""

    def check_name(self, resource_id: ResourceId) -> None:
        """Refuse a name that the type does not allow."""

    def place(self, wanted: object) -> str:
        """Return the location of a new resource, as it is kept."""
        return check_location(wanted, self.name)

    def check_idle(self, model: Model, resource_id: ResourceId, current: Resource | None) -> None:
        """Refuse a change while another operation is under way where this type serialises them."""
        if current is not None and model.operations.pending(current.id.key):
            text = (
                f"Cannot modify resource with id '{current.id}' because the resource entity provisioning state is not "
                "terminal. Please wait for the provisioning state to become terminal and then retry the request."
            )
            raise ArmError(409, "RequestConflict", text)

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        raise NotImplementedError

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        raise NotImplementedError

    def refuse_move(self, resource: Resource, location: str) -> NoReturn:
        text = (
            f"The resource '{resource.id.name}' already exists in location '{resource.location}' in resource group "
            f"'{resource.id.group}'. A resource with the same name cannot be created in location '{location}'. Please "
            "select a new resource name."
        )
        raise ArmError(409, "InvalidResourceLocation", text)

    def applied(self, model: Model, resource: Resource, desired: Desired) -> None:
        """Run after a create or update has been accepted and saved: for the children in its body."""

    def completed(self, model: Model, resource: Resource, kind: Kind) -> None:
        """Run when an operation ends; what it raises becomes the operation's failure. Check first, then change."""

    def check_delete(self, model: Model, resource: Resource) -> None:
        """Refuse a deletion while nested resources exist, also those whose own deletion has not ended."""
        if model.store.count_children(resource.id.key):
            raise ArmError(409, "CannotDeleteResource", "Can not delete resource before nested resources are deleted.")

    def blocked_by(self, model: Model, resource: Resource, group_key: str) -> str | None:
        """Return the id of what outside a resource group that is being deleted still needs this resource."""
        return None

    def removed(self, model: Model, resource: Resource) -> None:
        """Run when a resource is gone, its children before it."""

    def show(self, model: Model, resource: Resource) -> dict[str, Any]:
        """Return the properties as a GET shows them, without provisioningState."""
        return dict(resource.properties)

    def show_new(self, model: Model, resource: Resource, asked: dict[str, Any]) -> dict[str, Any]:
        """Return the properties with which a creation is answered; `asked` are those of the request."""
        return self.show(model, resource)

    def in_version(self, properties: dict[str, Any], version: str) -> dict[str, Any]:
        """Return shown properties as an API version has them."""
        return properties

    def at_once(self, kind: Kind, desired: Desired) -> bool:
        """Return True for a change that is over when it is answered."""
        return kind in self.synchronous

    def etag(self, now: float) -> str:
        return f'W/"{uuid.uuid4()}"' if self.has_etag else ""


class Model:
    """The sandbox's Azure. One instance serves a store; it may be used from several threads."""

    def __init__(
        self,
        store: Store,
        types: Mapping[str, ResourceType],
        *,
        forget: Callable[[Store, str], None],
        durations: Durations = INSTANT,
        files: ShareFiles | None = None,
        capacity_quota_tib: int = 25,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`forget` runs with the key of each resource that is gone."""
        self.store = store
        self.operations = Operations(store)
        self.directory = Directory(store)
        self.durations = durations
        self.files = files
        self.capacity_quota_tib = capacity_quota_tib
        self.now = now
        self._types = types
        self._forget = forget

    def type(self, resource_id: ResourceId) -> ResourceType:
        """Return the type of a resource; KeyError if the emulator does not have it."""
        return self._types[resource_id.type.lower()]

    def find(self, resource_id: ResourceId) -> Resource | None:
        """Return a resource as clients see it: a deleted one is gone before its deletion has ended."""
        resource = self.store.find(resource_id.key)
        return None if resource is None or self.hidden(resource) else resource

    def as_seen(self, resource: Resource) -> Resource:
        """Return a resource with the content that clients see, which may be that before an update under way."""
        rules = self.type(resource.id)
        if not rules.changes_at_end or resource.state not in {rules.updating, rules.patching}:
            return resource
        before = next((each.previous for each in self.operations.pending(resource.id.key) if each.previous), {})
        return replace(resource, **before)

    def hidden(self, resource: Resource) -> bool:
        return resource.vanishes is not None and resource.vanishes <= self.now()

    def get(self, resource_id: ResourceId) -> Resource:
        self.settle()
        self.check_parents(resource_id)
        if resource := self.find(resource_id):
            return resource
        raise not_found(resource_id)

    def list(self, type_name: str, subscription: str, parent: ResourceId | None = None) -> list[Resource]:
        self.settle()
        if parent is not None:
            self.check_parents(parent, itself=True)
        found = self.store.of_type(type_name, Criteria(subscription, below=parent.key if parent else None))
        return [each for each in found if not self.hidden(each)]

    def act(self, resource_id: ResourceId, word: str, body: dict[str, Any]) -> tuple[Resource, Operation]:
        """Start what a POST asks of a resource; KeyError for a word that its type does not know."""
        action = self.type(resource_id).actions[word.lower()]
        resource = self.get(resource_id)
        with self.store.transaction():
            return action(self, resource, body)

    def settle(self) -> None:
        if not self.operations.due(self.now()):
            return
        with self.store.transaction():
            for operation in self.operations.due(self.now()):
                self._complete(operation)
            self.operations.forget(self.now() - _OPERATION_SECONDS)

    def remove(self, resource: Resource) -> None:
        for child in reversed(self.store.children(resource.id.key)):
            self.remove(child)
        self.type(resource.id).removed(self, resource)
        self.store.remove(resource.id.key)
        self._forget(self.store, resource.id.key)
        for operation in self.operations.pending(resource.id.key):
            self.operations.end(operation, "Canceled")

    def create_child(self, resource_id: ResourceId, location: str, draft: Draft) -> None:
        """Save a resource that its parent's body lists, at once and in the parent's own operation."""
        etag = self.type(resource_id).etag(self.now())
        self.store.save(Resource(resource_id, location, draft.properties, etag=etag, ready=True, private=draft.private))

    def check_fault(self, type_name: str, operation: str) -> None:
        if fault := take_fault(self.store, type_name, operation, "request"):
            time.sleep(fault.delay)
            if error := fault.error():
                raise error

    def check_parents(self, resource_id: ResourceId, *, writing: bool = False, itself: bool = False) -> None:
        """Refuse what lies in a missing resource group or resource, or (writing) in a group that is being deleted."""
        if not resource_id.types and not itself:
            return
        group = self.find(resource_id.resource_group)
        if group is None:
            raise group_not_found(resource_id.group)
        if writing and group.state == "Deleting":
            raise group_being_deleted(group.id.group)
        ancestor = resource_id if itself else resource_id.parent
        while ancestor.types:
            if self.find(ancestor) is None:
                raise parent_not_found(ancestor.full_name)
            ancestor = ancestor.parent

    def _complete(self, operation: Operation) -> None:
        resource = self.store.find(operation.target)
        if resource is None:
            self.operations.end(operation, "Canceled")
            return
        rules, error = self.type(resource.id), operation.error
        if error is None:
            try:
                rules.completed(self, resource, plain_kind(operation.kind))
            except ArmError as failure:
                error = failure
        if error is not None:
            resource.state = rules.undeleted if operation.kind == "delete" else "Failed"
            resource.vanishes = None
            for name, value in (operation.previous or {}).items():
                setattr(resource, name, value)
            self.store.save(resource)
        elif operation.kind == "delete":
            self.remove(resource)
        else:
            resource.state, resource.ready = "Succeeded", True
            resource.etag = rules.etag(operation.due)
            self.store.save(resource)
        self.operations.end(operation, "Failed" if error else "Succeeded", error)


def not_found(resource_id: ResourceId) -> ArmError:
    if not resource_id.types:
        return group_not_found(resource_id.group)
    text = (
        f"The Resource '{resource_id.type_and_name}' under resource group '{resource_id.group}' was not found. For "
        "more details please go to https://aka.ms/ARMResourceNotFoundFix"
    )
    return ArmError(404, "ResourceNotFound", text)
