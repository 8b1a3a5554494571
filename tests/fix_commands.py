"""The commands in the fixes of verify and diagnose, also for objects of other projects, with their placeholders."""

from collections.abc import Mapping
from functools import cache

from verify.catalogue import CATALOGUE
from verify.guests.fixes import FIXES
from verify.links.csi_driver import SMB, TRIDENT
from verify.trouble import Trouble, commands_of

_LOOKS = {"debug", "describe", "exec", "get", "history", "logs"}


def commands_in(trouble: Trouble) -> list[str]:
    """Return the commands in the fix of a trouble, for both drivers where they differ."""
    fixes = (trouble.fix.replace("{restore}", driver.restore) for driver in (SMB, TRIDENT))
    return list(dict.fromkeys(command for fix in fixes for command in commands_of(fix)))


def fix_of(name: str) -> Trouble:
    """Return a trouble by its name."""
    return next(trouble for troubles in CATALOGUE.values() for trouble in troubles if trouble.name == name)


@cache
def printed() -> Mapping[str, str]:
    """Return each command but those of `az`, which tests/az_lines.py collects, with a trouble that has it."""
    troubles = (trouble for troubles in CATALOGUE.values() for trouble in troubles)
    found = [(command, trouble.name) for trouble in troubles for command in commands_in(trouble)]
    found += [(command, trouble.name) for trouble, fix in FIXES.items() for command in commands_of(fix)]
    return {command: name for command, name in found if not command.startswith("az ")}


def only_looks(command: str) -> bool:
    """Return whether a command changes nothing."""
    return command.split()[1] in _LOOKS and "kubectl apply" not in command
