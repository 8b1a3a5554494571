"""Runs one Pulumi program once: a fresh process each time, as the genuine language plugin does.

Reads the engine's RunRequest from standard input. It is started by path, not as a module, and imports nothing of the
sandbox: the program must see only its own folder and its own environment.
"""

import asyncio
import gc
import logging
import os
import runpy
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pulumi
from pulumi.runtime.proto import language_pb2

EXIT_AFTER_MESSAGE = 32  # what tells the engine that the program said all there is to say
OBJECTS_BETWEEN_COLLECTIONS = 1_000_000  # SDKs are a third of that, and stay: looking for garbage in them takes long


def _user_traceback(error: BaseException, folder: str) -> str:
    """The error with the frames of the user's program alone, if it has any: those of the runtime explain nothing."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = next((index for index, frame in enumerate(frames) if frame.filename.startswith(folder)), 0)
    shown = traceback.format_list(frames[inside:]) + traceback.format_exception_only(error)
    return "Traceback (most recent call last):\n" + "".join(shown)


def _run(request: language_pb2.RunRequest, engine_address: str) -> int:
    # Tasks that nobody awaits are usual when a program fails; asyncio's complaints about them would bury the error.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    pulumi.runtime.set_all_config(dict(request.config), list(request.configSecretKeys))
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            project=request.project,
            stack=request.stack,
            monitor=request.monitor_address,
            engine=engine_address,
            parallel=request.parallel,
            dry_run=request.dryRun,
            organization=request.organization or "organization",
            root_directory=request.info.root_directory,
        )
    )
    os.chdir(request.pwd)
    program = request.info.entry_point or request.program
    sys.argv = [program, *request.args]

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    workers = ThreadPoolExecutor(max_workers=max(request.parallel, 1) * 4)
    loop.set_default_executor(workers)
    folder = str(Path(program).resolve() if Path(program).is_dir() else Path(program).resolve().parent)

    def run_program() -> None:
        runpy.run_path(program, run_name="__main__")

    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(run_program))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return 1
    except Exception as error:  # whatever a program raises is shown, then ends it
        pulumi.log.error("Program failed with an unhandled exception:\n" + _user_traceback(error, folder))
        return EXIT_AFTER_MESSAGE
    finally:
        workers.shutdown(wait=True)
        loop.close()
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    del sys.path[0]  # this file's folder, which Python put there
    code = _run(language_pb2.RunRequest.FromString(sys.stdin.buffer.read()), sys.argv[1])
    gc.freeze()  # nor at its end: the process takes it all away
    sys.exit(code)
