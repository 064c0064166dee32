"""Names in Norwegian nynorsk: a component's key, without its phase, and what it is called."""

NAMES = """
device Straummålar
power_import_w Effekt inn
power_export_w Effekt ut
reactive_import_var Reaktiv effekt inn
reactive_export_var Reaktiv effekt ut
current_a Straum
voltage_v Spenning
power_factor Effektfaktor
energy_import_wh Målarstand inn
energy_export_wh Målarstand ut
reactive_energy_import_varh Reaktiv målarstand inn
reactive_energy_export_varh Reaktiv målarstand ut
energy_import_t1_wh Målarstand inn, tariff 1
energy_import_t2_wh Målarstand inn, tariff 2
energy_export_t1_wh Målarstand ut, tariff 1
energy_export_t2_wh Målarstand ut, tariff 2
gas_m3 Gass
total_import Energi brukt
total_export Energi levert
last_hour_import Brukt førre timen
last_hour_export Levert førre timen
hour_import Brukt denne timen
hour_export Levert denne timen
day_import Brukt i dag
day_export Levert i dag
month_import Brukt denne månaden
month_export Levert denne månaden
mean Snitt av dei høgaste timane
step Effekttrinn
step_limit Øvre grense for trinnet
hour_limit Grense for timen
hour_forecast Prognose for timen
hour_remaining Kan brukast i denne timen
peak_1 Høgaste time
peak_2 Nest høgaste time
peak_3 Tredje høgaste time
peak_4 Fjerde høgaste time
peak_5 Femte høgaste time
load_reduce Bruk mindre no
load_reason Grunn til å bruke mindre
problem Data frå målaren
reading_state Status for avlesinga
frames_good Meldingar lesne rett
frames_bad Meldingar med feil
line Linjeinnstilling
hours_pending Timar som ikkje er sende
rssi WiFi-signal
uptime Tid sidan oppstart
mqtt Samband med MQTT
mqtt_connections Tal på MQTT-tilkoplingar
restart Start på nytt
"""
