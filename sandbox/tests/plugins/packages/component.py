"""A component package in Python: one class, no cloud."""

from pathlib import Path

_MAIN = """
from pulumi.provider.experimental import component_provider_host

from greeting import Greeting

if __name__ == "__main__":
    component_provider_host(name="greetings", version="0.1.0", components=[Greeting])
"""
_CLASS = '''
from typing import TypedDict

import pulumi


class GreetingArgs(TypedDict):
    whom: pulumi.Input[str]
    """Who is greeted."""


class Greeting(pulumi.ComponentResource):
    """A sentence."""

    text: pulumi.Output[str]
    """The sentence itself."""

    def __init__(self, name: str, args: GreetingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("greetings:index:Greeting", name, {}, opts)
        whom = pulumi.Output.from_input(args["whom"])
        part = pulumi.ComponentResource("greetings:parts:Part", f"{name}-part", {}, pulumi.ResourceOptions(parent=self))
        self.text = pulumi.Output.all(whom, part.urn).apply(lambda known: f"Hello, {known[0]}.")
        self.register_outputs({"text": self.text})
'''


def write_component(folder: Path, options: str = "") -> Path:
    """Create the package in a folder and return the folder. `options` are its runtime's, in YAML."""
    folder.mkdir(parents=True)
    runtime = f"{{name: python, options: {options}}}" if options else "python"
    (folder / "PulumiPlugin.yaml").write_text(f"runtime: {runtime}\n")
    (folder / "__main__.py").write_text(_MAIN)
    (folder / "greeting.py").write_text(_CLASS)
    return folder
