"""The settings of an Azure resource: those that a component makes, and those of others."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast, get_args, get_origin

from pulumi._types import input_type_types, is_input_type  # the SDK has no other list of a type's properties

from components import rules
from components.guest.property_paths import is_within, path_in, value_at

_UNSET: Final = ("", 0, "Disabled", "Default")
"""What Azure reports for a setting that nobody has made, besides nothing and false."""
TAGS: Final = "tags"
_STATE: Final = "provisioningState"  # among the inputs of some types, but none


@dataclass(frozen=True, kw_only=True)
class AzureType:
    """A type of resource. Its settings have the paths of Pulumi: `tags`, `activeDirectories[0].dns`."""

    title: str
    """The type in words, for errors."""
    look_up: str
    """The function of azure-native that reads such a resource."""
    names: tuple[str, ...]
    """The inputs that name the resource; `look_up` takes the same."""
    inputs: type
    """The SDK's class of the inputs, as the API version has them."""
    sdk_defaults: tuple[str, ...] = ()
    """Inputs that the SDK adds where a component says nothing: they are settings of others then."""
    shared: tuple[str, ...] = ()
    """Objects in which a component makes some settings, and others make others; tags are shared wherever they are."""
    hidden: str | None = None
    """The managed setting that is a secret."""
    from_state: tuple[str, ...] = ()
    """Settings of others that go back only as the state has them: azure-native replaces a resource to set them."""
    constant: tuple[str, ...] = ()
    """Settings that Azure does not take back: one that the component no longer makes stays as it is."""
    no_settings: tuple[str, ...] = ()
    """Other properties: identities, actions, and children that azure-native itself sends back."""
    unset: Mapping[str, Any] = field(default_factory=dict[str, Any], hash=False)
    """What Azure reports for a setting that nobody has made, where it is not empty, false or Disabled."""
    arguments: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    """The arguments, COMPONENT.ARGUMENT, that make settings of others those of the component, by path."""

    def settings_of(self, inputs: Mapping[str, Any], given: Collection[str] = ()) -> dict[str, Any]:
        """Return what a component sets by its inputs, by path; `given` are SDK defaults that it sets itself."""
        found: dict[str, Any] = {}
        for name, value in inputs.items():
            held = self._shared_at(name)
            if held and isinstance(parts := value_at(inputs, held), Mapping):
                found |= {path_in(held, part): given for part, given in cast("Mapping[str, Any]", parts).items()}
            elif name in given or name not in {*self.names, *self.no_settings, *self.sdk_defaults}:
                found[name] = value
        return {path: value for path, value in found.items() if value is not None and not path.startswith("__")}

    def settings_of_others(self, live: Mapping[str, Any], ours: Collection[str]) -> dict[str, Any]:
        """Return what others have set on a resource that azure-native reports as `live`, in the form of inputs.

        `ours` are the settings that the component makes or has made.
        """
        found = {path: _as_input(value, declared) for path, declared, value in self._foreign(live, ours)}
        return {path: value for path, value in found.items() if not self.is_unset(path, value)}

    def places_of_others(self, inputs: Mapping[str, Any], live: Mapping[str, Any], ours: Collection[str]) -> list[str]:
        """Return where settings of others can be beside these inputs of a component.

        All tags are such a place while Azure has ours: the state may have tags of others that Azure has no longer.
        """
        places = [path for path, _, _ in self._foreign({**inputs, TAGS: live.get(TAGS) or {}}, ours)]
        tags = [path for path in ours if is_within(path, TAGS)]
        has_ours = bool(tags) and all(value_at(inputs, path) == value_at(live, path) for path in tags)
        return [*(path for path in places if not is_within(path, TAGS)), TAGS] if has_ours else places

    def argument(self, path: str) -> str | None:
        """Return the argument that makes a setting of others the component's, as errors name it."""
        component, _, name = self.arguments.get(path, "").rpartition(".")
        return rules.argument(component, name) if name else None

    def is_unset(self, path: str, value: Any) -> bool:
        """Return True for what Azure reports at a path where nobody has made a setting."""
        if path == TAGS or is_within(path, TAGS):
            return value is None or value == {}
        return _is_unset(value) or value == self.unset.get(path)

    def _foreign(self, holder: Mapping[str, Any], ours: Collection[str]) -> Iterator[tuple[str, Any, Any]]:
        """Yield path, declared type and value of each property of the type that is not ours."""
        yield from self._foreign_in(self.inputs, holder, {*ours, *self.names, *self.no_settings}, "")

    def _foreign_in(
        self, kind: type, holder: Mapping[str, Any], left_out: Collection[str], prefix: str
    ) -> Iterator[tuple[str, Any, Any]]:
        for name, declared in input_type_types(kind).items():
            path = f"{prefix}{name}"
            if path in left_out:
                continue
            value, shared = holder.get(name), self._shared_at(path)
            ours_in_it = shared is not None and any(is_within(left, shared) for left in left_out)
            held = cast("Mapping[str, Any] | None", value_at(holder, shared)) if shared and ours_in_it else None
            if held is not None and path == TAGS:
                yield from _foreign_tags(held, left_out)
            elif held is not None and shared and (nested := _class_in(declared)):
                yield from self._foreign_in(nested, held, left_out, f"{shared}.")
            else:
                yield path, declared, value

    def _shared_at(self, path: str) -> str | None:
        """Return the shared object at a path: that of `activeDirectories` is `activeDirectories[0]`."""
        return next((holder for holder in (TAGS, *self.shared) if holder.partition("[")[0] == path), None)


def _foreign_tags(tags: Mapping[str, Any], ours: Collection[str]) -> Iterator[tuple[str, Any, Any]]:
    """Yield the tags that are not ours; Azure takes names that differ in case alone for the same."""
    known = {path.casefold() for path in ours}
    for name, value in tags.items():
        if (path := path_in(TAGS, name)).casefold() not in known:
            yield path, str, value


def _class_in(declared: Any) -> type | None:
    """Return the SDK's class of an object, or of the items of a list."""
    if isinstance(declared, type):
        return declared if is_input_type(declared) else None
    return next((found for part in get_args(declared) if (found := _class_in(part))), None)


def _as_input(value: Any, declared: Any) -> Any:
    """Return a value that Azure reports as azure-native sends it, without what can only be read."""
    kind = _class_in(declared)
    match value:
        case Mapping() if kind:
            fields, given = input_type_types(kind), cast("Mapping[str, Any]", value)
            settable = [name for name in fields if name != _STATE and given.get(name) is not None]
            parts = {name: _as_input(given[name], fields[name]) for name in settable}
            return parts or None
        case Mapping() if get_origin(declared) in (Sequence, list):  # the identities of a resource, by their ids
            return [*cast("Mapping[str, Any]", value)]
        case list():
            return [_as_input(item, declared) for item in cast("list[Any]", value)]
        case _:
            return value


def _is_unset(value: Any) -> bool:
    match value:
        case None | bool():
            return not value
        case Mapping():
            return all(_is_unset(part) for part in cast("Mapping[str, Any]", value).values())
        case list():
            return not value
        case _:
            return value in _UNSET
