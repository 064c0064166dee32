"""A simulated stretch of weeks with everything that goes wrong in a house.

plan      what goes wrong when, drawn from a seed
network   the way from the dongle to its broker, which can be cut
listener  who hears all that the broker is given
world     meter, firmware, broker, network, listener: they live through a plan
life      one run of a plan, and what `make` prints of it
checks    whether what was heard is what the meter counted
verdict   the checks of a whole run, in words
"""
