"""What some meters do not measure on three-wire (IT) nets, from what they do: L2's current, and one line voltage.

Sinusoidal values are assumed. On such a net the phase currents add up to zero; with the powers as two wattmeters
(Aron) see them, S = U12 I1* + U32 I3*, and U12 and U32 60 degrees apart, the angle between I1 and I3 follows, but for
its sign; of the two that are possible the smaller I2 is taken, which is right for loads that draw active power.
"""

# Types of Kaifa and of Embriq for such nets, which send a zero for the line voltage 1-3 in the place of L2.
_WITHOUT_U2 = (b"MA304H3E", b"MA304T3", b"ZFF1")
_PERMILLE = 1000
_SIN_60 = 866


def lacks_u2(meter_type):
    """True for types that do not measure the voltage in L2's place."""
    return meter_type in _WITHOUT_U2


def voltage_mv(u1_mv, u3_mv):
    """The third line voltage: the difference of two that are 60 degrees apart (law of cosines)."""
    return _root(u1_mv * u1_mv + u3_mv * u3_mv - u1_mv * u3_mv)


def current_ma(power_w, reactive_var, i1_ma, i3_ma, u12_mv, u32_mv):
    """L2's current. Powers are import less export, over all phases; the sign of the currents does not matter."""
    i1_ma, i3_ma = abs(i1_ma), abs(i3_ma)
    # In mVA; a and b are what the two wattmeters would see as apparent power.
    a, b = u12_mv * i1_ma // 1000, u32_mv * i3_ma // 1000
    s_2 = (power_w * power_w + reactive_var * reactive_var) * 1000000
    if not a or not b:
        return max(i1_ma, i3_ma)
    cos = max(-_PERMILLE, min(_PERMILLE, (s_2 - a * a - b * b) * _PERMILLE // (2 * a * b)))
    sin = _root(_PERMILLE * _PERMILLE - cos * cos)
    cos_60_more = (cos * _PERMILLE // 2 - _SIN_60 * sin) // _PERMILLE
    return _root(max(0, i1_ma * i1_ma + i3_ma * i3_ma + 2 * i1_ma * i3_ma * cos_60_more // _PERMILLE))


def _root(number):
    """The whole part of the square root (Heron's method)."""
    if number < 2:
        return number
    root = 1 << (_bits(number) + 1) // 2
    while True:
        better = (root + number // root) // 2
        if better >= root:
            return root
        root = better


def _bits(number):
    bits = 0
    while number:
        number >>= 1
        bits += 1
    return bits
