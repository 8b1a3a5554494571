"""Runs the program in this folder until it registers its first resource, with an engine that is played.

Started by path in the program's folder, with the stack's configuration in a JSON file as its argument.
"""

import asyncio
import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.stack import run_pulumi_func


class _Nothing(Mocks):
    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        return {}, None

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        return args.name, args.inputs


class _FirstResource(MockMonitor):
    """Ends the process at the first resource that is not the stack itself."""

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> resource_pb2.RegisterResourceResponse:  # noqa: N802
        if request.type != "pulumi:pulumi:Stack":
            os._exit(0)
        return super().RegisterResource(request)


def _main(config: Path) -> None:
    sys.path[0] = str(Path.cwd())
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    settings: dict[str, str] = json.loads(config.read_text())
    pulumi.runtime.set_all_config(settings, [key for key in settings if key.endswith("Password")])
    mocks = _Nothing()
    pulumi.runtime.set_mocks(mocks, "anf-smb", "dev", preview=True, monitor=_FirstResource(mocks))

    def program() -> None:
        runpy.run_path("__main__.py", run_name="__main__")

    loop.run_until_complete(run_pulumi_func(program))
    sys.exit("The program has registered no resource.")


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
