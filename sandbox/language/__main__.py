"""`python -m sandbox.language ENGINE-ADDRESS`: the plugin process that the engine starts."""

import sandbox.providers.lean_sdk  # noqa: F401  # pyright: ignore[reportUnusedImport]  # makes what follows light

# isort: split
from pulumi.runtime.proto import language_pb2_grpc

from sandbox.language.host import LanguageHost
from sandbox.providers.plugin import serve

serve(lambda engine: LanguageHost(engine.address), language_pb2_grpc.add_LanguageRuntimeServicer_to_server)
