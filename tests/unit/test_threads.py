"""Callbacks of the engine get a thread, whatever number of registrations wait for them."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from threads import have_enough_threads

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
