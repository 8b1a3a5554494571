"""A run beside an earlier one: which figures have become worse."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from bench.results import Run
from bench.rows import BY_KEY

WORSE_BY: Final = 0.10
"""A figure that is worse by this part of the earlier one is marked."""


class Change(NamedTuple):
    """One row in both runs."""

    key: str
    volumes: int | None
    before: float
    now: float

    @property
    def is_worse(self) -> bool:
        """Return True if the figure has to be looked at."""
        return self.now > self.before * (1 + WORSE_BY)


def changes(before: Run, now: Run) -> Iterator[Change]:
    """Yield the rows that both runs have, with as many volumes."""
    for key in BY_KEY:
        old, new = before.figures.get(key), now.figures.get(key)
        if old and new and old.volumes == new.volumes:
            yield Change(key, new.volumes, old.value, new.value)
