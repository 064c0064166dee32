"""Names in Norwegian bokmål: a component's key, without its phase, and what it is called."""

NAMES = """
device Strømmåler
power_import_w Effekt inn
power_export_w Effekt ut
reactive_import_var Reaktiv effekt inn
reactive_export_var Reaktiv effekt ut
current_a Strøm
voltage_v Spenning
power_factor Effektfaktor
energy_import_wh Målerstand inn
energy_export_wh Målerstand ut
reactive_energy_import_varh Reaktiv målerstand inn
reactive_energy_export_varh Reaktiv målerstand ut
energy_import_t1_wh Målerstand inn, tariff 1
energy_import_t2_wh Målerstand inn, tariff 2
energy_export_t1_wh Målerstand ut, tariff 1
energy_export_t2_wh Målerstand ut, tariff 2
gas_m3 Gass
total_import Energi brukt
total_export Energi levert
last_hour_import Brukt forrige time
last_hour_export Levert forrige time
hour_import Brukt denne timen
hour_export Levert denne timen
day_import Brukt i dag
day_export Levert i dag
month_import Brukt denne måneden
month_export Levert denne måneden
mean Snitt av de høyeste timene
step Effekttrinn
step_limit Øvre grense for trinnet
hour_limit Grense for timen
hour_forecast Prognose for timen
hour_remaining Kan brukes i denne timen
peak_1 Høyeste time
peak_2 Nest høyeste time
peak_3 Tredje høyeste time
peak_4 Fjerde høyeste time
peak_5 Femte høyeste time
load_reduce Bruk mindre nå
load_reason Grunn til å bruke mindre
problem Data fra måleren
reading_state Status for avlesningen
frames_good Meldinger lest riktig
frames_bad Meldinger med feil
line Linjeinnstilling
hours_pending Timer som ikke er sendt
rssi WiFi-signal
uptime Tid siden oppstart
mqtt Forbindelse til MQTT
mqtt_connections Antall MQTT-tilkoblinger
restart Start på nytt
"""
