"""The options of a component's children, in one place, so that no child forgets one."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import pulumi

T = TypeVar("T")


def child_options(
    parent: pulumi.ComponentResource,
    *,
    protect: bool = False,
    fixed: Sequence[str] = (),
    timeout_minutes: int | None = None,
    delete_minutes: int | None = None,
    retain: bool = False,
    depends_on: Sequence[pulumi.Resource] = (),
    hooks: pulumi.ResourceHookBinding | None = None,
) -> pulumi.ResourceOptions:
    """Options for a child of `parent`; the provider comes with the parent.

    protect: the child holds data, or stands around what does. `pulumi` refuses to delete or replace it, already in the
        preview, and forgetting it in the state does not delete it in Azure. Both are lifted by an `up` with `protect`
        off, and only then will a `destroy` delete: two steps.
    fixed: properties (camelCase paths) that cannot change once the child exists, though the provider would try. As a
        replacement the preview shows such a change; where the child is protected, it refuses it there.
    timeout_minutes: how long creation, update and deletion may each take.
    delete_minutes: how long deletion may take, where it differs.
    retain: leave the child as it is when the stack forgets it, protected or not.
    hooks: what runs around a change, see `before_update` and `components/last_words.py`.
    """
    return pulumi.ResourceOptions(
        parent=parent,
        protect=protect,
        retain_on_delete=protect or retain,
        replace_on_changes=list(fixed) or None,
        # Every name is given, so that others can rely on it: a second one of the same name cannot be made first.
        delete_before_replace=True if fixed else None,
        custom_timeouts=_timeouts(timeout_minutes, delete_minutes or timeout_minutes),
        depends_on=list(depends_on),
        hooks=hooks,
        transformations=[_without_aliases],
    )


def before_update(name: str, check: Callable[[pulumi.ResourceHookArgs], None]) -> pulumi.ResourceHook:
    """Run a check before a child is changed, already in the preview; what it raises refuses the change.

    It alone gets to know what the child was before: its `old_inputs` are those of the state. `name` is unique.
    """
    return pulumi.ResourceHook(name, check, pulumi.ResourceHookOptions(on_dry_run=True))


def known_name(name: pulumi.Input[str], made: pulumi.Output[T]) -> pulumi.Output[str]:
    """A plain name that is known in every preview, and yet waits for the resource that it names.

    Azure's own `name` is not to be had before creation, and of a pool or volume it is the path `account/pool`. `made`
    is an output of the resource that a preview already knows, such as its location.
    """
    return pulumi.Output.all(name, made).apply(lambda both: str(both[0]))


def _timeouts(minutes: int | None, delete_minutes: int | None) -> pulumi.CustomTimeouts | None:
    if minutes is None:
        return None
    return pulumi.CustomTimeouts(create=f"{minutes}m", update=f"{minutes}m", delete=f"{delete_minutes}m")


def _without_aliases(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
    """Take off the aliases of the SDK: up to 81 a resource, each turned into a URN, most of a large stack's time.

    They matter only to a state that an SDK of an older API version wrote; this project has none.
    """
    args.opts.aliases = None
    return pulumi.ResourceTransformationResult(args.props, args.opts)
