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
_WRAPPERS: Final = ("Input", "Output", "Optional")


@dataclass(frozen=True)
class _Annotation:
    """A property's type in one class, without what only says that a value may be absent or come later."""

    type: ast.expr
    required: bool = False
    default: Any = None

    @property
    def is_class(self) -> bool:
        """Whether it is one of the SDK's own classes; these are quoted, as enumerations are."""
        text = self.type.value if isinstance(self.type, ast.Constant) else ""
        return isinstance(text, str) and (text.startswith("outputs.") or text.endswith("Args"))

    @property
    def generic(self) -> str:
        """`Sequence` or `Mapping`, or nothing."""
        return _name(self.type.value) if isinstance(self.type, ast.Subscript) else ""

    @property
    def element(self) -> "_Annotation":
        """Of a `Sequence` or a `Mapping`: what it holds."""
        assert isinstance(self.type, ast.Subscript)
        inner = self.type.slice
        return replace(_annotation(inner.elts[1] if isinstance(inner, ast.Tuple) else inner), required=False)


_Annotations = Mapping[str, _Annotation]
"""Of a class, by the properties' names in Pulumi."""


def _annotation(type_: ast.expr) -> _Annotation:
    required = True
    while isinstance(type_, ast.Subscript) and (wrapper := _name(type_.value)) in (*_WRAPPERS, "Union"):
        required = required and wrapper != "Optional"
        # A union is one of a text and an enumeration: these are not checked, so it is a text.
        type_ = type_.slice.elts[0] if isinstance(type_.slice, ast.Tuple) else type_.slice
    return _Annotation(type_, required)


def _name(type_: ast.expr) -> str:
    """The last part of a dotted name, which may be quoted."""
    text = type_.value if isinstance(type_, ast.Constant) else ast.unparse(type_)
    return str(text).rpartition(".")[2]


@dataclass(frozen=True)
class SdkModule:
    """One module of the SDK, such as `netapp`. It keeps what it has read: drop it soon."""

    name: str
    opaque: Collection[str]
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
        """The version of Azure's API that a resource's class or a function uses."""
        match = _VERSION.search(self._source(_file_of(name)))
        assert match is not None, name
        return match[1]

    def resource(self, name: str, path: Collection[str]) -> dict[str, Property]:
        """The properties of a resource: its arguments, without those in its path, and its outputs."""
        source = self._source(_file_of(name))
        arguments = _annotations(_class(source, f"{name}InitArgs") or _class(source, f"{name}Args"))
        given = {name: annotation for name, annotation in arguments.items() if name not in path}
        return self._merged(name, given, _annotations(_class(source, name)), ())

    def result(self, name: str) -> dict[str, Property]:
        """What a function answers."""
        result = _class(self._source(_file_of(name)), f"{name[0].upper()}{name[1:]}Result")
        return self._merged(name.removeprefix("get"), {}, _annotations(result), ())

    def arguments(self, name: str) -> list[str]:
        """The names of a function's arguments."""
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
        assert known is not None
        details: dict[str, Any] = {"read_only": given is None}
        if given is not None:
            details |= {"required": given.required, "default": given.default}
        if given is not None and answered is not None and (given.generic, answered.generic) == ("Sequence", "Mapping"):
            return Property("set", **details)
        if known.generic:
            inner = (each.element if each and each.generic else None for each in (given, answered))
            items = self._property(*inner, around)
            return Property("array" if known.generic == "Sequence" else "map", items=items, **details)
        name = _name(known.type)
        if not known.is_class:
            return Property(_SCALARS.get(name, "string"), **details)
        class_name = name.removesuffix("Args").replace("Response", "")
        if class_name in self.opaque or class_name in around:  # or a class within itself
            return Property("any", **details)
        inputs = self._annotations_of("_inputs", given)
        outputs = self._annotations_of("outputs", answered)
        return Property("object", fields=self._merged(class_name, inputs, outputs, (*around, class_name)), **details)

    def _annotations_of(self, file: str, annotation: _Annotation | None) -> _Annotations:
        return _annotations(_class(self._source(file), _name(annotation.type))) if annotation else {}


def _file_of(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def _class(source: str, name: str) -> str:
    """The source of a class, or nothing."""
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
