"""The rows of `types/` against the SDK that the program uses: a name that one of them misspells shows here."""

import importlib
import inspect
from types import ModuleType
from typing import Any

import pytest
from pulumi._types import input_type_py_to_pulumi_names

from sandbox.plugins.azure_native.schema import Property, ResourceType, writable
from sandbox.plugins.azure_native.types import INVOKES, RESOURCES


def module_of(token: str) -> ModuleType:
    return importlib.import_module(f"pulumi_azure_native.{token.split(':')[1]}")


def classes_of(token: str) -> tuple[ModuleType, Any, type]:
    """The module of a resource's class, that class and its arguments' class."""
    resource = getattr(module_of(token), token.split(":")[2])
    module = importlib.import_module(resource.__module__)
    name = resource.__name__  # `…InitArgs` where a nested class has taken `…Args`
    return module, resource, getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args")


def argument_names(arguments: type) -> set[str]:
    return set(input_type_py_to_pulumi_names(arguments).values())


def output_names(resource: type) -> set[str]:
    names: set[str] = set()
    for name, member in vars(resource).items():
        if isinstance(member, property) and member.fget is not None:
            names.add(getattr(member.fget, "_pulumi_name", name))
    return names


@pytest.mark.parametrize("row", RESOURCES.values(), ids=RESOURCES)
def test_a_row_has_the_inputs_outputs_and_version_of_the_sdks_class(row: ResourceType) -> None:
    module, resource, arguments = classes_of(row.name)
    inputs = {*row.inputs, *(parameter.name for parameter in row.parameters)}
    assert inputs == argument_names(arguments)
    assert {*row.properties, "azureApiVersion"} - {"id"} == output_names(resource)
    source = inspect.getsource(module)
    assert f"Uses Azure REST API version {row.api_version}." in source
    assert f'"{row.name}"' in source


@pytest.mark.parametrize("row", RESOURCES.values(), ids=RESOURCES)
def test_a_row_knows_the_objects_within_as_the_sdk_has_them(row: ResourceType) -> None:
    _, _, arguments = classes_of(row.name)
    mismatches = list(_mismatches(module_of(row.name), arguments, row.properties))
    assert mismatches == []


def _mismatches(module: ModuleType, arguments: type, fields: Any) -> Any:
    """Objects with properties that the SDK's class of that place does not have. It may have others'."""
    to_python = {pulumi_name: name for name, pulumi_name in input_type_py_to_pulumi_names(arguments).items()}
    annotations = inspect.signature(arguments.__init__).parameters
    for name, prop in writable(fields).items():
        inner: Property = prop.items if prop.kind == "array" and prop.items is not None else prop
        if inner.kind != "object" or name not in to_python:
            continue
        nested = _class_in(module, str(annotations[to_python[name]].annotation))
        if nested is None:
            yield f"{name}: the SDK has no class"
        elif unheard_of := set(writable(inner.fields)) - argument_names(nested):
            yield f"{name}: {sorted(unheard_of)}"
        else:
            yield from (f"{name}.{found}" for found in _mismatches(module, nested, inner.fields))


def _class_in(module: ModuleType, annotation: str) -> type | None:
    names = (word for word in annotation.replace("'", " ").replace("[", " ").replace("]", " ").split())
    found = (getattr(module, name, None) for name in names if name.endswith("Args"))
    return next((candidate for candidate in found if isinstance(candidate, type)), None)


@pytest.mark.parametrize("row", INVOKES.values(), ids=INVOKES)
def test_a_function_is_the_sdks(row: Any) -> None:
    module = module_of(row.name)
    python_name = "".join(f"_{char.lower()}" if char.isupper() else char for char in row.name.split(":")[2])
    function = getattr(module, python_name)
    source = inspect.getsource(importlib.import_module(function.__module__))
    assert f"'{row.name}'" in source
    assert f"Uses Azure REST API version {row.api_version}." in source
    parameters = [part[1:-1] for part in row.path.split("/") if part.startswith("{") and part != "{subscriptionId}"]
    for name in (*parameters, *row.query):
        assert f"__args__['{name}']" in source
