"""The JSON schema of a stack file, generated from the settings, for editors and for docs/configuration.md."""

import ast
import dataclasses
import inspect
import itertools
import sys
import textwrap
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter
from pydantic.alias_generators import to_camel

from configuration.reading import PROJECT, SECRETS
from configuration.section import Section
from configuration.tags import TaggedSection
from settings import Settings

Schema = dict[str, Any]

_SECRET: Final = {
    "type": "object",
    "properties": {"secure": {"type": "string"}},
    "required": ["secure"],
    "additionalProperties": False,
}


def stack_schema() -> Schema:
    """Return the schema of a whole stack file."""
    sections = {section.__name__: section for section in _sections(Section)}
    definitions: Schema = {}
    keys: Schema = {}
    required: list[str] = []
    hints = typing.get_type_hints(Settings, include_extras=True)
    described = field_docstrings(Settings)
    for field in dataclasses.fields(Settings):
        key = f"{PROJECT}:{to_camel(field.name)}"
        if to_camel(field.name) in SECRETS:
            keys[key] = {**_SECRET, "description": described[field.name]}
            continue
        # A list, since pydantic writes a model that stands alone in place, and not as a definition.
        listed: Any = types.GenericAlias(list, hints[field.name])
        schema = TypeAdapter(listed).json_schema(ref_template="#/$defs/{model}")
        definitions |= schema.pop("$defs", {})
        keys[key] = _property(schema["items"], described[field.name])
        if isinstance(field.default, bool | int):
            keys[key]["default"] = field.default
        if field.default is field.default_factory is dataclasses.MISSING:
            required.append(key)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Stack file of {PROJECT}",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "properties": keys,
                "required": required,
                "propertyNames": {"anyOf": [{"enum": [*keys]}, {"not": {"pattern": f"^{PROJECT}:"}}]},
            }
        },
        "$defs": {name: _model(sections[name], definition) for name, definition in sorted(definitions.items())},
    }


def _sections(base: type[Section]) -> Iterator[type[Section]]:
    for section in base.__subclasses__():
        yield section
        yield from _sections(section)


def field_docstrings(cls: type[Any]) -> dict[str, str]:
    """Return the docstrings below the fields of a class, those of its bases included."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if base.__module__.partition(".")[0] not in {"components", "configuration", "settings"}:
            continue
        body = typing.cast("ast.ClassDef", ast.parse(textwrap.dedent(inspect.getsource(base))).body[0]).body
        for field, below in itertools.pairwise(body):
            match field, below:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    found[name] = " ".join(inspect.cleandoc(text).split())
                case _:
                    pass
    return found


def _model(model: type[BaseModel], definition: Schema) -> Schema:
    """Return a section's schema. A key without a docstring has that of the component's argument of the same name."""
    described = _of_arguments(model) | field_docstrings(model)
    properties = {
        field.alias or name: _property(definition["properties"][field.alias or name], described[name])
        for name, field in sorted(model.model_fields.items(), key=lambda each: each[0] in TaggedSection.model_fields)
    }
    return {**definition, "title": model.__name__.removesuffix("Settings"), "properties": properties}


def _of_arguments(model: type[BaseModel]) -> dict[str, str]:
    """Return the docstrings of the arguments that a section's keys become."""
    name = model.__name__.replace("Settings", "Args")
    modules = [module for path, module in sys.modules.items() if path.startswith("components.")]
    found: dict[str, str] = {}
    for arguments in {getattr(module, name) for module in modules if hasattr(module, name)}:
        found |= field_docstrings(arguments)
    for kind in vars(model).values():
        if isinstance(kind, property) and kind.fget:
            returned = typing.get_type_hints(kind.fget)["return"]
            found |= field_docstrings(returned) if typing.is_typeddict(returned) else {}
    return found


def _property(schema: Schema, description: str) -> Schema:
    """Return the schema of a key: null means that the key is left out, and its rule is part of the description."""
    choices = [choice for choice in schema.pop("anyOf", []) if choice != {"type": "null"}]
    merged: Schema = {**(choices[0] if choices else {}), **schema}
    merged.pop("title", None)
    if merged.get("default", ...) is None:
        del merged["default"]
    if isinstance(items := merged.get("items"), Mapping):
        allowed = items.get("x-allowed")
        merged["items"] = {name: value for name, value in items.items() if name != "x-allowed"}
    else:
        allowed = merged.pop("x-allowed", None)
    return merged | {"description": description} | ({"x-allowed": allowed} if allowed else {})
