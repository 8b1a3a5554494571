"""A section of a stack file: its keys, their types and rules, and the way of its values to a component."""

from typing import Annotated, Any, TypeVar, cast

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from components import rules

Args = TypeVar("Args")


def obeys(rule: rules.Rule[Any]) -> AfterValidator:
    """Validate a value of the right type by a rule of `components/rules`."""

    def check(value: Any) -> Any:
        if not rule.holds(value):
            raise PydanticCustomError("rule", "{allowed}", {"allowed": rule.allowed, "source": rule.source})
        return value

    return AfterValidator(check)


Namespace = Annotated[str, obeys(rules.NAMESPACE)]
ServiceLevel = Annotated[str, obeys(rules.SERVICE_LEVEL)]
Minutes = Annotated[int, obeys(rules.MINUTES)]


class Section(BaseModel):
    """A mapping of the stack file: camelCase keys, no others, and types as YAML gives them."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    def taken_by(self, args: type[Args]) -> Args:
        """Return the keys that are arguments of a component, by name; the component's defaults hold for the rest.

        This is the only way of a value from the stack file to a component.
        """
        names = [name for name in args.__annotations__ if name in self._names()]
        given = {name: getattr(self, name) for name in names}
        return cast("Args", {name: _plain(value) for name, value in given.items() if value is not None})

    @classmethod
    def _names(cls) -> set[str]:
        properties = {name for base in cls.__mro__ for name, kind in vars(base).items() if isinstance(kind, property)}
        return {*cls.model_fields, *properties}


def _plain(value: Any) -> Any:
    return value.model_dump(exclude_none=True) if isinstance(value, Section) else value
