"""What Home Assistant can be shown, by message. Texts, since a table of tuples would take three times their heap.

A component always stays in the same message, or Home Assistant sees two of one unique id.
"""

# What components of a kind have in common: platform, and its options as Home Assistant abbreviates them. Registers
# and what an hour may take have no state class, so that the Energy Dashboard offers the totals, and not them too.
# What expires is sent at least every 10 s as long as the meter speaks. Whole numbers need no precision.
KINDS = """
power sensor "dev_cla":"power","stat_cla":"measurement","unit_of_meas":"W","exp_aft":60
reactive sensor "dev_cla":"reactive_power","stat_cla":"measurement","unit_of_meas":"var","exp_aft":60
current sensor "dev_cla":"current","stat_cla":"measurement","unit_of_meas":"A","sug_dsp_prc":1,"exp_aft":60
voltage sensor "dev_cla":"voltage","stat_cla":"measurement","unit_of_meas":"V","sug_dsp_prc":1,"exp_aft":60
factor sensor "dev_cla":"power_factor","stat_cla":"measurement","sug_dsp_prc":2,"exp_aft":60
register sensor "dev_cla":"energy","unit_of_meas":"Wh","ent_cat":"diagnostic"
reactive_register sensor "dev_cla":"reactive_energy","unit_of_meas":"varh","ent_cat":"diagnostic"
gas sensor "dev_cla":"gas","stat_cla":"total_increasing","unit_of_meas":"m³","sug_dsp_prc":2
total sensor "dev_cla":"energy","stat_cla":"total_increasing","unit_of_meas":"Wh"
amount sensor "dev_cla":"energy","unit_of_meas":"Wh"
demand sensor "dev_cla":"power","stat_cla":"measurement","unit_of_meas":"W"
step sensor "stat_cla":"measurement"
signal binary_sensor "ic":"mdi:flash-alert"
cause sensor "dev_cla":"enum","ops":["none","hour","fuse"]
problem binary_sensor "dev_cla":"problem","ent_cat":"diagnostic"
state sensor "dev_cla":"enum","ent_cat":"diagnostic","ops":["ok","starting","no_bytes","no_frames","no_key",\
"wrong_key","wrong_tag","no_check","no_lists","stopped"]
counter sensor "stat_cla":"total_increasing","ent_cat":"diagnostic"
level sensor "stat_cla":"measurement","ent_cat":"diagnostic"
text sensor "ent_cat":"diagnostic"
signal_strength sensor "dev_cla":"signal_strength","stat_cla":"measurement","unit_of_meas":"dBm",\
"ent_cat":"diagnostic"
duration sensor "dev_cla":"duration","unit_of_meas":"s","ent_cat":"diagnostic"
restart button "dev_cla":"restart","ent_cat":"config","pl_prs":"restart"
"""

# The message's name and topic; then a component a line: its key, its kind; what the meter must have, "-" for nothing;
# and where the value is, "-" for nowhere. Without these two it is a register: the meter must have it, and the value
# is under its key. The mean of the highest hours and the limit of the step are in W, as grid companies state steps.
MESSAGES = (
    """power power
power_import_w power
power_export_w power
reactive_import_var reactive
reactive_export_var reactive""",
    """power_import_phases power
l1_power_import_w power
l2_power_import_w power
l3_power_import_w power""",
    """power_export_phases power
l1_power_export_w power
l2_power_export_w power
l3_power_export_w power""",
    """reactive_import_phases power
l1_reactive_import_var reactive
l2_reactive_import_var reactive
l3_reactive_import_var reactive""",
    """reactive_export_phases power
l1_reactive_export_var reactive
l2_reactive_export_var reactive
l3_reactive_export_var reactive""",
    """currents state
l1_current_a current
l2_current_a current
l3_current_a current""",
    """voltages state
l1_voltage_v voltage
l2_voltage_v voltage
l3_voltage_v voltage""",
    """factors state
power_factor factor
l1_power_factor factor
l2_power_factor factor
l3_power_factor factor""",
    """registers energy
energy_import_wh register
energy_export_wh register
reactive_energy_import_varh reactive_register
reactive_energy_export_varh reactive_register
gas_m3 gas""",
    """tariffs energy
energy_import_t1_wh register
energy_import_t2_wh register
energy_export_t1_wh register
energy_export_t2_wh register""",
    """register_import_phases energy
l1_energy_import_wh register
l2_energy_import_wh register
l3_energy_import_wh register""",
    """register_export_phases energy
l1_energy_export_wh register
l2_energy_export_wh register
l3_energy_export_wh register""",
    """total total
total_import total import energy_import_wh
total_export total export energy_export_wh""",
    """hour hour
last_hour_import amount import import_wh
last_hour_export amount export export_wh""",
    """usage usage
hour_import total import hour_import_wh
hour_export total export hour_export_wh
day_import total import day_import_wh
day_export total export day_export_wh
month_import total import month_import_wh
month_export total export month_export_wh""",
    """capacity capacity
mean demand import mean_wh|d(None)
step step import step|d(None)
step_limit demand import step_limit_wh|d(None)
hour_limit amount import hour_limit_wh|d(None)
hour_forecast amount import hour_forecast_wh|d(None)
hour_remaining amount import hour_remaining_wh|d(None)""",
    """peaks capacity
peak_1 amount peak_1 {{(value_json.peaks[0]|d({})).import_wh|d(None)}}
peak_2 amount peak_2 {{(value_json.peaks[1]|d({})).import_wh|d(None)}}
peak_3 amount peak_3 {{(value_json.peaks[2]|d({})).import_wh|d(None)}}
peak_4 amount peak_4 {{(value_json.peaks[3]|d({})).import_wh|d(None)}}
peak_5 amount peak_5 {{(value_json.peaks[4]|d({})).import_wh|d(None)}}""",
    """load load
load_reduce signal - {{'ON' if value_json.reduce else 'OFF'}}
load_reason cause - reason""",
    """reading diagnosis
problem problem - {{'OFF' if value_json.state in('ok','starting') else 'ON'}}
reading_state state - state
frames_good counter - counters.frames|d(0)
frames_bad counter - {% set c=value_json.counters %}{{c.header_check|d(0)+c.frame_check|d(0)+c.end_flag|d(0)\
+c.truncated|d(0)+c.not_text|d(0)}}
line text - line""",
    """dongle diagnosis
hours_pending level - hours_pending
rssi signal_strength - rssi_dbm|d(None)
uptime duration - uptime_s
mqtt text - mqtt
mqtt_connections counter - mqtt_connections
restart restart - -""",
)
