"""Rules of Azure NetApp Files for snapshot policies: names, times and numbers of snapshots.

Sources: the REST specification 2024-09-01, and Microsoft's documentation, named at each rule. Times are in UTC.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from components.rules import LIMITS, REST, Rule, text, whole

POLICIES: Final = "https://learn.microsoft.com/azure/azure-netapp-files/snapshots-manage-policy"
SCHEDULES: Final = ("hourlySchedule", "dailySchedule", "weeklySchedule", "monthlySchedule")
"""The schedules that a policy may have, as Azure calls them."""
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST_SNAPSHOTS: Final = 255
"""Of a volume, whoever took them (LIMITS)."""

POLICY_NAME = text(
    r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,63}", "1 to 64 letters, digits, _ or -, starting with a letter or digit", REST
)
SNAPSHOTS_TO_KEEP = whole(1, MOST_SNAPSHOTS, "snapshots (a volume holds no more)", LIMITS)
MINUTE = whole(0, 59, "minutes past the hour", REST)
HOUR = whole(0, 23, "o'clock, in UTC", REST)


def _each_once(value: str, known: Sequence[str]) -> bool:
    listed = value.split(",")
    return set(listed) <= set(known) and len(set(listed)) == len(listed)


DAYS_OF_WEEK: Rule[str] = Rule(
    "English names of weekdays, each once, with commas between them and no spaces, such as Sunday or Monday,Thursday",
    lambda value: _each_once(value, WEEKDAYS),
    REST,
)
DAYS_OF_MONTH: Rule[str] = Rule(
    'days from 1 to 31, each once, as text with commas between them and no spaces, such as "1" or "1,15" '
    "(a month that has no such day is left out)",
    lambda value: _each_once(value, [str(day) for day in range(1, 32)]),
    POLICIES,
)


def too_many_snapshots(counts: Iterable[int]) -> str | None:
    """Return what is allowed if the schedules of a policy together keep more snapshots than a volume has (LIMITS)."""
    total = sum(counts)
    if total > MOST_SNAPSHOTS:
        return f"{MOST_SNAPSHOTS} snapshots of all schedules together, what a volume holds; these add up to {total}"
    return None
