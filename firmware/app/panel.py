"""The board's button and LED, and what a press does."""

from app.button import Button
from app.led import Led
from app.log import log

_FORGOTTEN = {"wifi.ssid": "", "wifi.password": "", "owner.password": ""}


class Panel:
    """`runs` has what is to run for ever: nothing on a board without button and LED."""

    def __init__(self, board, settings, wifi, on_setup):
        self._settings = settings
        self._wifi = wifi
        self._on_setup = on_setup
        self.led = Led(board)
        self.runs = [self.led.run] if board.has_led else []
        button = board.button_pin()
        if button:
            actions = (self.led.ask, self._open_setup, self._forget)
            self.runs.append(Button(*button, *actions, self.led.show_level).run)

    def _open_setup(self):
        log("button", "setup network")
        self._on_setup()

    def _forget(self):
        """WiFi and the page's password, for the next owner or a forgotten one; the hours stay. Then it is set up
        anew."""
        log("button", "WiFi and password are forgotten")
        from app import config

        try:
            config.change(_FORGOTTEN)
        except OSError as error:
            log("settings", f"the flash refuses: {error}")
        self._settings.update(_FORGOTTEN)
        self._wifi.change()
        self._on_setup()
