"""The components can be packaged for other languages: analysis finds their schema with its descriptions."""

import importlib
import inspect
import re

import pulumi
import pytest
from pulumi.provider.experimental.analyzer import Analyzer, AnalyzeResult, ComponentDefinition
from pulumi.runtime.proto import provider_pb2

from components.package import COMPONENTS, NAME, described
from components.support.package_host import construct_options
from tests.unit.unit_mocks import PROJECT, run_whole

REQUIREMENTS = PROJECT / "requirements.txt"


@pytest.fixture(scope="module")
def schema() -> AnalyzeResult:
    return Analyzer(NAME).analyze(described())


def test_the_package_has_every_component() -> None:
    modules = sorted(f"components.{file.stem}" for file in (PROJECT / "components").glob("[!_]*.py"))
    found = {
        component
        for module in modules
        for _, component in inspect.getmembers(importlib.import_module(module), inspect.isclass)
        if issubclass(component, pulumi.ComponentResource) and component.__module__ == module
    }
    assert found == set(COMPONENTS)


def test_the_package_requires_the_versions_of_the_program() -> None:
    required = (PROJECT / "components" / "requirements.txt").read_text().split()
    assert required
    assert set(required) <= set(REQUIREMENTS.read_text().split())


def test_through_the_package_an_option_that_is_not_set_stays_so() -> None:
    """Data is protected unless a program says otherwise, whatever its language."""
    unset = construct_options(provider_pb2.ConstructRequest(name="a"))
    assert (unset.protect, unset.custom_timeouts) == (None, None)
    limits = provider_pb2.ConstructRequest.CustomTimeouts(create="2h0m0s")
    chosen = construct_options(provider_pb2.ConstructRequest(name="a", protect=False, customTimeouts=limits))
    assert chosen.protect is False
    assert chosen.custom_timeouts is not None
    assert (chosen.custom_timeouts.create, chosen.custom_timeouts.delete) == ("2h0m0s", None)


def test_descriptions_read_well_in_any_language(schema: AnalyzeResult) -> None:
    texts: list[str] = []
    for component in schema["component_definitions"].values():
        texts += [component.description or ""]
        texts += [each.description or "" for side in (component.inputs, component.outputs) for each in side.values()]
    for kind in schema["type_definitions"].values():
        texts += [kind.description or "", *(each.description or "" for each in kind.properties.values())]
    assert len(texts) > 100
    for text in texts:
        assert not re.search(r"\b[a-z]+_[a-z_]+\b|\n |rules\.|\bNone\b|\bTrue\b", text), text


def test_every_component_of_the_program_is_analysed(schema: AnalyzeResult) -> None:
    everything = run_whole(stack="staging").monitor.registered
    registered = {resource.type for resource in everything if resource.type.startswith("anf-smb:")}
    assert {f"anf-smb:index:{name}" for name in schema["component_definitions"]} == registered


@pytest.mark.parametrize("component", [component.__name__ for component in COMPONENTS])
def test_everything_about_a_component_is_described(schema: AnalyzeResult, component: str) -> None:
    definition: ComponentDefinition = schema["component_definitions"][component]
    assert definition.description
    assert definition.outputs
    for properties in (definition.inputs, definition.outputs):
        assert {name for name, described in properties.items() if not described.description} == set()


def test_a_component_states_what_it_needs_and_what_it_does_not(schema: AnalyzeResult) -> None:
    volume = schema["component_definitions"]["SmbVolume"].inputs
    assert not volume["subnetId"].optional
    assert volume["sizeGib"].optional  # an existing volume keeps its own
    assert volume["creationToken"].optional
    assert not {"protect", "timeoutMinutes"} & volume.keys()  # options of Pulumi's own
    assert volume["throughputMibps"].optional
