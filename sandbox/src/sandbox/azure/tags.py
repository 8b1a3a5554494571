"""The tags of a resource, as Azure Resource Manager takes them."""

from typing import Any, Final

from sandbox.azure.errors import ArmError
from sandbox.azure.shapes import mapping

_MOST: Final = 50
_LONGEST_NAME: Final = 512
_LONGEST_VALUE: Final = 256
_FORBIDDEN: Final = "<>%&\\?/"
_RESERVED: Final = ("azure", "microsoft", "windows")


def tags_in(body: dict[str, Any]) -> dict[str, str] | None:
    """Return the tags of a request; None if it has none. Refuse what Azure does not take.

    The limits are documented. The words of InvalidTagNameCharacters and InvalidTagValueLength are Azure's.
    """
    # Guess: the codes and words for tags that Azure does not take, but for forbidden characters and long values.
    tags = mapping(body.get("tags"), "tags")
    for name, value in tags.items():
        if {*name} & {*_FORBIDDEN} or not name.isprintable():
            listed = ",".join(_FORBIDDEN)
            text = f"The tag names '{name}' have reserved characters '{listed}' or control characters."
            raise ArmError(400, "InvalidTagNameCharacters", text)
        if not 0 < len(name) <= _LONGEST_NAME:
            raise ArmError(400, "InvalidTagNameLength", f"A tag name must have 1 to {_LONGEST_NAME} characters.")
        if name.lower().startswith(_RESERVED):
            raise ArmError(400, "ReservedTagName", f"The tag name '{name}' begins with a prefix reserved for Azure.")
        if not isinstance(value, str):
            raise ArmError(400, "InvalidRequestContent", f"The value of tag '{name}' must be a text.")
        if len(value) > _LONGEST_VALUE:
            text = (
                f"Tag value too large. Following tag value '{value}' exceeded the maximum length. Maximum allowed "
                f"length for tag value - '{_LONGEST_VALUE}' characters."
            )
            raise ArmError(400, "InvalidTagValueLength", text)
    if len(tags) > _MOST:
        raise ArmError(400, "TooManyTags", f"A resource can have {_MOST} tags at most; these are {len(tags)}.")
    if len({name.lower() for name in tags}) < len(tags):
        raise ArmError(400, "DuplicateTagNames", "Tag names differ in more than case.")
    return tags if body.get("tags") is not None else None
