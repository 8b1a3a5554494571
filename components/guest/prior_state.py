"""What the state holds of a component before this run changes anything, for refusals that name the old value."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, NamedTuple, TypeVar

import pulumi
from pulumi.output import contains_unknowns
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import monitor_supports_feature

from components import rules

T = TypeVar("T")

CLAIM: Final = "kubernetes:core/v1:PersistentVolumeClaim"
PERSISTENT_VOLUME: Final = "kubernetes:core/v1:PersistentVolume"
STORAGE_CLASS: Final = "kubernetes:storage.k8s.io/v1:StorageClass"


class PriorChild(NamedTuple):
    """A child of the component, as the last run left it."""

    type: str
    """Its type token."""
    name: str
    """Its name in the program."""
    id: str
    """Its id at the provider."""
    kept: bool
    """The state protects or retains it: the engine does not delete it, not even to replace it."""
    inputs: Mapping[str, Any]
    """Its inputs, if they were asked for."""

    def input(self, *path: str) -> object:
        """Return the input at a path of keys, else None."""
        value: Any = self.inputs
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value


class PriorState:
    """The children that a component has in the state.

    The engine checks protection before any hook runs, and its refusal names neither key nor old value. It shows the
    state of a component only to state migrations, before it compares anything. This one never changes the state.
    """

    def __init__(self, types: Collection[str], *, with_inputs: bool = False) -> None:
        """Remember children of these type tokens, `with_inputs` only if no secret is among them: the state is plain."""
        self._types, self._with_inputs = frozenset(types), with_inputs
        self._children: list[PriorChild] = []

    def options(self, opts: pulumi.ResourceOptions | None, *, required: bool = False) -> pulumi.ResourceOptions | None:
        """Return the options to register the component with.

        The SDK refuses an engine without migrations. Unless they are `required`, protection takes their place then.
        """
        if not required and not monitor_supports_feature(resource_pb2.RESOURCE_MONITOR_FEATURE_STATE_MIGRATIONS):
            return opts
        return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(state_migrations=[self._remember]))

    def for_each(self, component: pulumi.ComponentResource, act: Callable[[PriorChild], None]) -> None:
        """Act on each child, once the component is registered."""
        self._registered(component).apply(lambda _: [act(child) for child in self._children])

    def kept(
        self, component: pulumi.ComponentResource, default: pulumi.Input[str], before: Callable[[PriorChild], object]
    ) -> pulumi.Output[str]:
        """Return what the state has, for a name whose default has changed; else the default.

        Args:
            component: the component, registered with `options`.
            default: the name of a new resource.
            before: returns the name that a child has in the state, or None for another child.

        """

        def choose(value: str) -> str:
            return str(next((was for child in self._children if (was := before(child)) is not None), value))

        wanted = pulumi.Output.from_input(default)
        return self._registered(component).apply(lambda _: wanted.apply(choose))

    def inputs(self, component: pulumi.ComponentResource, *path: str) -> pulumi.Output[list[Any]]:
        """Return the input at a path of keys of each child that has one, once the component is registered."""

        def found(_: str | None) -> list[Any]:
            return [value for child in self._children if (value := child.input(*path)) is not None]

        return self._registered(component).apply(found)

    def unmoved(
        self,
        component: pulumi.ComponentResource,
        given: pulumi.Input[T],
        before: Callable[[PriorChild], object],
        refusal: Callable[[object, object], str],
        *,
        protect: bool | None,
        unknown: str | None = None,
    ) -> pulumi.Output[T]:
        """Return `given`. Raise `InvalidArgsError` if the state has another value, and either run protects the child.

        Args:
            component: the component, registered with `options`.
            given: the wanted value.
            before: returns the value that a child has in the state, or None for another child.
            refusal: the text of the error for the old and the wanted value.
            protect: this run protects the child. A child that only the last run protected is not deleted either.
            unknown: what the refusal calls a value that a preview does not know. Default: such a value is allowed.

        """

        def check(value: T) -> T:
            wanted = unknown if contains_unknowns(value) else value
            for child in self._children:
                was = before(child)
                if None not in (was, wanted) and was != wanted and (child.kept or protect):
                    raise rules.InvalidArgsError(refusal(was, wanted))
            return value

        wanted = pulumi.Output.from_input(given)
        return self._registered(component).apply(lambda _: wanted.apply(check, run_with_unknowns=True))

    @staticmethod
    def _registered(component: pulumi.ComponentResource) -> pulumi.Output[str | None]:
        """Return the URN without a dependency on the component, whose children would wait for each other."""
        return pulumi.Output.from_input(component.urn.future())

    def _remember(self, args: pulumi.StateMigrationArgs) -> None:
        self._children.extend(
            PriorChild(
                resource["type"],
                resource["urn"].rpartition("::")[2],
                resource.get("id", ""),
                bool(resource.get("protect") or resource.get("retainOnDelete")),
                (self._with_inputs and resource.get("inputs")) or {},
            )
            for resource in args.old_state[1:]
            if resource["type"] in self._types and not resource.get("external")
        )


def claim_moved(component: str, name: str, was: object, wanted: object, cost: str) -> str:
    """Return the refusal of another namespace for a claim. `cost`: what the claim's replacement does to the files."""
    namespace, protect = rules.argument(component, "namespace"), rules.argument(component, "protect")
    return (
        f"{component} {name}: {namespace} is {wanted!r}; allowed: {was!r}, where the claim is: Kubernetes cannot move "
        f"it. Fix: {was!r}; or two runs of `pulumi up`, the first with {was!r} and false for {protect}, the second "
        f"with {wanted!r}. The second replaces the claim and {cost}"
    )
