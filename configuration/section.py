"""A section of a stack file: its keys, their types and rules, and its component arguments."""

from typing import Annotated, Any, TypeVar, cast

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from components import rules

Args = TypeVar("Args")


def obeys(rule: rules.Rule[Any]) -> AfterValidator:
    """Return a validator that checks a value against a rule of `components/rules`."""

    def check(value: Any) -> Any:
        if not rule.holds(value):
            raise PydanticCustomError("rule", "{allowed}", {"allowed": rule.allowed, "source": rule.source})
        return value

    return AfterValidator(check)


Namespace = Annotated[str, obeys(rules.NAMESPACE)]
ServiceLevel = Annotated[str, obeys(rules.SERVICE_LEVEL)]
Minutes = Annotated[int, obeys(rules.MINUTES)]


class Section(BaseModel):
    """A mapping of the stack file: camelCase keys, no unknown keys, and the types of YAML without conversion."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    def arguments_of(self, args: type[Args]) -> Args:
        """Return the values of the keys that are arguments of a component; its defaults apply to the other arguments.

        Every value of the stack file reaches its component this way.
        """
        names = [name for name in args.__annotations__ if name in self._names()]
        values = {name: getattr(self, name) for name in names}
        return cast("Args", {name: _plain(value) for name, value in values.items() if value is not None})

    @classmethod
    def _names(cls) -> set[str]:
        properties = {name for base in cls.__mro__ for name, kind in vars(base).items() if isinstance(kind, property)}
        return {*cls.model_fields, *properties}


def _plain(value: Any) -> Any:
    return value.model_dump(exclude_none=True) if isinstance(value, Section) else value
