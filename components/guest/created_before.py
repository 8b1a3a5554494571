"""From created to existing: the stack forgets what it created, and never deletes it."""

from typing import Any

import pulumi
from pulumi.type_token import get_type_token

from components.guest.prior_state import PriorChild, PriorState


class CreatedBefore:
    """What a component created in an earlier run, and now finds as existing.

    Without its registration the engine would delete it, or refuse to if it is protected. To read a resource under the
    name that the state manages it by makes the engine relinquish it (GenerateReadSteps): the state keeps it as external
    until the next run, and nothing deletes it. The id must be the state's own: another one would be a replacement.
    """

    def __init__(self, *kinds: type[pulumi.CustomResource]) -> None:
        self._kinds: dict[str, Any] = {str(get_type_token(kind)): kind for kind in kinds}
        self._prior = PriorState(self._kinds)

    def options(self, opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions | None:
        """Return the options to register the component with."""
        return self._prior.options(opts, required=True)

    def forget(self, component: pulumi.ComponentResource) -> None:
        """Let the stack forget the children that it created."""

        def read(child: PriorChild) -> None:
            self._kinds[child.type].get(child.name, child.id, pulumi.ResourceOptions(parent=component))

        # Whether there is something to read is known only after the registration of the component.
        self._prior.for_each(component, read)
