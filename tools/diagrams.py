"""`python -m tools.diagrams`: draw the pictures in docs/ anew, from what the program registers for stack dev."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tests.unit.unit_mocks import PROJECT, Run, dev
from tools.architecture import architecture
from tools.resource_graph import as_mermaid, as_table, provider_name, resource_graph

_MADE: Final = "<!-- Made by `make docs` from the program. Change tools/, not this file. -->"


def architecture_page(run: Run) -> str:
    """The page with the architecture diagram."""
    return f"""{_MADE}

# Architecture

Stack dev: what is where, by which component of the program (the last line of a box, or in parentheses), and what is
made of what, down to the Pods. Thick arrows are the outputs that would otherwise be copied by hand.

```mermaid
{architecture(run)}```

Each resource, and what depends on what: [resource graph](resource-graph.md).
"""


def resource_graph_page(run: Run) -> str:
    """The page with the resource graph and the table of all resources."""
    graph = resource_graph(run)
    return f"""{_MADE}

# The resource graph of stack dev

One box for each component, with the kinds of resources that it makes. An arrow names the outputs of one component that
are inputs of another; a dotted one is an order without such a value. What waits for a third one anyway has no arrow of
its own.

```mermaid
{as_mermaid(graph, provider_name(run))}
```

{as_table(graph, run)}
"""


PAGES: Final[Mapping[Path, Callable[[Run], str]]] = {
    PROJECT / "docs" / "architecture.md": architecture_page,
    PROJECT / "docs" / "resource-graph.md": resource_graph_page,
}
"""The pages that are drawn, and how."""


def main() -> None:
    """Write every page."""
    for file, draw in PAGES.items():
        file.write_text(draw(dev()))
        print(file.relative_to(PROJECT))


if __name__ == "__main__":
    main()
