"""Waiting for the first of several things."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def first_of(*works: Coroutine[Any, Any, object]) -> int:
    """The index of what ends first; the others are cancelled. A failure of the first is raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        done = next(index for index, task in enumerate(tasks) if task.done())
        tasks[done].result()
        return done
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def ended(future: "asyncio.Future[Any]") -> None:
    """Return when a future is done, whatever became of it; cancelling this wait leaves it alone."""
    await asyncio.wait([future])
