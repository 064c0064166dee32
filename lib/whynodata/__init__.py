"""whynodata: why an owner gets no data. From evidence to one cause, and the next step in the owner's language.

Causes are words; nb.txt, nn.txt and en.txt beside this file have a line for each, and the text of an order to the
grid company; faults.txt says which cause a failure of the MQTT link has. What is wanted of them is read when it is.
"""

import textfile

_SILENT_S = 25  # twice a Kamstrup's interval: so long nothing is missing
_LISTENED_S = 60  # a fixed setting that hears bytes has heard six lists of a Kamstrup
_DEAF_S = 120  # and one that hears none has outlasted a meter's own restart, which takes up to a minute
_HOUR_S = 3700  # by then each meter has sent its clock
# Frames that came well and that one setting would have read. The wrong key comes first: what it makes of a frame may
# by chance look right, and then the tag is wrong too.
_UNREAD = ("wrong_key", "wrong_tag", "no_key", "unknown_list")
# What a weak supply explains; and it is said when there is nothing else to say.
_WEAK = ("noise", "stopped", "wifi_weak", "wifi_failed", "starting", "ok")
_WIFI = ("not_set", "password", "not_found", "weak", "no_address")


class Evidence:
    """What the firmware knows; integers, but for flags and the two words. "Lately" is the last one or two minutes.

    A counter that is named like one of the decoder's (hanport.REASONS) is that one, counted lately.
    """

    def __init__(self):
        self.uptime_s = 0  # since the dongle's start
        self.silent_s = -1  # since the last reading; -1: none since the start
        self.had_readings = False  # in an earlier life of this dongle
        # The serial line: the owner's setting, or the search's best one (linesearch: best(), laps).
        self.is_fixed = False  # by the owner
        self.laps = 0  # how many times all settings were tried in vain
        self.baudrate = 0
        self.is_inverted = False
        self.bursts = 0  # since the start, as all in this group: bytes after a silence
        self.openings = 0  # of these, those that began as a frame does
        self.headers = 0  # frames with a right header check
        # The bare RX pin, before the UART was opened.
        self.edges = -1  # -1: nobody has looked
        self.idle_level = -1  # 0 or 1; -1: unknown
        self.pulse_us = 0  # the shortest one; 0: none, or unknown
        # Since the start, whatever the setting.
        self.bytes = 0
        self.frames = 0  # intact ones, as firmware/app/reader.py counts them for the search
        self.bad_headers = 0  # header_check and not_text
        # Lately.
        self.late_bytes = 0
        self.late_frames = 0  # intact ones, as above
        self.damaged = 0  # header_check, frame_check, end_flag, truncated, not_text, incomplete together
        self.no_key = self.wrong_key = self.wrong_tag = self.no_check = 0
        self.unknown_list = 0  # unknown_list, unknown_apdu and malformed together
        self.doubtful = ""  # what is left out since its scale is doubtful: voltage, current, power or energy
        self.is_supply_weak = False  # its voltage is low, or it was lost again and again soon after a start
        self.is_bus_powered = False  # the board lives from the meter's port
        # "" connected, "connecting"; else "not_set", "password", "not_found", "no_address"; "weak": lost again and
        # again, by a router below -80 dBm; anything else: it failed.
        self.wifi = ""
        self.mqtt = ""  # "" connected, "not_set", or a word of firmware/app/mqttfaults.txt
        self.is_clock_known = True


def cause(evidence):
    """One word. What the owner can mend comes first, in the data's order: meter, WiFi, broker, clock; "starting" and
    "searching" when that is all there is to say, and then what is lacking although data comes."""
    meter = _meter(evidence)
    word = meter
    if meter in ("", "starting", "searching"):
        word = _network(evidence) or meter or _blemish(evidence)
    return "weak_supply" if evidence.is_supply_weak and word in _WEAK else word


def _meter(evidence):
    """Why there are no readings; "" when there are."""
    if 0 <= evidence.silent_s < _SILENT_S:
        return ""
    for reason in _UNREAD:
        if getattr(evidence, reason):
            return reason
    # Noise makes some of what ends a telegram without a check.
    if evidence.no_check > evidence.damaged:
        return "no_check"
    if evidence.frames:
        # Bytes without frames, after it went well: the setting is right.
        is_noisy = evidence.late_bytes and evidence.damaged >= evidence.late_frames
        return "noise" if is_noisy else "starting" if evidence.uptime_s < _LISTENED_S else "stopped"
    if not _is_enough(evidence):
        return "searching" if evidence.late_bytes else "starting"
    return _unread_bytes(evidence) if evidence.late_bytes else _silence(evidence)


def _is_enough(evidence):
    """Has it listened long enough, with every setting that it may use, to say why nothing was found?"""
    if evidence.is_fixed:
        return evidence.uptime_s >= (_LISTENED_S if evidence.late_bytes else _DEAF_S)
    return evidence.laps > 0


def _silence(evidence):
    """Nothing comes. That the port is shut is only said where nothing has ever come."""
    if evidence.had_readings:
        return "stopped"
    if evidence.bytes or evidence.edges > 0 or evidence.pulse_us:
        return "no_signal"
    return "bus_silent" if evidence.is_bus_powered else "port_shut"


def _unread_bytes(evidence):
    """Bytes come, and never a frame. The table in lib/README.md shows what each wrong setting hears."""
    if evidence.headers or not evidence.is_fixed:
        return "noise"
    if evidence.idle_level >= 0 and evidence.is_inverted == (evidence.idle_level == 1):
        return "inverted"
    if _has_other_pulses(evidence):
        return "wrong_speed"
    # The first byte after a silence is right whatever the parity, and the second never is.
    if 2 * evidence.openings > evidence.bursts:
        return "noise" if evidence.bad_headers else "wrong_parity"
    return "noise" if 8 * evidence.openings >= evidence.bursts else "wrong_speed"


def _has_other_pulses(evidence):
    """Is the shortest pulse no bit of this speed? Twice a bit it may well be."""
    if not evidence.pulse_us or not evidence.baudrate:
        return False
    bit_us = 1000000 // evidence.baudrate
    return 2 * evidence.pulse_us < bit_us or evidence.pulse_us > 3 * bit_us


def _network(evidence):
    """Why what was read does not arrive; "" when it does."""
    wifi = evidence.wifi
    if wifi == "connecting":
        return "starting"
    if wifi:
        return "wifi_" + (wifi if wifi in _WIFI else "failed")
    if evidence.mqtt:
        found = _line("faults", evidence.mqtt) or "broker_failed"
        if found != "-":
            return found
    return "clock" if not evidence.is_clock_known and evidence.uptime_s > _HOUR_S else ""


def _blemish(evidence):
    """Data comes and arrives: what is not as it should be?"""
    if evidence.doubtful:
        return "scale_" + evidence.doubtful
    if evidence.unknown_list:
        return "unknown_list"
    return "noise" if evidence.damaged > evidence.late_frames else "ok"


def _line(name, wanted):
    """What stands behind a word in one of our files; None when it is not there."""
    return textfile.first(__file__, name + ".txt", wanted + " ")


def text(cause, language):
    """(title, next step) of a cause in "nb", "nn" or "en", for people. Raises ValueError for a word that is no cause,
    OSError for a language that there is no file of."""
    title, bar, step = (_line(language, cause) or "").partition(" | ")
    if not bar:
        raise ValueError("no such cause: " + cause)
    return title, step


def order(language, name="", address="", meter=""):
    """The text with which an owner orders the port's opening from the grid company, to be copied; what is empty stays
    as a placeholder in brackets. Nothing of it is kept."""
    name = name or _line(language, "[name]")
    address = address or _line(language, "[address]")
    meter = meter or _line(language, "[meter]")
    lines = textfile.lines(__file__, language + ".txt", "order")
    return "\n".join([line[1:].format(name=name, address=address, meter=meter) for line in lines])
