"""The setup network's DNS, judged by dnspython."""

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import pytest

import captivedns


def _asked(query):
    """dnspython's view of the response to its own query; it refuses a response to another one, and trailing bytes."""
    data = query.to_wire()
    out = bytearray(captivedns.LARGEST)
    n = captivedns.answer(data, len(data), bytes((4, 3, 2, 1)), out)
    response = dns.message.from_wire(bytes(out[:n]))
    assert query.is_response(response)
    return response


@pytest.mark.parametrize("name", ["captive.apple.com", "Connectivitycheck.Gstatic.com", ".", "a." * 127, "æøå.no"])
@pytest.mark.parametrize("kind", ["A", "ANY"])
def test_every_name_has_the_dongles_address(name, kind):
    response = _asked(dns.message.make_query(name, kind))
    assert response.rcode() == dns.rcode.NOERROR
    assert response.flags == dns.flags.QR | dns.flags.AA | dns.flags.RD
    (found,) = response.answer
    assert found.name == response.question[0].name
    assert (found.rdtype, found.rdclass) == (dns.rdatatype.A, dns.rdataclass.IN)
    assert [record.address for record in found] == ["4.3.2.1"]
    assert 0 < found.ttl <= 60
    assert not response.authority and not response.additional


@pytest.mark.parametrize("kind", ["AAAA", "HTTPS", "SVCB", "TXT", "PTR", "SOA", "NS", "MX", "CNAME"])
def test_no_name_has_anything_else(kind):
    response = _asked(dns.message.make_query("captive.apple.com", kind))
    assert response.rcode() == dns.rcode.NOERROR
    assert not response.answer and not response.authority and not response.additional


def test_who_offers_edns_is_answered_without():
    options = [dns.edns.GenericOption(dns.edns.OptionType.PADDING, bytes(100))]
    query = dns.message.make_query("captive.apple.com", "A", use_edns=0, want_dnssec=True, options=options)
    response = _asked(query)
    assert response.edns == -1 and len(response.answer) == 1
