"""`python -m sandbox.plugins.language ENGINE-ADDRESS`: the plugin process that the engine starts."""

import sandbox.plugins.lean_sdk  # noqa: F401  # pyright: ignore[reportUnusedImport]  # makes what follows light

# isort: split
from pulumi.runtime.proto import language_pb2_grpc

from sandbox.plugins.language.host import LanguageHost
from sandbox.plugins.plugin import serve

serve(lambda engine: LanguageHost(engine.address), language_pb2_grpc.add_LanguageRuntimeServicer_to_server)
