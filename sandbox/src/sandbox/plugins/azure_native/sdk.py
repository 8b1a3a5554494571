"""The classes of the installed pulumi-azure-native SDK: their properties' names, types and defaults.

Their source is read, not imported: a module of the SDK brings all its classes with it, a second and tens of megabytes.
"""

import ast
import importlib.util
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from sandbox.plugins.azure_native.schema import Kind, Property

Refine = Callable[[str, str, Property], Property]
"""Adds to a property, given the names of its class and of itself, what the SDK does not tell."""

_GETTER: Final = re.compile(
    r'@pulumi\.getter(?:\(name="(\w+)"\))?\n(?:    @_utilities\..*\n)?    def (\w+)\(self\) -> (.+):\n'
)
_DEFAULT: Final = re.compile(r"^        if (\w+) is None:\n            \1 = (.+)\n        (if|pulumi)", re.MULTILINE)
"""A required argument is then set in any case, another one only `if` it has a value."""
_TOP_LEVEL: Final = re.compile(r"\n(?=[^\s)])")
_VERSION: Final = re.compile(r"Uses Azure REST API version (\S+)\.\s")
_ARGUMENT: Final = re.compile(r"__args__\['(\w+)'\]")
_SCALARS: Final[Mapping[str, Kind]] = {"bool": "boolean", "int": "integer", "float": "number", "Any": "any"}
"""All else is a text: enumerations are not checked."""


@dataclass(frozen=True)
class _Annotation:
    """A property's type in one class."""

    name: str
    """Of a class, a built-in type, `Sequence` or `Mapping`; without the modules around it."""
    required: bool
    element: "_Annotation | None" = None
    """Of a `Sequence` or a `Mapping`: what it holds."""
    is_class: bool = False
    """One of the SDK's own classes, and no enumeration."""
    default: Any = None


_Annotations = Mapping[str, _Annotation]
"""Of a class, by the properties' names in Pulumi."""


def _annotation(type_: ast.expr, *, required: bool = True) -> _Annotation:
    match type_:
        case ast.Subscript(value=generic, slice=inner):
            name = ast.unparse(generic).rpartition(".")[2]
            arguments = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            if name in ("Sequence", "Mapping"):
                return _Annotation(name, required, element=_annotation(arguments[-1], required=False))
            # Else an input, an output or what may be absent; or a union of a text and an enumeration.
            return _annotation(arguments[0], required=required and name != "Optional")
        case ast.Constant(value=str(text)):
            is_class = text.startswith("outputs.") or text.endswith("Args")
            return _Annotation(text.rpartition(".")[2], required, is_class=is_class)
        case _:
            return _Annotation(ast.unparse(type_).rpartition(".")[2], required)


@dataclass(frozen=True)
class SdkModule:
    """One module of the SDK, such as `netapp`. It keeps what it has read: drop it soon."""

    name: str
    opaque: re.Pattern[str]
    """Classes whose values are passed on as they are."""
    refine: Refine
    _sources: dict[str, str] = field(default_factory=dict[str, str])

    @cached_property
    def _folder(self) -> Path:
        spec = importlib.util.find_spec("pulumi_azure_native")
        if spec is None or not spec.submodule_search_locations:
            raise ImportError("pulumi-azure-native is not installed", name="pulumi_azure_native")
        return Path(spec.submodule_search_locations[0], self.name)

    def api_version(self, name: str) -> str:
        return _VERSION.findall(self._source(_file_of(name)))[0]

    def resource(self, name: str, path: Collection[str]) -> dict[str, Property]:
        """The properties of a resource: its arguments, without those in its path, and its outputs."""
        source = self._source(_file_of(name))
        arguments = _annotations(_class(source, f"{name}InitArgs") or _class(source, f"{name}Args"))
        given = {name: annotation for name, annotation in arguments.items() if name not in path}
        return self._merged(name, given, _annotations(_class(source, name)), ())

    def result(self, name: str) -> dict[str, Property]:
        result = _class(self._source(_file_of(name)), f"{name[0].upper()}{name[1:]}Result")
        return self._merged(name.removeprefix("get"), {}, _annotations(result), ())

    def arguments(self, name: str) -> list[str]:
        return [*dict.fromkeys(_ARGUMENT.findall(self._source(_file_of(name))))]

    def _source(self, file: str) -> str:
        if file not in self._sources:
            self._sources[file] = Path(self._folder, f"{file}.py").read_text(encoding="utf-8")
        return self._sources[file]

    def _merged(
        self, name: str, given: _Annotations, answered: _Annotations, around: tuple[str, ...]
    ) -> dict[str, Property]:
        """The properties of the class for arguments and of the one for outputs together."""
        return {
            key: self.refine(name, key, self._property(given.get(key), answered.get(key), around))
            for key in {**given, **answered}
            if key != "azureApiVersion"
        }

    def _property(self, given: _Annotation | None, answered: _Annotation | None, around: tuple[str, ...]) -> Property:
        known = given or answered
        if known is None:
            return Property("any")
        details: dict[str, Any] = {"read_only": True}
        if given is not None:
            details = {"required": given.required, "default": given.default}
        if given and answered and (given.name, answered.name) == ("Sequence", "Mapping"):
            return Property("set", **details)
        if known.element is not None:
            items = self._property(given and given.element, answered and answered.element, around)
            return Property("array" if known.name == "Sequence" else "map", items=items, **details)
        if not known.is_class:
            return Property(_SCALARS.get(known.name, "string"), **details)
        name = known.name.removesuffix("Args").replace("Response", "")
        if self.opaque.fullmatch(name) or name in around:  # or a class within itself
            return Property("any", **details)
        inputs, outputs = self._annotations_of("_inputs", given), self._annotations_of("outputs", answered)
        return Property("object", fields=self._merged(name, inputs, outputs, (*around, name)), **details)

    def _annotations_of(self, file: str, annotation: _Annotation | None) -> _Annotations:
        return _annotations(_class(self._source(file), annotation.name)) if annotation else {}


def _file_of(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def _class(source: str, name: str) -> str:
    start = max(source.find(f"\nclass {name}{mark}") for mark in "(:")
    end = _TOP_LEVEL.search(source, start + 1)
    return source[start : end.start() if end else None] if start >= 0 else ""


def _annotations(source: str) -> _Annotations:
    found = {
        python_name: (name or python_name, _annotation(ast.parse(annotation, mode="eval").body))
        for name, python_name, annotation in _GETTER.findall(source)
    }
    for python_name, value, then in _DEFAULT.findall(source):
        name, annotation = found[python_name]
        default = ast.literal_eval(value)
        found[python_name] = name, replace(annotation, default=default, required=then == "pulumi")
    return dict(found.values())
