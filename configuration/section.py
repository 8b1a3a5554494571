"""A section of a stack file: its keys, their types and rules, and its component arguments."""

from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError, core_schema

from components import rules

Args = TypeVar("Args")


@dataclass(frozen=True)
class obeys:  # noqa: N801  (an annotation, and reads like one)
    """Validate a value of the right type by a rule of `components/rules`."""

    rule: rules.Rule[Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), **self.rule.schema, "x-allowed": self.rule.allowed}

    def _check(self, value: Any) -> Any:
        if not self.rule.holds(value):
            raise PydanticCustomError("rule", "{allowed}", {"allowed": self.rule.allowed, "source": self.rule.source})
        return value


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
