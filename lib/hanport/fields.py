"""Places in the arrays of integers that the loops over bytes (loops.py) share with their callers."""

from .const import const

# The stream: buffer[HEAD:TAIL] is still to be looked at, FRONT bytes before it are parts of a message. FED to GIVEN
# is what is still to be copied of the bytes that were lent, ROOM the buffer's size.
HEAD = const(0)
TAIL = const(1)
FRONT = const(2)
FED = const(3)
GIVEN = const(4)
ROOM = const(5)
# The frame that was found: buffer[FIRST:BEHIND] is its content, PART the number of the part of a message that it is
# (0 the first, -1 when it does not say), LAST is not 0 when the message ends with it.
FIRST = const(6)
BEHIND = const(7)
PART = const(8)
LAST = const(9)
# In LAST: no check sequence has shown that nothing is damaged; and the owner has allowed that.
UNCHECKED = const(2)
ALLOWED = const(3)
# The HDLC frame that has begun at HEAD: its length (0: none has), its header's size, its check so far, how far that
# goes from the head, whether flags were seen inside; how far beginnings of others were looked for in it, how many
# found.
LENGTH = const(10)
HEADER = const(11)
CRC = const(12)
SUMMED = const(13)
HAS_FLAGS = const(14)
SEARCHED = const(15)
FOUND = const(16)
# Bytes in the buffer that is lent; not 0 when every feed() is to be looked at, since it may be a dump.
LENT = const(17)
IS_AUTO = const(18)
# And the counters, by the numbers of codes.py.
COUNTS = const(19)

# A reading: STAMP marks what is stored in it, LIST is its number, UNREADABLE counts registers that could not be read,
# and has UNKNOWN added for an unknown list; then three words for each register: the lower and the upper 32 bits of
# its value, and the stamp of the reading that it is of.
STAMP = const(0)
LIST = const(1)
UNREADABLE = const(2)
UNKNOWN = const(0x10000)
VALUES = const(3)
TEXT_SIZE = const(32)  # bytes kept of each text, one behind the other; behind them is the clock

# A list or a telegram: POS to END is what is still to be read, LEFT counts the elements in it, of COUNT in all. It is
# UNOPENED while nothing is read of the Data-Notification FIRST to BEHIND that it is in.
POS = const(0)
END = const(1)
LEFT = const(2)
COUNT = const(3)
UNOPENED = const(-9)  # further than a last item that takes three elements can go below zero
# The item that was read last.
CODE = const(4)  # OBIS code 0xAACCDDEE; NO_CODE, or ODD_CODE for one that is never ours
REGISTER = const(5)  # -1 when the code is not in the table
KIND = const(6)  # NULL, NUMBER, TEXT or OTHER
START = const(7)  # the value's bytes, WIDTH of them
WIDTH = const(8)
LOW = const(9)  # of a NUMBER: its lower and its upper 32 bits, both signed; in lines() HIGH counts billions
HIGH = const(10)
UNIT = const(11)  # DLMS unit; NO_UNIT; 0 for one that we do not know
SCALER = const(12)
PLACES = const(13)  # how many values have a register by their place
NOWHERE = const(255)  # in its stead: not read
LINE = const(14)  # lines(): where the line begins
SIZE = const(15)

NO_CODE = const(-1)
ODD_CODE = const(-2)
NO_UNIT = const(-1)

NULL = const(0)
NUMBER = const(1)
TEXT = const(2)
OTHER = const(3)

# What walk() and lines() return besides READING and reasons (codes.py).
BAD = const(0)  # it contradicts itself, or breaks off
ITEM = const(1)  # an item for the caller to store
NESTED = const(2)  # at POS is a value of several elements; skip() passes over it

# A shift that says: nobody knows how this register is scaled.
UNKNOWN_SHIFT = const(127)
