"""Fills in what a meter on a three-wire (IT) net does not measure, and says what that was."""

from hanport.registers import INDEX

_TYPE = INDEX["meter_type"]
_POWERS = (
    INDEX["power_import_w"],
    INDEX["power_export_w"],
    INDEX["reactive_import_var"],
    INDEX["reactive_export_var"],
)
_I1 = INDEX["l1_current_a"]
_I2 = INDEX["l2_current_a"]
_I3 = INDEX["l3_current_a"]
_U1 = INDEX["l1_voltage_v"]
_U2 = INDEX["l2_voltage_v"]
_U3 = INDEX["l3_voltage_v"]
_NEEDED = _POWERS + (_I1, _I3, _U1, _U3)


def fill_in(reading):
    """Add the missing current or voltage of L2 to the reading; returns the numbers of the registers added.

    Only where the meter says by its list or its type that it does not measure them: a phase that is gone must show.
    """
    for index in _NEEDED:
        if not reading.has(index):
            return ()
    if reading.value(_I2) and reading.value(_U2):
        return ()  # as nearly everywhere
    try:
        from energy import threewire
    except (MemoryError, ImportError):
        return ()  # the heap is full, or was in the middle of it; perhaps there is room the next time
    added = ()
    lacks_u2 = reading.has(_TYPE) and threewire.lacks_u2(reading.value(_TYPE))
    if lacks_u2 and not reading.value(_U2):
        reading.put(_U2, threewire.voltage_mv(reading.value(_U1), reading.value(_U3)))
        added = (_U2,)
    # Aidon's lists for such nets leave the current out; a Kaifa T3 sends a zero for it as for the voltage.
    if reading.has(_U2) and (not reading.has(_I2) or (lacks_u2 and not reading.value(_I2))):
        import_w, export_w, import_var, export_var = (reading.value(index) for index in _POWERS)
        # Lists name the line voltages U12, U13, U23 in the places of L1, L2, L3.
        current_ma = threewire.current_ma(
            import_w - export_w,
            import_var - export_var,
            reading.value(_I1),
            reading.value(_I3),
            reading.value(_U1),
            reading.value(_U3),
        )
        reading.put(_I2, current_ma)
        added += (_I2,)
    return added
