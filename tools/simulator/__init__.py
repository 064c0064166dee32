"""A simulated electricity meter with a customer port, HAN, H1 or P1. It shares no code with the decoder.

makers/    one table per maker and country
maker      what such a table consists of
registers  what can be measured: keys, OBIS codes
lists      lists as Data-Notifications, and the reading that they must give
telegrams  the same of P1 telegrams
dsmr       those of DSMR: tariffs, gas and water on their channels
encoding   A-XDR values, Data-Notification
ciphering  general-glo-ciphering
links      HDLC, M-Bus, general blocks
checks     their check sequences
clock      local time with and without summer time, and what clocks claim
house      the household behind the meter: power by the second, registers
push       which list is sent when
faults     what goes wrong on request
uart       what a reader hears whose line is set wrongly
line       the serial line: its setting, its pace
outputs    where the bytes go: pseudo-terminal, file, TCP, serial port
options    the words of the command meter.py
"""
