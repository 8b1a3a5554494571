"""What must hold whatever clients ask for: a pool never sells more than it has, and ids survive reading and writing."""

import contextlib
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.azure.errors import ArmError
from sandbox.azure.ids import ResourceId
from tests.azure.names import GIB, POOL, TIB
from tests.azure.world import World, pool_body, volume_body

NAMES = st.sampled_from(["a", "b", "c"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("volume"), NAMES, st.integers(50, 1600)),
        st.tuples(st.just("delete"), NAMES, st.just(0)),
        st.tuples(st.just("pool"), st.just(""), st.integers(1, 3)),
    ),
    max_size=12,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_the_volumes_of_a_pool_never_exceed_it(steps: list[tuple[str, str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.up_to_pool(tib=2)
        for what, name, size in steps:
            with contextlib.suppress(ArmError):
                if what == "volume":
                    world.put(f"{POOL}/volumes/{name}", volume_body(gib=size, token=name))
                elif what == "delete":
                    world.delete(f"{POOL}/volumes/{name}")
                else:
                    world.put(POOL, pool_body(size))
            volumes = world.model.store.children(POOL.lower())
            sold = sum(volume.properties["usageThreshold"] for volume in volumes)
            assert sold <= world.get(POOL).properties["size"]
            assert world.get(POOL).properties["size"] % TIB == 0
            assert sold % GIB == 0
        world.model.store.close()


SEGMENTS = st.text("abcXYZ019-_.", min_size=1, max_size=12)


@given(group=SEGMENTS, names=st.lists(st.tuples(SEGMENTS, SEGMENTS), max_size=3))
def test_an_id_reads_as_it_was_written_and_matches_any_case(group: str, names: list[tuple[str, str]]) -> None:
    kinds, values = tuple(kind for kind, _ in names), tuple(value for _, value in names)
    written = ResourceId("00000000-0000-0000-0000-000000000000", group, "Microsoft.X" if names else "", kinds, values)
    assert ResourceId.parse(str(written)) == written
    assert ResourceId.parse(str(written).upper()).key == written.key
