"""The rules for Trident's releases: their versions, their features and their upgrade paths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.rules import trident as trident_rules

VERSIONS = ["23.04.0", "23.07.1", "23.10.0", "100.2402.0", "100.2406.1", "100.2410.0", "100.2502.1", "100.2506.3",
            "100.2510.0", "100.2602.1", "100.2606.0"]  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
def test_published_versions_are_accepted_and_their_kubernetes_is_known(version: str) -> None:
    assert trident_rules.VERSION.holds(version)
    assert trident_rules.release_of(version) in trident_rules.KUBERNETES


@pytest.mark.parametrize(
    "version", ["22.10.0", "24.02.0", "100.2310.0", "100.2403.0", "100.2606", "v100.2606.0", "latest"]
)
def test_versions_that_no_chart_has_are_refused(version: str) -> None:
    assert not trident_rules.VERSION.holds(version)


@pytest.mark.parametrize(("version", "reported"), [("23.07.1", "v23.07.1"), ("100.2606.0", "v26.06.0")])
def test_a_chart_s_version_is_another_than_trident_s_own(version: str, reported: str) -> None:
    assert trident_rules.product_version(version) == reported


def test_what_came_with_which_release() -> None:
    assert [version for version in VERSIONS if not trident_rules.has_cloud_identity(version)] == VERSIONS[:3]
    assert [version for version in VERSIONS if not trident_rules.tolerates_on_windows(version)] == VERSIONS[:2]
    assert [version for version in VERSIONS if trident_rules.smallest_claim_gib(version) == 100] == VERSIONS[:5]
    assert [version for version in VERSIONS if not trident_rules.wipes_orchestrator_too(version)] == VERSIONS[:7]


@pytest.mark.parametrize(
    ("installed", "wanted", "path"),
    [
        ("23.04.0", "100.2606.0", ["24.02", "25.02", "26.02", "26.06"]),
        ("23.04.0", "100.2406.0", ["24.06"]),
        ("23.04.0", "100.2410.0", ["24.02", "24.10"]),
        ("100.2502.0", "100.2606.0", ["26.06"]),
        ("100.2410.0", "100.2606.0", ["25.10", "26.06"]),
        ("100.2606.0", "100.2606.1", ["26.06"]),
        ("100.2606.0", "100.2602.0", ["26.02"]),
    ],
)
def test_an_upgrade_goes_as_far_as_four_releases_at_once(installed: str, wanted: str, path: list[str]) -> None:
    assert trident_rules.upgrade_path(installed, wanted) == path


@given(st.sampled_from(VERSIONS), st.sampled_from(VERSIONS))
def test_each_step_of_a_path_can_be_gone_directly_and_has_charts(installed: str, wanted: str) -> None:
    by_release = {trident_rules.release_of(version): version for version in VERSIONS}
    at = installed
    for release in trident_rules.upgrade_path(installed, wanted):
        assert trident_rules.upgrade_path(at, by_release[release]) == [release]
        at = by_release[release]
    assert trident_rules.release_of(at) == trident_rules.release_of(wanted)


@pytest.mark.parametrize(
    ("version", "kubernetes"), [("23.04.0", "1.21.0"), ("23.04.0", "v1.27.9"), ("100.2606.0", "1.36")]
)
def test_a_supported_kubernetes_is_nothing_to_speak_of(version: str, kubernetes: str) -> None:
    assert trident_rules.kubernetes_mismatch(version, kubernetes) is None


@pytest.mark.parametrize(
    ("version", "kubernetes", "nothing_newer"),
    [
        ("23.04.0", "1.28.0", False),
        ("23.04.0", "1.37.2", False),
        ("100.2606.0", "1.26.3", False),
        ("100.2606.0", "v1.37.2", True),
    ],
)
def test_another_kubernetes_is_named_with_the_range(version: str, kubernetes: str, nothing_newer: bool) -> None:
    mismatch = trident_rules.kubernetes_mismatch(version, kubernetes)
    assert mismatch
    assert "supports Kubernetes 1." in mismatch.text
    assert mismatch.nothing_newer == nothing_newer


def test_a_release_of_the_future_is_taken_as_it_comes() -> None:
    assert trident_rules.VERSION.holds("100.2610.0")
    assert trident_rules.kubernetes_mismatch("100.2610.0", "1.99") is None
    assert trident_rules.upgrade_path("100.2606.0", "100.2610.0") == ["26.10"]
