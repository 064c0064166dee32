"""energy: what the meter's registers and powers add up to. Integers in, integers out; time is an argument."""
