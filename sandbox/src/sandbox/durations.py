"""How long the sandbox's Azure and its Trident take: a few milliseconds, about what the real ones take, or as told.

What a sandbox was started with is kept in it, so that an `up` that says nothing of durations goes on with them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sandbox.azure.durations import PROFILES, Durations, parse_override
from sandbox.errors import SandboxError
from sandbox.paths import SandboxPaths


@dataclass(frozen=True)
class SandboxDurations:
    """The durations of one sandbox: a profile for all of it, and other seconds for some of Azure's operations."""

    profile: str = "instant"
    overrides: Mapping[str, float] = field(default_factory=dict[str, float])
    """Seconds per `TYPE:KIND`, the type in Azure's spelling, the kind create, update or delete."""

    @classmethod
    def parse(cls, profile: str | None, overrides: Sequence[str]) -> "SandboxDurations | None":
        """Return the durations of a command line: a profile (default: instant), `TYPE:KIND=SECONDS`; None without any.

        Raises:
            SandboxError: there is no such profile, type or kind, or the seconds are no number.

        """
        if profile is None and not overrides:
            return None
        if profile is not None and profile not in PROFILES:
            raise SandboxError(f"No durations are called '{profile}'. There are: {', '.join(PROFILES)}.")
        return cls(profile or "instant", dict(_override(text) for text in overrides))

    @classmethod
    def kept(cls, paths: SandboxPaths) -> "SandboxDurations":
        """Those of the sandbox's last start; instant if it has never been started."""
        try:
            return cls(**json.loads(_file(paths).read_text()))
        except (OSError, ValueError, TypeError):
            return cls()

    def keep(self, paths: SandboxPaths) -> None:
        """Have later starts go on with these."""
        partial = _file(paths).with_suffix(".part")
        partial.write_text(json.dumps(asdict(self)))
        partial.replace(_file(paths))

    def azure(self) -> Durations:
        """Return those of Azure's operations."""
        parsed = (parse_override(f"{what}={seconds}") for what, seconds in self.overrides.items())
        return PROFILES[self.profile].overridden(dict(parsed))

    def arguments(self) -> list[str]:
        """Return the options of a command line that say the same."""
        overrides = [f"--duration={what}={seconds:g}" for what, seconds in self.overrides.items()]
        return [f"--durations={self.profile}", *overrides]

    def __str__(self) -> str:
        """As a person reads them: `realistic, Microsoft.NetApp/netAppAccounts:create 4 s`."""
        return ", ".join([self.profile, *(f"{what} {seconds:g} s" for what, seconds in self.overrides.items())])


def _override(text: str) -> tuple[str, float]:
    from sandbox.azure.registry import TYPES  # noqa: PLC0415  all of the emulator, and only this option needs it

    try:
        (type_name, kind), seconds = parse_override(text)
    except ValueError as error:
        raise SandboxError(
            f"{error}. For example: Microsoft.NetApp/netAppAccounts/capacityPools/volumes:create=360"
        ) from None
    if type_name not in TYPES:
        names = ", ".join(sorted(rules.name for rules in TYPES.values()))
        raise SandboxError(f"{text!r} names no type of the sandbox's. There are: {names}.")
    return f"{TYPES[type_name].name}:{kind}", seconds


def _file(paths: SandboxPaths) -> Path:
    return paths.root / "durations.json"
