"""What was found. Reasons are positive, and the places of their counters; all else is zero or negative.

A link's look(receiver) returns MORE when it needs more bytes; NOTIFICATION or MESSAGE when it has found an intact
frame; FULL; IDLE, GARBAGE or a reason when it has passed over bytes that are none. A reader returns READING or
PART_READ; MORE for a message that is not whole yet; or a reason. Functions that return a place in a buffer return a
reason as a negative number.
"""

from .const import const

MORE = const(0)
NOTIFICATION = const(-1)  # a Data-Notification, the whole message
MESSAGE = const(-2)  # any other, or a part of one
READING = const(-3)
PART_READ = const(-8)  # READING, but for registers that could not be read, or a list that nobody knows
FULL = const(-4)  # MORE, but there is no room for all that was fed
INSIDE = const(-5)  # MORE, and a look inside the HDLC frame is due
IDLE = const(-6)
GARBAGE = const(-7)

# What is counted, besides the reasons.
BYTES = const(0)
FRAMES = const(1)
READINGS = const(2)
LOST_BYTES = const(3)
UNREADABLE = const(4)

# Why a frame gave no reading. A link's own checks:
HEADER_CHECK = const(5)
FRAME_CHECK = const(6)  # the check sequence, sum or CRC is wrong
END_FLAG = const(7)  # no flag, no 16 where the frame's length says
TRUNCATED = const(8)  # another frame ended, or began, before this one was whole
TOO_LONG = const(9)  # longer than the receive buffer
NOT_TEXT = const(10)  # a P1 telegram with bytes that no text has
NO_CHECK = const(11)  # a P1 telegram without a CRC, which the owner has not allowed
INCOMPLETE = const(12)  # a part of a message is missing
# Of what an intact frame holds:
NO_KEY = const(13)  # it is encrypted
WRONG_KEY = const(14)
WRONG_TAG = const(15)
REPLAYED = const(16)  # the invocation counter did not rise; without a verified tag it is read all the same
UNKNOWN_APDU = const(17)  # no Data-Notification
MALFORMED = const(18)  # it contradicts itself
UNKNOWN_LIST = const(19)  # of no known maker; what it says for itself is read all the same

# A length or an APDU that is not whole: more bytes could mend it.
SHORT = const(-100)
