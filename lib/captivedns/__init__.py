"""captivedns: the DNS answers of a setup network, where every name has one address, the dongle's.

RFC 1035, without input or output: a query's bytes go in, the response's come out. What is no plain question gets
none: nobody in a setup network has a reason to send it.
"""

LARGEST = 287  # bytes of a response: 12 of header, 255 of name, 4 of type and class, 16 of record

_HEADER = 12  # RFC 1035, 4.1.1
_LONGEST_QUERY = 512  # RFC 1035, 4.2.1
_LONGEST_NAME = 255  # with its lengths and the root's; RFC 1035, 3.1
# A larger length would be a pointer (RFC 1035, 4.1.4), and before a question's name there is nothing to point to.
_LONGEST_LABEL = 63
# Of the header's third byte: QR, the four bits of the opcode, AA, TC, RD.
_RESPONSE = 0x80
_OPCODE = 0x78
_AUTHORITATIVE = 0x04
_TRUNCATED = 0x02
_RECURSION_DESIRED = 0x01
# RFC 1035, 3.2.2 to 3.2.4.
_A = 1
_ANY_TYPE = 255
_IN = 1
# An A record but for its address: a pointer to the question's name, A, IN, a TTL of 10 s, 4 bytes of data. After 10 s
# a phone that is back in its own network asks for the name again; with none it would ask for each part of the page.
_RECORD = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x0a\x00\x04"
_ADDRESS = 4


def answer(query, n, address, out):
    """Write the response to `query[:n]` into `out`, of LARGEST bytes or more; how many there are, 0 for no response.

    `address` is an IPv4 address of 4 bytes. A question of type A or * in class IN gets it; every other one (AAAA;
    SVCB and HTTPS of RFC 9460) gets NOERROR and no record, which says that the name exists and has none of these, so
    that the phone goes on with its A. A response is the header, the question, the record: an EDNS option is not
    answered (RFC 6891, 7), and without an SOA the absence of a record is not cached (RFC 2308, 5).

    No response gets what is none of this: responses, opcodes but QUERY (no phone sends them, and a NOTIMP would have
    nothing to copy), truncated queries, other than one question, names that are compressed, too long or cut short,
    more than 512 bytes. Never raises, whatever the bytes; allocates nothing.
    """
    end = _question_end(query, n)
    if not end:
        return 0
    for i in range(end):
        out[i] = query[i]
    out[2] = _RESPONSE | _AUTHORITATIVE | query[2] & _RECURSION_DESIRED
    for i in range(3, _HEADER):
        out[i] = 0  # no recursion, NOERROR, no records
    out[5] = 1
    if not _asks_for_address(query, end):
        return end
    out[7] = 1
    for i in range(len(_RECORD)):
        out[end + i] = _RECORD[i]
    end += len(_RECORD)
    for i in range(_ADDRESS):
        out[end + i] = address[i]
    return end + _ADDRESS


def _question_end(query, n):
    """Where the question of a plain query ends; 0 when it is none."""
    if not _HEADER < n <= _LONGEST_QUERY or query[2] & (_RESPONSE | _OPCODE | _TRUNCATED):
        return 0
    if query[4] or query[5] != 1:
        return 0
    end = _HEADER
    while end < n and query[end]:
        if query[end] > _LONGEST_LABEL:
            return 0
        end += 1 + query[end]
    end += 1  # the root's length, 0
    if end - _HEADER > _LONGEST_NAME or end + 4 > n:
        return 0
    return end + 4


def _asks_for_address(query, end):
    """Whether the type and class before `end` are those of an A record."""
    is_type = not query[end - 4] and (query[end - 3] == _A or query[end - 3] == _ANY_TYPE)
    return is_type and not query[end - 2] and query[end - 1] == _IN
