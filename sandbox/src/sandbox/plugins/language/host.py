"""The engine's language protocol (`LanguageRuntime`) for Python programs."""

import importlib.metadata
import platform
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from sandbox.errors import SandboxError
from sandbox.plugins.language import sdks
from sandbox.plugins.language.environments import Installation, RequirementsError, interpreter
from sandbox.plugins.language.plugin_program import Output, PluginProgram

Context = grpc.ServicerContext
_PROGRAM: Final = Path(__file__).with_name("program.py")
_EXIT_AFTER_MESSAGE: Final = 32
_SECONDS_TO_END: Final = 5.0
"""Of an interrupted program, as with the genuine plugin."""


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Runs programs, each in a process of its own: a stack's, and plugins written in Python, such as policy packs.

    It writes the SDKs of packages, and installs requirements with pip. It writes no programs: `pulumi new` and the code
    that `pulumi import` proposes need the genuine plugin.
    """

    def __init__(self, engine_address: str) -> None:
        self._engine_address = engine_address
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    def Handshake(self, request: Any, context: Context) -> language_pb2.LanguageHandshakeResponse:
        """The engine's address, from engines that say it here."""
        self._engine_address = request.engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetRequiredPackages(self, request: Any, context: Context) -> Any:
        """None to install: the plugins lie in the sandbox's PULUMI_HOME, where the engine finds them when it asks."""
        return language_pb2.GetRequiredPackagesResponse()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: Context) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=importlib.metadata.version("pulumi"))

    def About(self, request: Any, context: Context) -> language_pb2.AboutResponse:
        return language_pb2.AboutResponse(executable=sys.executable, version=platform.python_version())

    def GetProgramDependencies(self, request: Any, context: Context) -> Any:
        """Not listed: `pulumi about` then shows none."""
        return language_pb2.GetProgramDependenciesResponse()

    def Run(self, request: language_pb2.RunRequest, context: Context) -> language_pb2.RunResponse:
        process = subprocess.Popen(
            [interpreter(request.info), str(_PROGRAM), self._engine_address],
            stdin=subprocess.PIPE,
            cwd=request.pwd,
        )
        with self._lock:
            self._running.add(process)
        context.add_callback(lambda: _interrupt(process))
        try:
            process.communicate(request.SerializeToString())
        finally:
            with self._lock:
                self._running.discard(process)
        match process.returncode:
            case 0:
                return language_pb2.RunResponse()
            case code if code == _EXIT_AFTER_MESSAGE:
                return language_pb2.RunResponse(bail=True)
            case code if code < 0:
                return language_pb2.RunResponse(error=f"the program was ended by signal {-code}")
            case code:
                return language_pb2.RunResponse(error=f"program exited with non-zero exit code: {code}")

    def RunPlugin(self, request: language_pb2.RunPluginRequest, context: Context) -> Iterator[Output]:
        plugin = PluginProgram(request)
        context.add_callback(plugin.stop)
        yield from plugin.outputs()

    def InstallDependencies(self, request: language_pb2.InstallDependenciesRequest, context: Context) -> Iterator[Any]:
        installation = Installation(request.info, is_plugin=request.is_plugin)
        context.add_callback(installation.stop)
        try:
            for line in installation.outputs():
                yield language_pb2.InstallDependenciesResponse(stdout=line)
        except RequirementsError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))

    def GeneratePackage(self, request: language_pb2.GeneratePackageRequest, context: Context) -> Any:
        try:
            return sdks.generate(request)
        except (SandboxError, RuntimeError) as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))

    def Link(self, request: language_pb2.LinkRequest, context: Context) -> language_pb2.LinkResponse:
        try:
            return language_pb2.LinkResponse(import_instructions=sdks.link(request))
        except RequirementsError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))

    def Cancel(self, request: empty_pb2.Empty, context: Context) -> empty_pb2.Empty:
        with self._lock:
            running = list(self._running)
        for process in running:
            _interrupt(process)
        return empty_pb2.Empty()


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    """Interrupt a program as ^C does, as the genuine plugin's `Cancel` does; kill it if it does not end."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        killer = threading.Timer(_SECONDS_TO_END, process.kill)
        killer.daemon = True
        killer.start()
