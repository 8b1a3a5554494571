"""The resource graph of a run of the program: components, what is in each, and what each takes from others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from tests.unit.unit_mocks import PROVIDER, Registered, Run

_PACKAGE = "anf-smb:index:"
_STYLE = '%%{init: {"flowchart": {"nodeSpacing": 24, "rankSpacing": 34, "subGraphTitleMargin": {"bottom": 22}}}%%'
_TOO_COMMON = frozenset({"name", "namespace", "location", "version", "serviceLevel", "qosType"})
"""Outputs whose values say little: an arrow names them where it is the only way and has nothing else to say."""


@dataclass
class Component:
    """A component of the program and its children."""

    resource: Registered
    children: list[Registered] = field(default_factory=list[Registered])
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def title(self) -> str:
        """Its class."""
        return self.resource.type.removeprefix(_PACKAGE)

    @property
    def node(self) -> str:
        """Its name in the diagram: a class may have several, and a name several classes."""
        return f"{self.title}_{self.resource.name}".replace("-", "_")

    @property
    def in_kubernetes(self) -> bool:
        """Whether its children are made by the Kubernetes provider."""
        return any(child.type.startswith("kubernetes:") for child in self.children)


@dataclass(frozen=True)
class Arrow:
    """What one component takes from another: outputs by name, or none where it only waits for it."""

    source: str
    target: str
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Graph:
    """Components in the order of their names, and the arrows between them."""

    components: Sequence[Component]
    arrows: Sequence[Arrow]


def resource_graph(run: Run) -> Graph:
    """Read a run of the program under mocks: all that it registered, and each component's outputs."""
    by_urn = {resource.urn: resource for resource in run.monitor.registered}
    made = {
        urn: Component(resource, outputs=run.monitor.outputs.get(urn, {}))
        for urn, resource in by_urn.items()
        if resource.type.startswith(_PACKAGE)
    }
    for urn, resource in by_urn.items():
        parent = made.get(resource.request.parent)
        if parent and urn not in made:
            parent.children.append(resource)
    made = {urn: component for urn, component in made.items() if component.children}  # a path holds components alone
    owner = {urn: by_urn[urn].request.parent for urn in by_urn if by_urn[urn].request.parent in made}
    owner |= {urn: urn for urn in made}
    for component in made.values():
        component.children.sort(key=lambda child: (child.type.rpartition(":")[2], child.name))
    needed: dict[tuple[str, str], None] = {}
    for urn, home in owner.items():
        for dependency in sorted(by_urn[urn].request.dependencies):
            if dependency in owner and owner[dependency] != home:
                needed[owner[dependency], home] = None
    taken = {(source, target): _taken(made[source], made[target]) for source, target in needed}
    kept = [
        Arrow(made[source].node, made[target].node, outputs)
        for (source, target), outputs in taken.items()
        if set(outputs) - _TOO_COMMON or not _another_way(needed, source, target)
    ]
    return Graph(
        sorted(made.values(), key=lambda component: component.node),
        sorted(kept, key=lambda arrow: (arrow.source, arrow.target)),
    )


def _taken(source: Component, target: Component) -> tuple[str, ...]:
    """Which outputs of one are inputs of the other, by their values: mocks give each output a value of its own."""
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


def _another_way(needed: Mapping[tuple[str, str], None], source: str, target: str) -> bool:
    """Whether the one is reached from the other over a third: then an arrow of its own would say nothing new."""
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
    """The name of the explicit provider of what is made in the cluster."""
    return run.one(PROVIDER).name


def as_mermaid(graph: Graph, provider: str) -> str:
    """The graph as a Mermaid flowchart: a box for each component, its children in it, one frame for each provider."""
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
    # Links that are not seen, so that the one frame stands below the other: side by side, both would be small.
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
    """Every resource in a Markdown table: its component, type, name, and whether it is protected."""
    rows = ["| component | resource | name | protected |", "|---|---|---|---|"]
    rows.append(f"| | `{PROVIDER}` | {provider_name(run)} | |")
    for component in graph.components:
        for child in component.children:
            home, protected = f"{component.title} {component.resource.name}", "yes" if child.request.protect else ""
            rows.append(f"| {home} | `{child.type}` | {child.name} | {protected} |")
    return "\n".join(rows)
