"""A simulated electricity meter with a Norwegian HAN port.

encoding   A-XDR values, Data-Notification, LLC, HDLC
lists      what the lists 1, 2 and 3 carry: their bytes, and the reading they must give
makers     one table per maker: Aidon, Embriq, Kaifa, Kamstrup
clock      Norwegian time with and without summer time
house      the household behind the meter: power by the second, registers
push       which list is sent when
line       the serial line: its setting, its pace
outputs    where the bytes go: pseudo-terminal, file, TCP, serial port
"""
