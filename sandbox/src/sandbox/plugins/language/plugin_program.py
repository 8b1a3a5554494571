"""A plugin that is a Python program: started for the engine, which reads all that it prints."""

import queue
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import IO, Final, cast

from pulumi.runtime.proto import language_pb2

from sandbox.plugins.language.environments import interpreter
from sandbox.plugins.language.policy_pack import PolicyPackProxy

Output = language_pb2.RunPluginResponse

_TOLD_SECONDS: Final = 10.0
ANALYZER: Final = "analyzer"
"""The kind of a policy pack, in the engine's terms."""


class PluginProgram:
    """One run of a plugin: `outputs` starts it and ends with it, `stop` ends it."""

    def __init__(self, request: language_pb2.RunPluginRequest) -> None:
        self._interpreter = interpreter(request.info, is_plugin=request.kind != ANALYZER)
        self._request = request
        self._proxy = PolicyPackProxy() if request.kind == ANALYZER else None
        self._process: subprocess.Popen[bytes] | None = None
        self._over = threading.Event()
        self._lock = threading.Lock()

    def outputs(self) -> Iterator[Output]:
        """Yield its lines as it prints them, and at last its exit code.

        The first line that the engine reads is a port: the plugin's own, or that of the proxy of a policy pack.

        Raises:
            RuntimeError: a policy pack that did not start.

        """
        if self._proxy is None:
            process = self._start({})
            yield from self._lines(process)
            yield Output(exitcode=process.wait())
        else:
            yield Output(stdout=f"{self._proxy.port}\n".encode())
            try:
                yield from self._judge(self._proxy)
            finally:
                self._proxy.stop()

    def stop(self) -> None:
        with self._lock:
            self._over.set()
            process = self._process
        if process and process.poll() is None:
            process.terminate()
        if self._proxy:
            self._proxy.stop()

    def _judge(self, proxy: PolicyPackProxy) -> Iterator[Output]:
        process = self._start(proxy.environment())
        line = cast("IO[bytes]", process.stdout).readline()
        try:
            port = int(line)
        except ValueError:
            process.terminate()
            # Its own words in the failure itself: the engine ends when it is told of that, and shows no other line.
            words = b"".join([line, *(output.stdout or output.stderr for output in self._lines(process))])
            proxy.fail(f"could not read policy pack port: {words.decode(errors='replace').strip() or 'it ended'}")
            self._over.wait(_TOLD_SECONDS)  # the engine may come to ask only now; told, it ends this
        else:
            proxy.attach(port)
            yield from self._lines(process)
        yield Output(exitcode=process.wait())

    def _start(self, said: Mapping[str, str]) -> subprocess.Popen[bytes]:
        folder = self._request.info.program_directory
        own = {name: value for name, _, value in (entry.partition("=") for entry in self._request.env)}
        with self._lock:
            if self._over.is_set():
                raise RuntimeError("the plugin was ended before it started")
            self._process = subprocess.Popen(
                [self._interpreter, *self._arguments(folder)],
                cwd=folder if self._proxy else self._request.pwd,
                env={**said, **own},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        return self._process

    def _arguments(self, folder: str) -> Sequence[str]:
        if self._proxy:
            return ["-u", "-m", "pulumi.policy", *self._request.args, folder]
        return [folder, *self._request.args]

    def _lines(self, process: subprocess.Popen[bytes]) -> Iterator[Output]:
        printed: queue.Queue[Output | None] = queue.Queue()

        def read(stream: IO[bytes] | None, made: Callable[[bytes], Output]) -> None:
            for line in cast("IO[bytes]", stream):
                printed.put(made(line))
            printed.put(None)

        readers: tuple[tuple[IO[bytes] | None, Callable[[bytes], Output]], ...] = (
            (process.stdout, lambda line: Output(stdout=line)),
            (process.stderr, lambda line: Output(stderr=line)),
        )
        for reader in readers:
            threading.Thread(target=read, args=reader, daemon=True).start()
        open_streams = 2
        while open_streams:
            output = printed.get()
            if output is None:
                open_streams -= 1
            else:
                yield output
