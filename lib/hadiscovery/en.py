"""Names in English: a component's key, without its phase, and what it is called."""

NAMES = """
device Electricity meter
power_import_w Power import
power_export_w Power export
reactive_import_var Reactive power import
reactive_export_var Reactive power export
current_a Current
voltage_v Voltage
power_factor Power factor
energy_import_wh Meter reading import
energy_export_wh Meter reading export
reactive_energy_import_varh Reactive meter reading import
reactive_energy_export_varh Reactive meter reading export
energy_import_t1_wh Meter reading import, tariff 1
energy_import_t2_wh Meter reading import, tariff 2
energy_export_t1_wh Meter reading export, tariff 1
energy_export_t2_wh Meter reading export, tariff 2
gas_m3 Gas
total_import Energy used
total_export Energy delivered
last_hour_import Used last hour
last_hour_export Delivered last hour
hour_import Used this hour
hour_export Delivered this hour
day_import Used today
day_export Delivered today
month_import Used this month
month_export Delivered this month
mean Mean of the highest hours
step Capacity step
step_limit Upper limit of the step
hour_limit Limit for the hour
hour_forecast Forecast for the hour
hour_remaining May be used this hour
peak_1 Highest hour
peak_2 Second highest hour
peak_3 Third highest hour
peak_4 Fourth highest hour
peak_5 Fifth highest hour
load_reduce Use less now
load_reason Reason to use less
problem Data from the meter
reading_state State of the reading
frames_good Messages read well
frames_bad Messages with faults
line Line setting
hours_pending Hours not sent yet
rssi WiFi signal
uptime Time since start
mqtt Link to MQTT
mqtt_connections Number of MQTT connections
restart Restart
"""
