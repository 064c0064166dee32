"""Registers that lists without codes have one behind the other, and that are judged together."""

from .registers import INDEX

POWERS = bytes((INDEX["power_import_w"], INDEX["power_export_w"]))
REACTIVE_POWERS = bytes((INDEX["reactive_import_var"], INDEX["reactive_export_var"]))
VOLTAGES = bytes((INDEX["l1_voltage_v"], INDEX["l2_voltage_v"], INDEX["l3_voltage_v"]))
CURRENTS = bytes((INDEX["l1_current_a"], INDEX["l2_current_a"], INDEX["l3_current_a"]))
PHASES_IMPORT = bytes((INDEX["l1_power_import_w"], INDEX["l2_power_import_w"], INDEX["l3_power_import_w"]))
PHASES_EXPORT = bytes((INDEX["l1_power_export_w"], INDEX["l2_power_export_w"], INDEX["l3_power_export_w"]))
IMPORTS = bytes((INDEX["energy_import_wh"], INDEX["energy_import_t1_wh"], INDEX["energy_import_t2_wh"]))
EXPORTS = bytes((INDEX["energy_export_wh"], INDEX["energy_export_t1_wh"], INDEX["energy_export_t2_wh"]))
REACTIVE = bytes((INDEX["reactive_energy_import_varh"], INDEX["reactive_energy_export_varh"]))
