"""What tools/fuzz.py consists of.

sources    frames and dumps of every simulated meter, and what they must give
mutations  what is done to them
oracle     which bytes are an intact frame; shares no code with the decoder
trial      one receiver, one stream of bytes, and what must hold whatever the bytes are
"""
