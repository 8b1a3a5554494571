"""Tags of a stack's Azure resources: the key for all of them, those of single resources, and the rules for both."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Self, cast

from pydantic.alias_generators import to_camel

from components.rules import tags as tag_rules
from configuration.errors import Problem, path
from configuration.section import Section, obeys

Tags = dict[str, Annotated[str, obeys(tag_rules.TAG_VALUE)]]
_KEY: Final = "anf-smb:tags"


class TaggedSection(Section):
    """A section whose resource can have tags."""

    tags: Tags | None = None

    @property
    def takes_tags(self) -> bool:
        """Return False for a resource that the stack does not create: it keeps its own tags."""
        return not getattr(self, "existing", False)

    def tagged(self, tags: Mapping[str, str]) -> Self:
        """Return the section with tags of the whole stack besides its own, which win."""
        return self.model_copy(update={"tags": tag_rules.merged(tags, self.tags or {}) or None})


def with_tags(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sections of a stack, each with the tags of the stack where it can have tags."""
    tags: Mapping[str, str] = parts.get("tags", {})

    def tagged(part: Any) -> Any:
        if isinstance(part, list):
            return [tagged(each) for each in cast("list[Any]", part)]
        return part.tagged(tags) if isinstance(part, TaggedSection) else part

    return {name: tagged(part) for name, part in parts.items()}


def tag_problems(parts: Mapping[str, Any], lists: Mapping[str, Mapping[int, Section]]) -> Iterator[Problem]:
    """Yield what Azure would refuse of the tags in valid sections; `lists` are the valid entries of lists, by key."""
    of_stack: Mapping[str, str] = parts.get("tags", {})
    yield from _problems(_KEY, of_stack, {})
    sections = {f"anf-smb:{to_camel(name)}": part for name, part in parts.items()}
    sections |= {path(f"anf-smb:{key}", [index]): part for key, each in lists.items() for index, part in each.items()}
    for key, part in sections.items():
        if isinstance(part, TaggedSection) and part.tags:
            yield from _problems(f"{key}.tags", part.tags, of_stack)
            if not part.takes_tags:
                yield Problem(f"{key}.tags", "is set", "nothing: only what the stack creates gets tags", "remove it")


def _problems(key: str, tags: Mapping[str, str], of_stack: Mapping[str, str]) -> Iterator[Problem]:
    for name in tags:
        if not tag_rules.TAG_NAME.holds(name):
            yield Problem(
                path(key, [name]), "has a name that Azure refuses", tag_rules.TAG_NAME.allowed, "choose another name"
            )
    for name in tag_rules.same_names(tags):
        yield Problem(path(key, [name]), "is there twice: the case does not count", "each name once", "remove one")
    if allowed := tag_rules.too_many_tags(tag_rules.merged(of_stack, tags)):
        beside = f" with those of {_KEY}" if of_stack else ""
        yield Problem(key, f"has too many tags{beside}", allowed, "remove some")
