"""Refusals of a creation: Azure has the resource already. Each names the ways out."""

from collections.abc import Mapping
from typing import Any, Final

import pulumi
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import monitor_supports_feature

from components import rules
from components.support.lookup import azure_options, find

_NAMES: Final = frozenset(
    {
        "accountName",
        "federatedIdentityCredentialResourceName",
        "poolName",
        "resourceGroupName",
        "resourceName",
        "roleAssignmentName",
        "roleDefinitionId",
        "ruleName",
        "scope",
        "snapshotPolicyName",
        "subnetName",
        "virtualNetworkName",
        "virtualNetworkPeeringName",
        "volumeName",
    }
)
"""The inputs that name a resource of any type; the look-up of the type takes the same."""


class ExistsAlreadyError(pulumi.RunError):
    """A resource to create exists already. `pulumi` prints it without a traceback."""


def state_migrations() -> list[pulumi.StateMigration] | None:
    """Return what remembers that a resource is in the state, for its options.

    A preview has not deleted what it replaces: such a creation is no refusal. The hook before it is not told of the
    state. A migration is, before anything is compared; this one changes nothing. An `up` needs none, and would pay for
    it: the engine pauses all steps for a migration.
    """
    return [_remember] if pulumi.runtime.is_dry_run() and _knows_state() else None


def _remember(args: pulumi.StateMigrationArgs) -> None:
    if not args.old_state[0].get("external"):  # the stack has only read such a resource
        REFUSALS.in_state.add(args.urn)


def _knows_state() -> bool:
    return monitor_supports_feature(resource_pb2.RESOURCE_MONITOR_FEATURE_STATE_MIGRATIONS)


class Refusals:
    """The refused creations of a program."""

    def __init__(self) -> None:
        self.names: list[str] = []
        """The refused resources. A preview goes on after a refusal if `at_once` is set."""
        self.at_once = False
        """Report all refusals of a preview; the program itself then has to fail at its end."""
        self.in_state: set[str] = set()
        """The URNs of the resources in the state, as far as `state_migrations` saw them."""

    def start(self) -> None:
        """Begin a program that fails at its end."""
        self.names.clear()
        self.in_state.clear()
        self.at_once = True

    def is_replacement(self, urn: str) -> bool:
        """Return whether a preview creates this in place of what it has not deleted; an old engine does not say."""
        return pulumi.runtime.is_dry_run() and (urn in self.in_state or not _knows_state())

    def add(self, args: pulumi.ResourceHookArgs, what: str, ways_out: str, object_id: str, parent: str) -> None:
        """Refuse a creation: a preview may go on after it, an `up` stops before it.

        Args:
            args: the creation.
            what: the existing object.
            ways_out: the ways out, besides an adoption.
            object_id: the object's id for an import; empty if it cannot become this resource.
            parent: the URN of the resource's parent.

        """
        adoption = f"; or {_adoption(args, object_id, parent)}" if object_id else ""
        message = f"{what} exists already, and {args.name} would create it. Fix: {ways_out}{adoption}."
        if not (self.at_once and pulumi.runtime.is_dry_run()):
            raise ExistsAlreadyError(message)
        self.names.append(args.name)
        pulumi.log.error(message)


REFUSALS: Final = Refusals()


def refuse_existing(
    name: str,
    owner: pulumi.ComponentResource,
    title: str,
    use: str = "existing",
    other: str = "name",
    ways_out: str = "",
    provider: pulumi.ProviderResource | None = None,
) -> pulumi.ResourceHook:
    """Return a hook that refuses to create an Azure resource that exists, already in the preview.

    The engine runs it only before a creation: it looks up no resource of the state.

    Args:
        name: the hook's unique name.
        owner: the resource's component.
        title: the type in words, such as NetApp account.
        use: the argument by which the component uses the resource as it is, or COMPONENT.ARGUMENT of another one.
        other: the argument that names it.
        ways_out: the ways out of a type that these arguments do not fit.
        provider: the resource's own provider. Default: that of its component.

    """
    component = type(owner).__name__
    *elsewhere, use = use.split(".")
    ways_out = ways_out or (
        f"use it as it is, by {rules.argument(elsewhere[0] if elsewhere else component, use)}; "
        f"or create another, by {rules.argument(component, other)}"
    )

    async def check(args: pulumi.ResourceHookArgs) -> None:
        object_id = await _existing(args, azure_options(owner, provider))
        if object_id and not REFUSALS.is_replacement(args.urn):
            parent = await owner.urn.future()
            REFUSALS.add(args, f"The {title} {object_id}", ways_out, object_id, str(parent))

    return pulumi.ResourceHook(name, check, pulumi.ResourceHookOptions(on_dry_run=True))


async def _existing(args: pulumi.ResourceHookArgs, options: pulumi.InvokeOptions) -> str | None:
    """Return the id of the resource if it exists."""
    inputs: Mapping[str, Any] = args.new_inputs or {}
    names = {key: value for key, value in inputs.items() if key in _NAMES}
    if not all(isinstance(value, str) for value in names.values()):
        return None  # a preview before its parent exists
    module, _, kind = args.type.rpartition(":")
    try:
        found = await find(f"{module}:get{kind}", names, options)
    except Exception as error:
        pulumi.log.warn(f"{args.name}: whether it exists already is not known, before `up` creates it: {error}")
        return None
    return str(found["id"]) if found else None


def _adoption(args: pulumi.ResourceHookArgs, object_id: str, parent: str) -> str:
    """Return how to adopt the object: the caller's key for it, else the command of `pulumi`."""
    key = rules.key("Stack", "adopt")
    if key:
        return f"adopt it: pulumi config set --path '{key}.{args.name}' '{object_id}' (docs/adopt.md)"
    parent_name = parent.rpartition("::")[2]
    return (
        "adopt it, once its component is in the state: "
        f"pulumi import {args.type} {args.name} '{object_id}' --parent '{parent_name}={parent}'"
    )
