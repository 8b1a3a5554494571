"""The options of a component's children: what the component was given, and what a child adds."""

import asyncio
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final, NamedTuple, Self, TypeVar

import pulumi

from components import rules
from components.guest.existing_objects import state_migrations

T = TypeVar("T")

_DURATION: Final = re.compile(r"(\d+(\.\d+)?(h|ms|m|s))+")
_SECONDS_PER_UNIT: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


class Limits(NamedTuple):
    """How many seconds the creation, the update and the deletion of a resource may take."""

    create: float
    update: float
    delete: float

    @classmethod
    def of(cls, opts: pulumi.ResourceOptions | None, minutes: int, delete_minutes: int | None = None) -> Self:
        """Return the custom timeouts of `opts`; `minutes` where they say nothing."""
        given = (opts and opts.custom_timeouts) or pulumi.CustomTimeouts()
        deletion = minutes if delete_minutes is None else delete_minutes
        return cls(_seconds(given.create, minutes), _seconds(given.update, minutes), _seconds(given.delete, deletion))

    def extended(self, minutes: int) -> "Limits":
        """Return longer ones, for a resource that awaits something with these limits itself."""
        return Limits(*(seconds + minutes * 60 for seconds in self))

    @property
    def custom_timeouts(self) -> pulumi.CustomTimeouts:
        """The same in Pulumi's form."""
        return pulumi.CustomTimeouts(*(f"{seconds:g}s" if seconds % 60 else f"{seconds / 60:g}m" for seconds in self))


def child_options(
    parent: pulumi.ComponentResource,
    opts: pulumi.ResourceOptions | None,
    *,
    data: bool = False,
    limits: Limits | None = None,
    fixed: Sequence[str] = (),
    constant: Sequence[str] = (),
    unread: bool = False,
    retain: bool = False,
    depends_on: Sequence[pulumi.Resource] = (),
    before_create: pulumi.ResourceHook | None = None,
    hooks: pulumi.ResourceHookBinding | None = None,
) -> pulumi.ResourceOptions:
    """Return the options for a child of `parent`; the provider comes with the parent.

    Args:
        parent: the component.
        opts: the component's own options. Their `protect` and `retain_on_delete` are the child's too.
        data: the child holds data, or data depends on it: it is protected unless `opts` say `protect=False`. `pulumi`
            refuses to delete or replace a protected child, already in the preview. If the stack forgets the child,
            Azure keeps it. Two steps delete it: an `up` with `protect=False`, then the deletion.
        limits: how long creation, update and deletion may take.
        fixed: properties (camelCase paths) that cannot change once the child exists, though the provider would try. The
            preview shows such a change as a replacement, which protection refuses.
        constant: properties that no program changes: an adopted child keeps its own.
        unread: the component reads no output of the child but its id and what it has given itself. The SDK then
            prepares no others: of a volume they are most of a large stack's memory.
        retain: leave the child as it is when the stack forgets it, protected or not.
        depends_on: what the child waits for.
        before_create: what refuses a creation, see `components/guest/existing_objects.py`.
        hooks: what runs around a change, see `before_update` and `components/support/failure_status.py`.

    """
    protect = protection(opts, data=data)
    return pulumi.ResourceOptions(
        parent=parent,
        protect=protect,
        retain_on_delete=bool(protect or retain or (opts and opts.retain_on_delete)),
        replace_on_changes=list(fixed) or None,
        ignore_changes=list(constant) or None,
        # Every name is given, so that others can rely on it: Azure takes no second resource of the same name.
        delete_before_replace=True if fixed else None,
        custom_timeouts=limits.custom_timeouts if limits else None,
        depends_on=list(depends_on),
        hooks=_with(before_create, hooks),
        state_migrations=state_migrations() if before_create else None,
        transformations=[_without_aliases, *([_with_given_alone] if unread else [])],
    )


def _with(
    before_create: pulumi.ResourceHook | None, hooks: pulumi.ResourceHookBinding | None
) -> pulumi.ResourceHookBinding | None:
    if before_create is None:
        return hooks
    given = hooks or pulumi.ResourceHookBinding()
    checks = [before_create, *(given.before_create or [])]
    return pulumi.ResourceHookBinding(before_create=checks, on_error=given.on_error)


def protection(opts: pulumi.ResourceOptions | None, *, data: bool) -> bool | None:
    """Return whether a component's children are protected: what `opts` say, else True for data."""
    if opts and opts.protect is not None:
        return opts.protect
    return True if data else None


def unprotected(opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """Return the options for a child without data, in a component whose other children hold some."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=False))


def path_options(
    path: pulumi.ComponentResource,
    opts: pulumi.ResourceOptions | None,
    *after: pulumi.Resource | None,
    minutes: int | None = None,
    delete_minutes: int | None = None,
    is_data: bool = False,
    retain: bool = False,
) -> pulumi.ResourceOptions:
    """Return the options for a component within a path, a component of components.

    Args:
        path: the outer component.
        opts: its own options.
        after: what the inner component waits for; data waits for the `depends_on` of `opts` too.
        minutes: how long creation, update and deletion may take. Default: the custom timeouts of `opts`.
        delete_minutes: how long the deletion may take. Default: the same.
        is_data: the inner component holds data: the protection of `opts` is its too.
        retain: leave the inner component's children as they are when the stack forgets them.

    """
    given = (opts and opts.custom_timeouts) or pulumi.CustomTimeouts()
    limits = pulumi.CustomTimeouts(*[f"{minutes}m"] * 3) if minutes else given
    if delete_minutes:
        limits = pulumi.CustomTimeouts(limits.create, limits.update, f"{delete_minutes}m")
    return pulumi.ResourceOptions.merge(
        pulumi.ResourceOptions(depends_on=opts.depends_on if opts and is_data else None),
        pulumi.ResourceOptions(
            parent=path,
            protect=protection(opts, data=True) if is_data else False,
            retain_on_delete=retain or None,
            custom_timeouts=limits,
            depends_on=[resource for resource in after if resource],
            # Before the paths were components, this one was a child of the stack itself.
            aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)],
        ),
    )


def renamed(opts: pulumi.ResourceOptions, name: str) -> pulumi.ResourceOptions:
    """Return the options for a component that had another name; its children follow it."""
    elsewhere = [pulumi.Alias(name=name, parent=alias.parent) for alias in _aliases(opts)]
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(aliases=[pulumi.Alias(name=name), *elsewhere]))


def before_update(name: str, check: Callable[[pulumi.ResourceHookArgs], None]) -> pulumi.ResourceHook:
    """Run a check before a child is changed, already in the preview; its exception refuses the change.

    Only hooks see the old inputs, those of the state. `name` is unique.
    """
    return pulumi.ResourceHook(name, check, pulumi.ResourceHookOptions(on_dry_run=True))


def after(created: pulumi.Output[T]) -> pulumi.Input[Sequence[pulumi.Resource]]:
    """Return a `depends_on` that waits for an output, and leaves no dependency in the state."""

    async def nothing_more() -> Sequence[pulumi.Resource]:
        await created.future()
        return []

    return pulumi.Output.from_input(asyncio.ensure_future(nothing_more()))


def known_name(name: pulumi.Input[str], created: pulumi.Output[T]) -> pulumi.Output[str]:
    """Return a plain name that every preview knows, and that waits for the resource that it names.

    Azure's own `name` is unknown before creation, and that of a pool or volume is the path `account/pool`. `created` is
    an output of the resource that a preview knows, such as its location.
    """
    return pulumi.Output.all(name, created).apply(lambda both: str(both[0]))


def _aliases(opts: pulumi.ResourceOptions) -> Sequence[pulumi.Alias]:
    return [alias for alias in opts.aliases or () if isinstance(alias, pulumi.Alias)]


def _seconds(duration: str | timedelta | None, minutes: int) -> float:
    """Return the seconds of a duration in Go's notation, such as 1h30m."""
    if not duration:
        return minutes * 60.0
    if isinstance(duration, timedelta):
        return duration.total_seconds()
    if not _DURATION.fullmatch(duration):
        raise rules.InvalidArgsError(f"customTimeouts: {duration!r} is not a duration; allowed: such as 90s, 1h30m")
    parts = re.findall(r"([\d.]+)(h|ms|m|s)", duration)
    return sum(float(number) * _SECONDS_PER_UNIT[unit] for number, unit in parts)


def _without_aliases(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
    """Remove the aliases of the SDK: up to 81 for a resource, each a URN to compute, most of a large stack's time.

    They matter only to a state that an SDK of an older API version wrote; this project has none.
    """
    args.opts.aliases = None
    return pulumi.ResourceTransformationResult(args.props, args.opts)


def _with_given_alone(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
    """Remove what has no value: for the engine that is no input, for the SDK it is an output to prepare."""
    given = {name: value for name, value in args.props.items() if value is not None}
    return pulumi.ResourceTransformationResult(given, args.opts)
