"""The components can be packaged for other languages: analysis finds their schema with its descriptions."""

import importlib
import inspect

import pulumi
import pytest
from pulumi.provider.experimental.analyzer import Analyzer, AnalyzeResult, ComponentDefinition

from tests.unit.unit_mocks import PROJECT, run_whole

MODULES = sorted(f"components.{file.stem}" for file in (PROJECT / "components").glob("[!_]*.py"))
COMPONENTS: list[type[pulumi.ComponentResource]] = [
    component
    for module in MODULES
    for _, component in inspect.getmembers(importlib.import_module(module), inspect.isclass)
    if issubclass(component, pulumi.ComponentResource) and component.__module__ == module
]


@pytest.fixture(scope="module")
def schema() -> AnalyzeResult:
    return Analyzer("anf-smb").analyze(COMPONENTS)


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
    assert not volume["sizeGib"].optional
    assert volume["creationToken"].optional
    assert not {"protect", "timeoutMinutes"} & volume.keys()  # options of Pulumi's own
    assert volume["throughputMibps"].optional
