"""Tier 3: the MQTT link on MicroPython: what is acknowledged, what comes in, what the broker retains, the time."""

import struct
import time

import pytest
from paho.mqtt.client import CallbackAPIVersion, Client

from alone import COMMAND, STATUS, TOTAL, Alone, run
from broker import Broker
from ports import free_port
from scripted import PUBACK, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, ScriptedBroker, publish

pytestmark = pytest.mark.tier3

_NO_SUBSCRIPTION = 0x80


@pytest.fixture
def alone(tmp_path, compiled):
    """alone(settings, ...) starts a link; all are ended."""
    started = []

    def start(settings, *first, **options):
        started.append(Alone(tmp_path / f"link{len(started)}", settings, *first, **options))
        return started[-1]

    yield start
    for link in started:
        link.close()


@pytest.fixture
def broker(tmp_path):
    broker = Broker(tmp_path).start()
    yield broker
    broker.stop()


@pytest.fixture
def scripted():
    """scripted(manner, ...) starts a ScriptedBroker."""
    started = []

    def start(*manners):
        started.append(ScriptedBroker(0, *manners))
        return started[-1]

    yield start
    for broker in started:
        broker.stop()


class _User:
    """Somebody else at the broker."""

    def __init__(self, port):
        self.messages = []  # (topic, payload, retained)
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_message = lambda _client, _data, m: self.messages.append((m.topic, m.payload, m.retain))
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def subscribe(self, topic):
        self._client.subscribe(topic, 1)
        time.sleep(0.2)

    def publish(self, topic, payload, qos=0, retain=False):
        self._client.publish(topic, payload, qos, retain).wait_for_publish(5)

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def user(broker):
    user = _User(broker.port)
    yield user
    user.close()


def _serve(peer):
    peer.serve()


def test_a_parcel_at_qos_1_is_delivered_once_it_is_acknowledged(alone, scripted):
    acknowledge = []

    def slow(peer):
        peer.serve(silent_to=(PUBLISH,), until=lambda: acknowledge)
        peer.send(b"\x40\x02" + peer.came(PUBLISH)[-1][-4:-2])
        peer.serve()

    link = alone({"port": scripted(slow).port})
    link.wait(5, fault="ok", parcel_free=True)
    link.tell("send", "han/x/hour", "{}", False, 1)
    link.wait(2, parcel_free=False)
    time.sleep(1)
    assert link.state["delivered"] == 0 and not link.state["parcel_free"]
    acknowledge.append(True)
    link.wait(3, delivered=link.tickets[0], parcel_free=True)


def test_a_parcel_whose_acknowledgement_is_lost_is_sent_again_on_the_next_connection(alone, scripted):
    def breaks_off(peer):
        peer.serve(silent_to=(PUBLISH,), until=lambda: any(b"hour" in body for body in peer.came(PUBLISH)))

    broker = scripted(breaks_off, _serve)
    link = alone({"port": broker.port}, ("send", "han/x/hour", '{"n":1}', False, 1))
    link.wait(6, delivered=1, connections=2)
    assert [peer.came(PUBLISH)[-1][-7:] for peer in broker.peers] == [b'{"n":1}'] * 2


def test_a_parcel_goes_on_waiting_while_the_network_is_away(alone, broker, user):
    user.subscribe("han/x/hour")
    link = alone({"port": broker.port})
    link.wait(5, fault="ok")
    link.tell("network", False)
    link.wait(5, fault="no_network")
    link.tell("send", "han/x/hour", "{}", False, 1)
    link.wait(2, parcel_free=False)
    link.tell("network", True)
    link.wait(5, delivered=1, connections=2, fault="ok")
    assert [message[0] for message in user.messages] == ["han/x/hour"]


def test_packet_ids_go_on_after_65535_with_1(alone, scripted):
    broker = scripted(_serve)
    link = alone({"port": broker.port, "homeassistant.discovery": False}, pid=65533)
    link.wait(5, fault="ok")
    for ticket in (1, 2, 3):
        link.tell("send", "han/x/hour", "{}", False, 1)
        link.wait(5, delivered=ticket)
    (peer,) = broker.peers
    ids = [body[:2] for body in peer.came(SUBSCRIBE)]
    ids += [body[-4:-2] for body in peer.came(PUBLISH) if b"hour" in body]
    assert [struct.unpack(">H", octets)[0] for octets in ids] == [65534, 65535, 1, 2]


def test_a_parcel_of_two_kilobytes_and_a_retained_one_arrive_whole(alone, broker, user):
    user.subscribe("homeassistant/#")
    link = alone({"port": broker.port})
    text = "æøå" * 340
    link.wait(5, fault="ok")
    link.tell("send", "homeassistant/device/x/config", text, True, 1)
    link.wait(5, delivered=1)
    link.tell("send", "homeassistant/device/y/config", "", True, 0)
    link.wait(5, delivered=2)
    time.sleep(0.2)
    assert user.messages == [
        ("homeassistant/device/x/config", text.encode(), False),
        ("homeassistant/device/y/config", b"", False),
    ]


def test_commands_and_home_assistants_birth_come_into_the_inbox(alone, broker, user):
    user.publish("ha/status", "offline", retain=True)
    link = alone({"port": broker.port, "homeassistant.prefix": "ha"})
    link.wait(5, fault="ok")
    link.wait(5, lambda: link.taken)
    user.publish("ha/status", "online")
    user.publish(COMMAND, "restart", qos=1)
    link.wait(5, lambda: len(link.taken) == 3)
    assert link.taken == [("ha/status", "offline", True), ("ha/status", "online", False), (COMMAND, "restart", False)]
    assert link.state["dropped"] == 0


def test_with_discovery_off_home_assistants_birth_is_not_asked_for(alone, scripted):
    broker = scripted(_serve)
    link = alone({"port": broker.port, "homeassistant.discovery": False})
    link.wait(5, fault="ok")
    time.sleep(0.3)
    assert [body[4:-1].decode() for body in broker.peers[0].came(SUBSCRIBE)] == [COMMAND]


def test_what_is_too_large_or_too_much_is_counted_and_not_kept(alone, scripted):
    tell = []

    def talks(peer):
        peer.serve(until=lambda: tell)
        peer.send(publish(COMMAND.encode(), b"x" * 100000, qos=1, pid=77))
        peer.send(publish(b"a/b", b"not asked for"))
        peer.send(publish(COMMAND.encode(), b""))
        peer.send(publish(b"", b""))
        peer.send(publish(COMMAND.encode(), b"x" * 256, qos=1, pid=0xFEDC))
        peer.serve()

    broker = scripted(talks)
    link = alone({"port": broker.port})
    link.wait(5, fault="ok")
    tell.append(True)
    link.tell("send", "a/b", "", False, 1)
    link.wait(5, lambda: len(link.taken) == 2)
    assert [payload for _topic, payload, _retained in link.taken] == ["", "x" * 256]
    link.wait(5, dropped=3, fault="ok", connections=1, delivered=1)
    # QoS 1 wants an acknowledgement of what was skipped too.
    assert broker.peers[0].came(PUBACK) == [b"\x00\x4d", b"\xfe\xdc"]


_NONSENSE = (
    publish(COMMAND.encode(), b"x" * 9, qos=2),
    b"\x30\x03\x00\x05ab",  # a topic longer than its packet
    b"\x30\x00",
    b"\x30\xff\xff\xff\xff\x01",  # a length of five bytes
    b"\x40\x02\x00\x09",  # an acknowledgement of nothing
    b"\x90\x03\x00\x09\x01",
    b"\xb0\x03\x00\x09\x01",
    b"\xd0\x01\x00",
    b"\xe0\x00",
    b"\x00\x00",
    b"HTTP/1.1",
)


def test_what_no_broker_may_say_ends_the_connection_as_nonsense(alone, scripted):
    def says(packet):
        def manner(peer):
            peer.serve(until=lambda: len(peer.came(SUBSCRIBE)) == 2)
            peer.send(packet)
            peer.swallow()

        return manner

    links = [alone({"port": scripted(says(packet), _serve).port}) for packet in _NONSENSE]
    for link in links:
        link.wait(5, lambda link=link: any("the broker's answer makes no sense" in line for line in link.log))
        link.wait(5, fault="ok", connections=2)


_RETAINED = '{"energy_import_wh":5}'


def test_the_total_that_the_broker_retains_comes_before_the_link_is_settled(alone, broker, user):
    user.publish(TOTAL, _RETAINED, retain=True)
    link = alone({"port": broker.port}, ("hold", "total"), ("post", "total", {"energy_import_wh": 0}))
    link.wait(2, settled=True)
    assert link.taken == [(TOTAL, _RETAINED, True)]
    # From now on it is not asked for: what the dongle says itself would come back.
    user.subscribe(TOTAL)
    link.tell("release", "total")
    link.wait(2, lambda: len(user.messages) == 2)
    assert [payload for _topic, payload, _retained in user.messages] == [
        _RETAINED.encode(),
        b'{"energy_import_wh": 0}',
    ]
    time.sleep(0.3)
    assert len(link.taken) == 1 and link.state["dropped"] == 0


def test_without_a_retained_total_the_link_is_settled_after_three_seconds(alone, broker, user):
    link = alone({"port": broker.port}, ("hold", "total"))
    link.wait(5, fault="ok")
    time.sleep(0.3)
    user.publish(TOTAL, "{}")  # not a retained one, and so no answer
    time.sleep(2)
    assert not link.state["settled"]
    link.wait(3, settled=True)


def test_a_connection_that_breaks_before_the_total_came_leaves_it_to_the_next(alone, scripted):
    def breaks_off(peer):
        peer.serve(until=lambda: peer.came(PUBLISH) and len(peer.came(SUBSCRIBE)) == 3)

    def retains(peer):
        peer.serve(until=lambda: len(peer.came(SUBSCRIBE)) == 3)
        peer.send(publish(TOTAL.encode(), _RETAINED.encode(), retained=True))
        peer.serve()

    broker = scripted(breaks_off, retains)
    link = alone({"port": broker.port}, ("hold", "total"))
    link.wait(6, settled=True)
    assert link.state["connections"] == 2 and link.taken == [(TOTAL, _RETAINED, True)]
    link.wait(2, lambda: broker.peers[1].came(UNSUBSCRIBE))
    assert broker.peers[1].came(UNSUBSCRIBE)[0][4:] == TOTAL.encode()


def test_a_held_message_waits_and_the_newest_of_its_topic_is_sent(alone, broker, user):
    user.subscribe("han/#")
    link = alone({"port": broker.port}, ("hold", "energy"), ("post", "energy", 1), ("post", "power", 2))
    link.wait(5, lambda: len(user.messages) == 2)
    link.tell("post", "energy", 3)
    time.sleep(0.3)
    assert [topic for topic, _payload, _retained in user.messages] == [STATUS, "han/han-737431/power"]
    link.tell("release", "energy")
    link.wait(5, lambda: len(user.messages) == 3)
    assert user.messages[-1][1] == b"3"


def test_a_user_who_may_not_subscribe_publishes_all_the_same(alone, scripted):
    broker = scripted(lambda peer: peer.serve(granted=_NO_SUBSCRIPTION))
    link = alone({"port": broker.port}, ("hold", "total"), ("post", "power", {"power_import_w": 1}))
    link.wait(5, fault="no_commands", connections=1)
    link.wait(2, lambda: b'{"power_import_w": 1}' in broker.peers[0].came(PUBLISH)[-1])
    link.wait(5, settled=True)
    assert link.state["connections"] == 1
    assert any("there are no commands" in line for line in link.log)


def test_user_and_password_and_topic_go_out_as_utf_8(alone, scripted):
    broker = scripted(_serve)
    login = {"user": "bjørn", "password": "blåbærsyltetøy"}
    link = alone({"port": broker.port, "homeassistant.prefix": "hjem/å", **login})
    link.wait(5, lambda: broker.peers and len(broker.peers[0].came(SUBSCRIBE)) == 2)
    connect = broker.peers[0].packets[0][1]
    assert connect.endswith("\0\x06bjørn\0\x11blåbærsyltetøy".encode())
    assert broker.peers[0].came(SUBSCRIBE)[1][4:-1] == "hjem/å/status".encode()
    assert "blåbær" not in str(link.log)


@pytest.mark.parametrize(
    "code, word",
    list(
        enumerate(("wrong_version", "device_refused", "unavailable", "wrong_login", "not_authorised", "rejected"), 1)
    ),
)
def test_each_refusal_of_a_broker_has_its_word(alone, scripted, code, word):
    def refuses(peer):
        peer.packet()
        peer.send(b"\x20\x02\x00" + bytes([code]))

    link = alone({"port": scripted(refuses).port})
    link.wait(5, fault=word)


_ERRORS = {
    # The resolver's, on Linux and on the ESP32.
    "OSError('[addrinfo error -2]'), NAME": "name_unknown",
    "OSError('[addrinfo error -3]'), NAME": "no_name_server",
    "OSError(-202), NAME": "name_unknown",
    "OSError(111), CONNECT": "refused",
    "OSError(113), CONNECT": "no_way",
    "OSError(101), CONNECT": "no_way",
    "OSError(118), CONNECT": "no_way",
    "OSError(116), CONNECT": "no_answer",
    "OSError(12), CONNECT": "no_memory",
    "OSError(23), CONNECT": "network_error",
    "OSError(104), HANDSHAKE": "tls_failed",
    "OSError(-0x7200), HANDSHAKE": "tls_failed",
    "OSError(110), HANDSHAKE": "no_answer",
    "OSError(-0x7780), HANDSHAKE": "tls_refused",
    "ValueError('The certificate is signed with an unacceptable hash.'), HANDSHAKE": "cert_refused",
    "OSError(-104), OPEN": "closed",
    "OSError(-0x7280), OPEN": "closed",
    "MemoryError(), OPEN": "no_memory",
    "ValueError(), OPEN": "nonsense",
    "TypeError(), OPEN": "internal",
}


def test_each_error_of_linux_the_esp32_and_mbedtls_has_its_word_and_a_sentence(compiled):
    program = "from app.mqttfaults import *; from app.wire import *\n"
    program += f"for text in {list(_ERRORS)}:\n"
    program += "    error, stage = eval(text); word = word_for(error, stage); print(word, sentence(word, error))\n"
    lines = run(program).splitlines()
    assert [line.split(" ")[0] for line in lines] == list(_ERRORS.values())
    assert len({line.split(" ", 1)[1] for line in lines}) > 12
    assert all(len(line.split(" ", 1)[1]) > 12 for line in lines)


def test_the_time_is_asked_for_also_without_a_broker(alone):
    link = alone({"host": "", "time.server": "time.example"})
    link.wait(5, lambda: any("time: set by time.example" in line for line in link.log))
    link.wait(5, fault="not_set")


def test_a_time_server_that_does_not_answer_is_asked_again_and_stops_nothing(alone, broker, tmp_path, monkeypatch):
    monkeypatch.setenv("HAN_SPEED", "20")
    (tmp_path / "link0").mkdir()
    down = tmp_path / "link0" / "ntp-down"
    down.touch()
    link = alone({"port": broker.port, "time.server": "time.example"})
    link.wait(5, lambda: any("time: not from time.example" in line for line in link.log))
    assert link.state["fault"] == "ok"
    down.unlink()
    link.wait(6, lambda: any("time: set by time.example" in line for line in link.log))
    tries = [int(line[1:7]) for line in link.log if "] time: " in line]
    # The first pause is a minute of the household's.
    assert 60 <= tries[1] - tries[0] < 70
    assert link.state["connections"] == 1


def test_a_port_where_nothing_listens_is_refused(alone):
    alone({"port": free_port()}).wait(5, fault="refused")
