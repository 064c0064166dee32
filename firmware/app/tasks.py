"""Tasks that run for ever."""

import asyncio
import sys

from app.log import log

_RESTART_S = 1


async def keep(run, *about):
    """Run a task for ever: what it stumbles on is logged, and it starts again."""
    while True:
        try:
            await run(*about)
        except Exception as error:
            log("fault", "a task has failed and starts again")
            sys.print_exception(error)
        await asyncio.sleep(_RESTART_S)
