"""Existing things: their adoption by the stack, and the end of a preview that has refused to create some."""

from collections.abc import Mapping

import pulumi

from components.guest.existing_objects import REFUSALS, ExistsAlreadyError
from configuration.errors import Problem


class NothingToAdoptError(pulumi.RunError):
    """The stack file adopts something as a resource that the stack does not have."""


class Adoption:
    """The adoption of existing things: each becomes the resource of the stack that would create it."""

    def __init__(self, ids: Mapping[str, str]) -> None:
        """Adopt by the names of the resources in the stack. Applies to the resources that are registered later."""
        self._ids = ids
        self._names: set[str] = set()
        self._registered: list[pulumi.Resource] = []
        REFUSALS.start()
        pulumi.runtime.register_stack_transformation(self._adopt)

    def _adopt(self, args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        self._registered.append(args.resource)
        if isinstance(args.resource, pulumi.CustomResource):
            self._names.add(args.name)
            args.opts.import_ = self._ids.get(args.name)
        return pulumi.ResourceTransformationResult(args.props, args.opts)

    def end(self) -> pulumi.Output[None]:
        """Fail for names that no resource has, and, after all resources, for refused creations.

        Returns:
            an output that is there once all resources are registered; it fails with the first that fails.

        Raises:
            NothingToAdoptError: no resource has such a name.

        """
        unknown = [name for name in self._ids if name not in self._names]
        if unknown:
            allowed = ", ".join(sorted(self._names))
            fix = "name one of these, or remove it: pulumi config rm --path 'anf-smb:adopt.{}'"
            problems = [
                Problem(f"anf-smb:adopt.{name}", "names no resource", allowed, fix.format(name)) for name in unknown
            ]
            raise NothingToAdoptError("\n".join(map(str, problems)))
        return pulumi.Output.all(*(each.urn for each in self._registered)).apply(lambda _: _fail_if_refused())


def _fail_if_refused() -> None:
    if REFUSALS.names:
        raise ExistsAlreadyError(f"{len(REFUSALS.names)} existing: {', '.join(REFUSALS.names)}. See the errors above.")
