"""The benchmarks: what is compared with what, and the table. No test measures time."""

from pathlib import Path

import pytest

from bench.comparison import changes
from bench.page import PAGE, RUN, comparison_table, page, table
from bench.parts.chain import longest_chain
from bench.parts.growth import growth_per_doubling
from bench.results import Figure, Run, ratio
from bench.rows import BY_KEY, ROWS
from bench.stack_files import POOL_TAKES, scaled


def run_of(volumes: int | None = None, **values: float) -> Run:
    return Run(figures={key: Figure(value, {}, volumes) for key, value in values.items()})


def test_a_ratio_is_one_of_medians() -> None:
    samples = {"program": [1.0, 2.0, 90.0], "flat": [4.0, 5.0, 0.1]}
    assert ratio(samples, "program", "flat").value == 0.5


@pytest.mark.parametrize(("now", "worse"), [(1.09, False), (1.11, True), (0.5, False)])
def test_a_figure_that_is_worse_by_a_tenth_is_marked(now: float, worse: bool) -> None:
    found = list(changes(run_of(dev_preview_time=1.0), run_of(dev_preview_time=now)))
    assert [change.is_worse for change in found] == [worse]
    assert ("**worse**" in comparison_table(found)) == worse


def test_the_rows_of_a_comparison_name_their_volumes() -> None:
    found = list(changes(run_of(20, scale_preview_time=0.5), run_of(20, scale_preview_time=0.4)))
    assert "| 20 volumes, preview" in comparison_table(found)


def test_runs_with_other_numbers_of_volumes_are_not_compared() -> None:
    assert not list(changes(run_of(20, scale_preview_time=0.5), run_of(500, scale_preview_time=1.0)))


def test_a_run_is_the_same_once_written_and_read(tmp_path: Path) -> None:
    run = Run()
    run.add({"growth": Figure(2.1, {"seconds": [1.0, 2.1]})})
    run.series["preview"] = {"1": 1.0, "2": 2.1}
    run.save(tmp_path / "run.json")
    assert Run.load(tmp_path / "run.json") == run


def test_the_table_has_each_row_with_its_goal_and_by_how_much_it_is_missed() -> None:
    shown = table(run_of(500, scale_preview_time=0.5, sandbox_ready=7.0)).splitlines()[2:]
    assert len(shown) == len(ROWS)
    lines = dict(zip(BY_KEY, shown, strict=True))
    assert "500 volumes" in lines["scale_preview_time"]
    assert "| 0.50 | 0.40 | no, by 25% |" in lines["scale_preview_time"]
    assert "| 7.0 s | 8.0 s | yes |" in lines["sandbox_ready"]
    assert "not measured" in lines["growth"]


def test_the_page_is_what_its_run_and_its_notes_say() -> None:
    assert PAGE.read_text() == page(Run.load(RUN)), "python -m bench page"


def test_growth_is_that_of_twice_as_many_volumes() -> None:
    assert growth_per_doubling({"1": 1.0, "10": 10.0, "100": 100.0}) == pytest.approx(2)
    assert growth_per_doubling({"100": 1.0, "200": 2.0, "400": 8.0}) == pytest.approx(4)


def test_the_longest_chain_is_that_of_the_resources_that_wait_for_one_another() -> None:
    def resource(urn: str, *dependencies: str, provider: str = "", custom: bool = True) -> dict[str, object]:
        return {"urn": urn, "custom": custom, "dependencies": dependencies, "provider": provider}

    resources = [
        resource("provider"),
        resource("group", provider="provider::id"),
        resource("volume", "group"),
        resource("share", custom=False),
        resource("other"),
    ]
    seconds = {"provider": 1.0, "group": 2.0, "volume": 30.0, "share": 100.0, "other": 20.0}
    assert longest_chain(resources, seconds) == 33


def test_the_longest_chain_has_what_waits_without_a_dependency_of_its_own() -> None:
    """A child waits for what its component depends on, and Azure creates one volume at a time, then those of claims."""

    def resource(kind: str, urn: str, **more: object) -> dict[str, object]:
        return {"type": kind, "urn": urn, "custom": not kind.startswith("anf-smb"), **more}

    claim, volume = "kubernetes:core/v1:PersistentVolumeClaim", "azure-native:netapp:CapacityPoolVolume"
    resources = [
        resource(volume, "first"),
        resource(volume, "second"),
        resource("kubernetes:helm.sh/v3:Release", "release"),
        resource("anf-smb:index:DynamicShare", "share", dependencies=["release"]),
        resource(claim, "claim", parent="share"),
        resource(claim, "other"),
    ]
    quick = {"first": 10.0, "second": 10.0, "release": 1.0, "claim": 5.0, "other": 5.0}
    assert longest_chain(resources, quick) == 25
    assert longest_chain(resources, {**quick, "release": 40.0}) == 45


def test_more_volumes_than_a_pool_takes_get_another_pool() -> None:
    config = scaled(2 * POOL_TAKES + 1)["config"]
    assert [pool["name"] for pool in config["anf-smb:pools"]] == ["pool-0", "pool-1", "pool-2"]
    assert [volume["pool"] for volume in config["anf-smb:volumes"]].count("pool-1") == POOL_TAKES
