"""The button: a short press shows how things are, a long one brings the setup network, a very long one forgets."""

import asyncio

_POLL_MS = 50
_SETUP_MS = 5000
_FORGET_MS = 10000


class Button:
    """Watches the button; does what the press was for when it is released."""

    def __init__(self, pin, pressed, on_short, on_setup, on_forget, show):
        """`pin` reads `pressed` (0 or 1) while it is held down. show(1) is called when a release brings the setup
        network, show(2) when it forgets, show(0) when it is released."""
        self._pin = pin
        self._pressed = pressed
        self._actions = (on_short, on_setup, on_forget)
        self._show = show

    async def run(self):
        """Watch, for ever."""
        while True:
            level = await self._press()
            if level >= 0:
                self._actions[level]()
            await asyncio.sleep_ms(_POLL_MS)

    async def _press(self):
        """What the press was for: 0, 1 or 2; -1 when there was none, or a mere spark."""
        held_ms = level = 0
        while self._pin.value() == self._pressed:
            await asyncio.sleep_ms(_POLL_MS)
            held_ms += _POLL_MS
            reached = (held_ms >= _SETUP_MS) + (held_ms >= _FORGET_MS)
            if reached != level:
                level = reached
                self._show(level)
        if level:
            self._show(0)
        return level if held_ms > _POLL_MS else -1
