"""The runbook's tables, made of the troubles that the checks know: `python -m verify.runbook` writes docs/runbook.md.

What stands in the page outside of the two marks is written by hand and stays.
"""

from pathlib import Path
from typing import Final

from verify.catalogue import CATALOGUE
from verify.csi_driver import SMB, TRIDENT
from verify.trouble import Trouble

PAGE: Final = Path(__file__).parent.parent / "docs" / "runbook.md"
BEGIN: Final = "<!-- made by `python -m verify.runbook`: from here -->"
_EXAMPLES: Final = {
    "restore": SMB.restore,
    "tolerations": f"{SMB.tolerations}, {TRIDENT.tolerations}",
}
"""Where a name in capitals would say nothing."""
END: Final = "<!-- made by `python -m verify.runbook`: to here -->"


def tables() -> str:
    """A table for each link of the chain."""
    return "\n".join(_table(heading, troubles) for heading, troubles in CATALOGUE.items())


def page(text: str) -> str:
    """The page with its tables as the code has them."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{tables()}\n{END}{after}"


def _table(heading: str, troubles: tuple[Trouble, ...]) -> str:
    rows = [
        f"| {_cell(each.symptom)} | {_cell(each.cause)} | {_cell(each.fix_for(_EXAMPLES))} | `{each.name}` |"
        for each in troubles
    ]
    return "\n".join(
        [f"## {heading}", "", "| what you see | what it is | the fix | name |", "|---|---|---|---|", *rows, ""]
    )


def _cell(text: str) -> str:
    """Text for a cell: bars escaped, and backslashes outside of code."""
    parts = text.split("`")
    escaped = "`".join(part if index % 2 else part.replace("\\", "\\\\") for index, part in enumerate(parts))
    return escaped.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
