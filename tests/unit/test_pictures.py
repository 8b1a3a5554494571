"""The diagrams in docs/ match the current program and are complete."""

import re
from pathlib import Path

import pytest

from tests.unit.test_packaging import COMPONENTS
from tests.unit.unit_mocks import Run, dev
from tools.architecture import architecture
from tools.diagrams import PAGES
from tools.resource_graph import Arrow, as_mermaid, as_table, provider_name, resource_graph


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_what_the_program_registers(page: Path) -> None:
    assert page.read_text() == PAGES[page](dev()), "the program has changed: make docs"


def test_the_architecture_names_every_component_and_what_others_rely_on() -> None:
    picture, run = architecture(dev()), dev()
    for component in COMPONENTS:
        assert re.search(rf"\b{component.__name__}\b", picture), component.__name__
    named = ("accountName", "poolName", "resourceGroupName", "staticClaimName", "staticNamespace", "staticPodName")
    named += ("storageClassName", "dynamicClaimName", "dynamicNamespace")
    named += ("tridentBackendConfigName", "tridentNamespace")
    for output in named:
        assert run.outputs[output] in picture, output


def test_every_resource_is_in_the_graph() -> None:
    run = dev()
    graph, rows = resource_graph(run), as_table(resource_graph(run), run).splitlines()[2:]
    assert len(rows) == len([resource for resource in registered(run) if not resource.startswith("anf-smb:")])
    stash_provider_and_paths = 4
    drawn_ones = sum(1 + len(component.children) for component in graph.components)
    assert drawn_ones + stash_provider_and_paths == len(registered(run))
    drawn = as_mermaid(graph, provider_name(run))
    assert all(f"{component.node}[" in drawn for component in graph.components)


def registered(run: Run) -> list[str]:
    """Return the types of all resources except the stack."""
    return [resource.type for resource in run.monitor.registered if resource.type != "pulumi:pulumi:Stack"]


def test_an_arrow_names_what_flows() -> None:
    arrows = resource_graph(dev()).arrows
    assert Arrow("SmbVolume_smb", "StaticShare_smb", ("uncPath", "volumeHandle")) in arrows
    assert Arrow("StaticShare_smb", "IisPod_smb", ("claimName",)) in arrows
    assert Arrow("SmbCsiDriver_csi_driver_smb", "StaticShare_smb", ()) in arrows
    # Reached over the account and the pool anyway.
    assert not [arrow for arrow in arrows if (arrow.source, arrow.target) == ("ResourceGroup_anf", "SmbVolume_smb")]


def test_no_password_is_in_a_picture() -> None:
    assert "Pa55word" not in "".join(draw(dev()) for draw in PAGES.values())
