"""The SDK with many resources: callbacks get a thread and one server, debug lines travel together and none is lost."""

import asyncio
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import grpc
import pulumi
import pytest

from large_stacks import DebugLines, have_enough_threads, prepare_for_many_resources
from tests.unit.unit_mocks import run

_REGISTRATIONS: Final = 200


def test_a_callback_gets_a_thread_though_every_registration_waits_for_it() -> None:
    answered = threading.Event()

    async def program() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(4))  # as the language host
        have_enough_threads()
        registrations = [asyncio.create_task(asyncio.to_thread(answered.wait, 60)) for _ in range(_REGISTRATIONS)]
        await asyncio.sleep(0)  # they take their threads
        await asyncio.wait_for(asyncio.to_thread(answered.set), 30)
        assert all(await asyncio.gather(*registrations))

    try:
        asyncio.run(program())
    finally:
        answered.set()


def test_all_callbacks_have_one_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Resources that are registered at the same time would each start one."""

    def leave_them(_: DebugLines) -> None:
        """Collect nothing: this is not a process of the program alone."""

    monkeypatch.setattr(DebugLines, "collect", leave_them)

    def as_it_is(_: pulumi.ResourceTransformArgs) -> None:
        """Change nothing."""

    def program() -> None:
        prepare_for_many_resources()
        for number in range(20):
            options = pulumi.ResourceOptions(transforms=[as_it_is])
            pulumi.ComponentResource("tests:index:Part", f"part-{number}", opts=options)

    callbacks = [each for made in run(program).monitor.registered for each in made.request.transforms]
    assert len(callbacks) == 20
    assert len({callback.target for callback in callbacks}) == 1


class Engine:
    """Takes messages as the engine does, from any thread."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.others: list[tuple[Any, ...]] = []
        self.asked = threading.Event()
        self.answers = threading.Event()
        self.answers.set()

    def debug(self, msg: str, *others: Any) -> None:
        """Take a debug message; answer once it may."""
        self.asked.set()
        assert self.answers.wait(60)
        if others:
            self.others.append((msg, *others))
        else:
            self.messages.append(msg)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Return what `pulumi.log.debug` sends to."""
    engine = Engine()
    monkeypatch.setattr(pulumi.log, "debug", engine.debug)
    return engine


@pytest.fixture
def lines(engine: Engine) -> Generator[DebugLines]:
    """Yield the debug lines of a program, collected."""
    lines = DebugLines()
    lines.collect()
    yield lines
    engine.answers.set()
    lines.end()


def test_debug_lines_travel_together_in_their_order(engine: Engine, lines: DebugLines) -> None:
    written = [f"registering resource {number}" for number in range(1000)]
    for line in written:
        pulumi.log.debug(line)
    lines.end()
    assert "\n".join(engine.messages).splitlines() == written
    assert len(engine.messages) <= 10


def test_the_program_goes_on_while_the_engine_takes_a_debug_line(engine: Engine, lines: DebugLines) -> None:
    engine.answers.clear()
    pulumi.log.debug("first")
    assert engine.asked.wait(60)
    pulumi.log.debug("second")  # returns though nobody answers
    assert engine.messages == []
    engine.answers.set()
    lines.end()
    assert engine.messages == ["first", "second"]


def test_a_debug_line_of_a_resource_is_sent_as_it_is(engine: Engine, lines: DebugLines) -> None:
    pulumi.log.debug("of a stream", stream_id=3)
    assert engine.others == [("of a stream", None, 3, None)]
    lines.end()
    assert engine.messages == []


def test_lines_after_the_end_and_an_engine_that_has_ended_are_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []

    def ended(msg: str) -> None:
        sent.append(msg)
        raise grpc.RpcError

    monkeypatch.setattr(pulumi.log, "debug", ended)
    lines = DebugLines()
    lines.collect()
    pulumi.log.debug("last")
    lines.end()
    assert sent == ["last"]
    assert pulumi.log.debug is ended
