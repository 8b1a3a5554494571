"""What separates a release in state from the one that the program wants.

As the genuine plugin compares them: the wanted options against the state, and what was wanted once and is not any more
is deleted. What only the state has, such as values that someone else set, is left alone.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sandbox.providers.kubernetes.comparison import compare, path_text
from sandbox.providers.kubernetes.handler import Change, Difference
from sandbox.providers.values import UNKNOWN, Path

_MISSING: Final = object()
_IDENTITY: Final[tuple[Path, ...]] = (("name",), ("namespace",))
_REPLACING: Final = {
    Change.ADD: Change.ADD_REPLACE,
    Change.DELETE: Change.DELETE_REPLACE,
    Change.UPDATE: Change.UPDATE_REPLACE,
}
_FORMER_INPUTS: Final = ("checksum", "resourceNames")
"""Inputs of older plugins. That they are gone is no change."""


def difference(state: Mapping[str, Any], inputs: Mapping[str, Any], wanted: Mapping[str, Any]) -> Difference:
    """`inputs`: what was wanted when `state` was made."""
    former = {key: value for key, value in inputs.items() if key not in _FORMER_INPUTS}
    changes = dict(_of_maps((), state, former, wanted))
    return Difference(
        {path_text(path): _REPLACING[kind] if path in _IDENTITY else kind for path, kind in changes.items()}
    )


def _of_maps(
    at: Path, state: Mapping[str, Any], inputs: Mapping[str, Any], wanted: Mapping[str, Any]
) -> Iterator[tuple[Path, Change]]:
    for key, value in wanted.items():
        yield from _of_values((*at, key), state.get(key, _MISSING), inputs.get(key), value)
    for key in inputs:
        if key not in wanted:
            yield (*at, key), Change.DELETE


def _of_values(at: Path, state: Any, inputs: Any, wanted: Any) -> Iterator[tuple[Path, Change]]:
    if wanted is UNKNOWN:
        yield at, Change.ADD if state is _MISSING else Change.UPDATE
    elif wanted is None:
        # Helm takes a null for a default that is to go.
        if state is not None:
            yield at, Change.DELETE
    elif state is _MISSING:
        yield at, Change.ADD
    elif isinstance(state, Mapping) and isinstance(wanted, Mapping):
        yield from _of_maps(at, state, inputs if isinstance(inputs, Mapping) else {}, wanted)
    else:
        # Lists change as a whole, so here nothing is left alone.
        for path, change in compare({"": state}, {"": wanted}, ()).items():
            yield (*at, *path[1:]), change
