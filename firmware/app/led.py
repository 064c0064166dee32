"""The LED's language (boards/README.md): a flash for each reading, a number of blinks for what is wrong, in
another colour where the board has one."""

import asyncio

# How many blinks; a cause's group is what it begins with.
_WELL, _METER = 1, 2
_WELL_WORDS = ("ok", "starting", "searching")
_GROUPS = (("wifi_", 3), ("broker_", 4), ("clock", 5), ("firmware", 6))
_ON_MS, _OFF_MS = 120, 280
_PAUSE_MS = 2000
_SHOWN = 3  # times that a short press has the number shown, also when all is well
_STEADY, _HURRIED, _SLOW = 100, 100, 500


class Led:
    """Shows what show() was told last; `setup_is_open` and the button's levels come before it."""

    def __init__(self, board):
        self._board = board
        self._code = _WELL
        self.setup_is_open = False
        self._level = 0
        self._asked = 0
        self._has_reading = False

    def show(self, cause):
        """One of lib/whynodata's causes."""
        self._code = _WELL if cause in _WELL_WORDS else _METER
        for begin, code in _GROUPS:
            if cause.startswith(begin):
                self._code = code

    def flash(self):
        """A reading has come."""
        self._has_reading = True

    def ask(self):
        """Show how things are, whatever they are."""
        self._asked = _SHOWN

    def show_level(self, level):
        """The button is held: 1 long enough for the setup network, 2 to forget, 0 no more."""
        self._level = level

    async def run(self):
        """Blink for ever."""
        while True:
            if self._level > 1:
                await self._hold(True)
            elif self._level:
                await self._blink(_HURRIED, _HURRIED)
            elif self._asked:
                self._asked -= 1
                await self._count()
            elif self.setup_is_open:
                await self._blink(_SLOW, _SLOW)
            elif self._code > _WELL:
                await self._count()
            elif self._has_reading:
                self._has_reading = False
                await self._blink(_ON_MS, _OFF_MS)
            else:
                await self._hold(False)

    async def _count(self):
        self._board.led(False)  # the button's steady light has another colour
        for _ in range(self._code):
            if self._level:
                return
            await self._blink(_ON_MS, _OFF_MS, self._code > _WELL)
        for _ in range(_PAUSE_MS // _STEADY):
            if self._level:
                return
            await self._hold(False)

    async def _hold(self, is_on):
        self._board.led(is_on)
        await asyncio.sleep_ms(_STEADY)

    async def _blink(self, on_ms, off_ms, is_fault=False):
        self._board.led(True, is_fault)
        await asyncio.sleep_ms(on_ms)
        self._board.led(False, is_fault)
        await asyncio.sleep_ms(off_ms)
