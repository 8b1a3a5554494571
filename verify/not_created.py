"""Parts that an update has not created yet: their checks say so, and those that need them are not made."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from verify.chain import Link
from verify.check import State
from verify.stack.parts import Update
from verify.trouble import BrokenError, Trouble
from verify.world import World

NOT_CREATED: Final = Trouble(
    "not-created",
    "`not created yet: …`",
    "`pulumi up` failed, or was interrupted, before it created this part",
    "fix what that update, or another check, names as the cause; then {to_do}",
)
TROUBLES: Final = (NOT_CREATED,)
_OF_A_RELEASE: Final = frozenset(
    {"csidriver", "controller", "node-linux", "node-windows", "node-plugin", "registered", "orchestrator"}
)
"""The links that a driver's Helm release installs."""


class NotCreatedError(BrokenError):
    """A check of a part that does not exist yet."""

    state = State.NOT_CREATED


@dataclass(frozen=True)
class NotCreated:
    """The look at a part that does not exist yet."""

    update: Update
    to_do: str

    def __call__(self) -> str:
        """Raise `NotCreatedError`."""
        up = self.update.command == "pulumi up"
        seen = (
            f"not created yet: `{self.update.command}` stopped before it"
            if up
            else f"not there after `{self.update.command}`"
        )
        raise NotCreatedError(NOT_CREATED, seen, to_do=self.to_do)


def as_created(world: World, links: Iterable[Link]) -> list[Link]:
    """Return the links for what the stack's last update has created."""
    update = world.outputs.update
    missing = {part.check: NotCreated(update, to_do(world)) for part in update.missing} if update else {}
    return [_link(link, missing) for link in links]


def to_do(world: World) -> str:
    """Return the commands that continue the last update; nothing if it has ended."""
    update = world.outputs.update
    return ", then ".join(f"`{each} --stack {world.names['stack']}`" for each in update.following) if update else ""


def _link(link: Link, missing: Mapping[str, NotCreated]) -> Link:
    if look := missing.get(link.name):
        return replace(link, look=look, needs=(), writes=False)
    release = f"{link.name.rpartition('/')[0]}/release"
    if release in missing and link.link in _OF_A_RELEASE:
        return replace(link, needs=(*link.needs, release))
    return link
