"""The resource graph of a run of the program: components, their resources, and the outputs that they use."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from tests.unit.unit_mocks import PROVIDER, STASH, Registered, Run

_PACKAGE = "anf-smb:index:"
_STYLE = '%%{init: {"flowchart": {"nodeSpacing": 24, "rankSpacing": 34, "subGraphTitleMargin": {"bottom": 22}}}%%'
_TOO_COMMON = frozenset({"name", "namespace", "location", "version", "serviceLevel", "qosType"})
"""Outputs with common values: an arrow names them only if it is the only path and has no other output."""


@dataclass
class Component:
    """A component of the program and its children."""

    resource: Registered
    children: list[Registered] = field(default_factory=list[Registered])
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def title(self) -> str:
        """Return the name of its class."""
        return self.resource.type.removeprefix(_PACKAGE)

    @property
    def node(self) -> str:
        """Return its unique name in the diagram, from class and name."""
        return f"{self.title}_{self.resource.name}".replace("-", "_")

    @property
    def in_kubernetes(self) -> bool:
        """Return whether its children belong to the Kubernetes provider."""
        return any(child.type.startswith("kubernetes:") for child in self.children)


@dataclass(frozen=True)
class Arrow:
    """The outputs of one component that another uses; none for a dependency without values."""

    source: str
    target: str
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Graph:
    """Components sorted by name, and the arrows between them."""

    components: Sequence[Component]
    arrows: Sequence[Arrow]


def resource_graph(run: Run) -> Graph:
    """Return the graph of a run of the program under mocks."""
    by_urn = {resource.urn: resource for resource in run.monitor.registered}
    components = {
        urn: Component(resource, outputs=run.monitor.outputs.get(urn, {}))
        for urn, resource in by_urn.items()
        if resource.type.startswith(_PACKAGE)
    }
    for urn, resource in by_urn.items():
        parent = components.get(resource.request.parent)
        if parent and urn not in components:
            parent.children.append(resource)
    # A path has only components as children.
    components = {urn: component for urn, component in components.items() if component.children}
    owner = {urn: by_urn[urn].request.parent for urn in by_urn if by_urn[urn].request.parent in components}
    owner |= {urn: urn for urn in components}
    for component in components.values():
        component.children.sort(key=lambda child: (child.type.rpartition(":")[2], child.name))
    needed: dict[tuple[str, str], None] = {}
    for urn, home in owner.items():
        for dependency in sorted(by_urn[urn].request.dependencies):
            if dependency in owner and owner[dependency] != home:
                needed[owner[dependency], home] = None
    used = {(source, target): _outputs_used(components[source], components[target]) for source, target in needed}
    kept = [
        Arrow(components[source].node, components[target].node, outputs)
        for (source, target), outputs in used.items()
        if set(outputs) - _TOO_COMMON or not _has_other_path(needed, source, target)
    ]
    return Graph(
        sorted(components.values(), key=lambda component: component.node),
        sorted(kept, key=lambda arrow: (arrow.source, arrow.target)),
    )


def _outputs_used(source: Component, target: Component) -> tuple[str, ...]:
    """Return the outputs of one component that are inputs of the other; each mock output has a unique value."""
    inputs = {text for child in target.children for text in _texts(child.inputs)}
    found = {name for name, value in source.outputs.items() if isinstance(value, str) and value in inputs}
    return tuple(sorted(found - _TOO_COMMON or found))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in cast("Mapping[str, Any]", value).values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _texts(item)


def _has_other_path(needed: Mapping[tuple[str, str], None], source: str, target: str) -> bool:
    """Return whether another path connects the two components, which makes their arrow redundant."""
    reached, ahead = set[str](), [end for start, end in needed if start == source and end != target]
    while ahead:
        here = ahead.pop()
        if here == target:
            return True
        if here not in reached:
            reached.add(here)
            ahead += [end for start, end in needed if start == here]
    return False


def provider_name(run: Run) -> str:
    """Return the name of the Kubernetes provider."""
    return run.one(PROVIDER).name


def as_mermaid(graph: Graph, provider: str) -> str:
    """Return the graph as a Mermaid flowchart: a box for each component, a frame for each provider."""
    lines = [_STYLE, "flowchart TB"]
    for title, inside in (("azure-native", False), (f"kubernetes, provider {provider}", True)):
        lines.append(f'  subgraph {"kubernetes" if inside else "azure"}["{title}"]')
        lines += [
            f'    {component.node}["{_label(component)}"]'
            for component in graph.components
            if component.in_kubernetes is inside
        ]
        lines.append("  end")
    for arrow in graph.arrows:
        label = f'|"{"<br/>".join(arrow.outputs)}"|' if arrow.outputs else ""
        lines.append(f"  {arrow.source} {'-->' if arrow.outputs else '-.->'}{label} {arrow.target}")
    # Invisible links place one frame below the other; side by side, both would be small.
    nodes = {inside: {c.node for c in graph.components if c.in_kubernetes is inside} for inside in (False, True)}
    last = nodes[False] - {arrow.source for arrow in graph.arrows if arrow.target in nodes[False]}
    first = nodes[True] - {arrow.target for arrow in graph.arrows if arrow.source in nodes[True]}
    lines.append(f"  {' & '.join(sorted(last))} ~~~ {' & '.join(sorted(first))}")
    return "\n".join(lines)


def _label(component: Component) -> str:
    kinds = [child.type.rpartition(":")[2] for child in component.children]
    counted = {kind: kinds.count(kind) for kind in kinds}
    children = [f"{count} {kind}s" if count > 1 else kind for kind, count in counted.items()]
    return "<br/>".join((f"<b>{component.title}</b>", f"<i>{component.resource.name}</i>", *children))


def as_table(graph: Graph, run: Run) -> str:
    """Return a Markdown table of every resource: component, type, name and protection."""
    rows = ["| component | resource | name | protected |", "|---|---|---|---|"]
    rows += [f"| | `{token}` | {run.one(token).name} | |" for token in (STASH, PROVIDER)]
    for component in graph.components:
        for child in component.children:
            home, protected = f"{component.title} {component.resource.name}", "yes" if child.request.protect else ""
            rows.append(f"| {home} | `{child.type}` | {child.name} | {protected} |")
    return "\n".join(rows)
