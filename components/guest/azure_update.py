"""An update of an Azure resource before it is sent: what it must not do, and what the engine does not show of it."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pulumi
from pulumi.output import UNKNOWN

from components import rules
from components.guest.azure_types import AzureType
from components.guest.property_paths import is_same, value_at


class SettingsLostError(pulumi.RunError):
    """An update would take away what others have set. `pulumi` prints it without a traceback."""


class Unchangeable(NamedTuple):
    """A setting of a component that Azure cannot change."""

    argument: str
    """The argument, as errors name it."""
    instead: str
    """What to do instead."""


@dataclass(frozen=True, kw_only=True)
class AzureUpdate:
    """An update of one resource, with plain values."""

    kind: AzureType
    name: str
    """The resource's name in the program."""
    live: Mapping[str, Any]
    """The resource as azure-native reads it."""
    ours: Collection[str]
    """The settings that the component makes, or made in the last run."""
    of_others: Mapping[str, Any]
    """The settings of others, by path."""
    old: Mapping[str, Any]
    """The inputs in the state."""
    new: Mapping[str, Any]
    """The inputs that azure-native would send."""

    def refuse_unchangeable(self, unchangeable: Mapping[str, Unchangeable]) -> None:
        """Raise `InvalidArgsError` for a change of what Azure cannot change."""
        if refusal := refusal_of(self.kind, self.name, self.live, self.new, unchangeable):
            raise rules.InvalidArgsError(refusal)

    def refuse_losses(self) -> None:
        """Raise `SettingsLostError` if it takes away what others have set, or changes what no preview shows."""
        lost = [path for path, value in self.of_others.items() if not is_same(value_at(self.new, path), value)]
        reverted = [*self._reverted()]
        if lost or reverted:
            what = [f"take away what others have set: {', '.join(lost)}"] if lost else []
            arguments = dict.fromkeys(filter(None, map(self.kind.argument, lost)))
            or_set = f"; or make it the stack's own: {', '.join(arguments)}" if arguments else ""
            what += [f"set back what others have changed, unseen: {', '.join(reverted)}"] if reverted else []
            raise SettingsLostError(
                f"{self.kind.title} {self.name}: this update would {'; and '.join(what)}. Fix: run preview and `up` "
                f"with --refresh, which takes the present settings into the state and shows every change{or_set}"
            )

    def hidden_changes(self) -> Iterator[str]:
        """Yield the changes in the object with a secret, which the engine hides as a whole."""
        whole = (self.kind.hidden or "").rpartition(".")[0]
        for path in self.ours:
            before, after = value_at(self.old, path), value_at(self.new, path)
            if whole and path.startswith(whole) and not is_same(before, after):
                yield f"{path}: changes" if path == self.kind.hidden else f"{path}: {_shown(before)} => {_shown(after)}"

    def _reverted(self) -> Iterator[str]:
        """Yield what Azure has otherwise than the state, and would not have any more."""
        for path in self.ours:
            live, old, new = value_at(self.live, path), value_at(self.old, path), value_at(self.new, path)
            plain = _is_plain(live) and path != self.kind.hidden
            if old is None and self.kind.is_unset(path, live):
                continue  # the component makes it for the first time, and nobody else has
            if plain and new is not UNKNOWN and not is_same(live, old) and not is_same(live, new):
                yield f"{path} ({_shown(old)} in the state, {_shown(live)} in Azure)"


def _is_plain(value: Any) -> bool:
    """Return True for a value that Azure reports as it was sent: to objects it adds ids, states and defaults."""
    scalar = str | int | float
    return isinstance(value, scalar) or (isinstance(value, list) and all(isinstance(item, scalar) for item in value))


def refusal_of(
    kind: AzureType,
    name: str,
    live: Mapping[str, Any],
    wanted: Mapping[str, Any],
    unchangeable: Mapping[str, Unchangeable],
) -> str:
    """Return the refusal of what Azure cannot change, if `wanted` has it otherwise than the resource; else nothing."""
    changed: list[str] = []
    for path, fixed in unchangeable.items():
        new, old = value_at(wanted, path), value_at(live, path)
        by_default = new is None and kind.is_unset(path, old)
        if new is not UNKNOWN and not is_same(new, old) and not by_default:
            changed.append(
                f"{fixed.argument} is {_shown(new)} and cannot be changed; allowed: {_shown(old)}, as in Azure. "
                f"Fix: {fixed.instead}"
            )
    return f"{kind.title} {name}: {'; '.join(changed)}" if changed else ""


def _shown(value: Any) -> str:
    return json.dumps(value, default=str)
