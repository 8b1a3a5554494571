"""What the plugin asks of a kind of resource: Kubernetes objects are one kind, Helm releases another.

A handler works on `Properties` and knows nothing of gRPC: the servicer turns requests into these calls, and what they
return or raise into answers. A handler is made once for a configured cluster and is called from many threads at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from sandbox.providers.plugin import Severity
from sandbox.providers.values import Properties


@dataclass(frozen=True)
class Resource:
    """Which resource of the program a call is about."""

    urn: str
    type: str
    """The type token, like `kubernetes:core/v1:Pod`."""
    name: str
    """The name in the program, not the object's."""
    log: Callable[[Severity, str], None] = field(compare=False)
    """`log(severity, message)`: a line of output at this resource. Severities: debug, info, warning, error."""
    status: Callable[[Severity, str], None] = field(compare=False)
    """`status(severity, message)`: a line that shows at this resource only while the operation runs."""
    ignore_changes: tuple[str, ...] = ()
    """Property paths whose changes the program ignores."""


@dataclass(frozen=True)
class Naming:
    """How a resource without a name of its own gets one."""

    seed: bytes = b""
    """Random, and the same for the same resource in preview and update."""
    proposed: str = ""
    """The name that the stack's autonaming configuration proposes."""
    disabled: bool = False
    """The stack's configuration forbids autonaming."""


@dataclass(frozen=True)
class Checked:
    """Inputs with their defaults, or what is wrong with them."""

    inputs: Properties
    failures: tuple[tuple[str, str], ...] = ()
    """Pairs of property (may be empty) and reason."""


class Change(Enum):
    """How one property differs, as `provider.proto` numbers it in PropertyDiff.Kind."""

    ADD = 0
    ADD_REPLACE = 1
    DELETE = 2
    DELETE_REPLACE = 3
    UPDATE = 4
    UPDATE_REPLACE = 5


@dataclass(frozen=True)
class Difference:
    """What separates the desired resource from the one in state. Empty: nothing."""

    details: Mapping[str, Change] = field(default_factory=dict[str, Change])
    """By property path, like `spec.ports[0].port`."""
    delete_before_replace: bool = False
    forced: tuple[str, ...] = ()
    """Causes of a replacement that are no property's change."""

    @property
    def changed(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.details or self.forced)

    @property
    def replaces(self) -> list[str]:
        """What needs a new resource."""
        replacing = (Change.ADD_REPLACE, Change.DELETE_REPLACE, Change.UPDATE_REPLACE)
        return [path for path, change in self.details.items() if change in replacing] + list(self.forced)


@dataclass(frozen=True)
class State:
    """A resource as it is: its id and its outputs; from a read its inputs too."""

    id: str
    outputs: Properties
    inputs: Properties | None = None


class ResourceError(Exception):
    """The operation failed and the text says why. It must hold no secret."""


class PartialFailure(ResourceError):  # noqa: N818 - what the protocol calls it
    """The resource exists but is not well: the engine keeps `state` together with `reasons`.

    `state.inputs` are the inputs that go to state: those that were sent.
    """

    def __init__(self, message: str, state: State, reasons: tuple[str, ...]) -> None:
        super().__init__(message)
        self.state = state
        self.reasons = reasons


class ResourceHandler(Protocol):
    """One kind of resource. `timeout` is the custom timeout in seconds, None where the program gives none.

    Anything that goes wrong is raised as `ResourceError` or `PartialFailure`.
    """

    def check(self, resource: Resource, old: Properties | None, new: Properties, naming: Naming, /) -> Checked:
        """Fill in defaults and find mistakes. `old`: inputs in state, None for a new resource."""
        ...

    def diff(
        self, resource: Resource, resource_id: str, old_inputs: Properties, old_outputs: Properties, new: Properties, /
    ) -> Difference:
        """Compare. `new` are checked inputs, with properties in ignoreChanges already set back by the engine."""
        ...

    def create(self, resource: Resource, inputs: Properties, timeout: float | None, preview: bool, /) -> State:
        """Make the resource and wait until it is ready. In a preview: only foretell the outputs; `id` may be empty."""
        ...

    def read(
        self, resource: Resource, resource_id: str, old_inputs: Properties | None, old_outputs: Properties | None, /
    ) -> State | None:
        """The live resource with inputs. None: there is none. Both olds are None for an import."""
        ...

    def update(
        self,
        resource: Resource,
        resource_id: str,
        old_inputs: Properties,
        old_outputs: Properties,
        new: Properties,
        timeout: float | None,
        preview: bool,
        /,
    ) -> State:
        """Change the resource in place and wait until it is ready."""
        ...

    def delete(
        self, resource: Resource, resource_id: str, inputs: Properties, outputs: Properties, timeout: float | None, /
    ) -> None:
        """Remove the resource and wait until it is gone. One that does not exist is gone."""
        ...
