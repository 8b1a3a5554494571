"""What a type of resource is to the model: a name, API versions, and its rules at each step of its life."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from sandbox.azure.errors import ArmError

if TYPE_CHECKING:
    from sandbox.azure.ids import ResourceId
    from sandbox.azure.model import Model
    from sandbox.azure.operations import Kind
    from sandbox.azure.store import Resource


@dataclass(frozen=True)
class Desired:
    """What a PUT or PATCH asks for. For a PATCH (`partial`) what is absent stays as it is."""

    location: str
    properties: dict[str, Any]
    envelope: dict[str, Any] = field(default_factory=dict[str, Any])
    partial: bool = False


@dataclass
class Draft:
    """What a resource becomes: its properties, what is kept but never shown, what stands beside the properties."""

    properties: dict[str, Any]
    private: dict[str, Any] = field(default_factory=dict[str, Any])
    envelope: dict[str, Any] = field(default_factory=dict[str, Any])


Action = Callable[["Model", "Resource", dict[str, Any]], Any]
Listing = Callable[["Model", "Resource"], list["Resource"]]


class ResourceType:
    """One type. Override what differs: a rule raises ArmError, and then nothing has happened."""

    name: ClassVar[str]
    """`Microsoft.NetApp/netAppAccounts/capacityPools`, in Azure's own spelling."""
    api_versions: ClassVar[tuple[str, ...]]
    has_location: ClassVar[bool] = True
    full_names: ClassVar[bool] = False
    """Whether `name` shows all names (`account/pool`) or the last one."""
    updating: ClassVar[str] = "Updating"
    creating: ClassVar[str] = "Creating"
    synchronous: ClassVar[frozenset[Kind]] = frozenset()
    """Operations that are over when they are answered."""
    shows_state: ClassVar[bool] = True
    """Whether its properties have a provisioningState."""
    put_by_location: ClassVar[bool] = False
    """Whether a PUT is followed by its Location header instead of Azure-AsyncOperation."""
    update_status: ClassVar[int] = 200
    """What a PUT of an existing resource is answered with."""
    undeleted: ClassVar[str] = "Failed"
    """The provisioning state after a deletion that failed."""
    actions: ClassVar[Mapping[str, Action]] = {}
    """POST actions on a resource, by lower-case name."""
    listings: ClassVar[Mapping[str, Listing]] = {}
    """Lists below a resource, of what is nested elsewhere, by lower-case name."""

    def check_name(self, resource_id: ResourceId) -> None:
        """Refuse a name that the type does not allow."""

    def check_idle(self, model: Model, resource_id: ResourceId, current: Resource | None) -> None:
        """Refuse a change while another operation is under way where this type serialises them."""
        if current is not None and model.operations.pending(current.id.key):
            raise ArmError(
                409,
                "RequestConflict",
                f"Cannot modify resource with id '{current.id}' because the resource entity provisioning state is not "
                "terminal. Please wait for the provisioning state to become terminal and then retry the request.",
            )

    def create(self, model: Model, resource_id: ResourceId, desired: Desired) -> Draft:
        """What a PUT makes where nothing was."""
        raise NotImplementedError

    def update(self, model: Model, resource: Resource, desired: Desired) -> Draft:
        """What a PUT or PATCH makes of what is there."""
        raise NotImplementedError

    def refuse_move(self, resource: Resource, location: str) -> NoReturn:
        """Answer a PUT with another location."""
        raise ArmError(
            409,
            "InvalidResourceLocation",
            f"The resource '{resource.id.name}' already exists in location '{resource.location}' in resource group "
            f"'{resource.id.group}'. A resource with the same name cannot be created in location '{location}'. Please "
            "select a new resource name.",
        )

    def applied(self, model: Model, resource: Resource, desired: Desired) -> None:
        """Run after a create or update has been accepted and saved: for what it brings along."""

    def completed(self, model: Model, resource: Resource, kind: Kind) -> None:
        """Run when an operation ends; what it raises becomes the operation's failure. Check first, then change."""

    def check_delete(self, model: Model, resource: Resource) -> None:
        """Refuse a deletion. What is nested has to go first, and is reckoned with until its own deletion has ended."""
        if model.store.children(resource.id.key):
            raise ArmError(409, "CannotDeleteResource", "Can not delete resource before nested resources are deleted.")

    def blocked_by(self, model: Model, resource: Resource, group_key: str) -> str | None:
        """While a resource group is being deleted: the id of what elsewhere still needs this resource."""
        return None

    def removed(self, model: Model, resource: Resource) -> None:
        """Run when a resource is gone, its children before it."""

    def show(self, model: Model, resource: Resource) -> dict[str, Any]:
        """The properties as a GET shows them, without provisioningState."""
        return dict(resource.properties)

    def etag(self, now: float) -> str | None:
        """A new ETag, where the type has one."""
        return f'W/"{uuid.uuid4()}"'
