"""Where a meter's bytes go.

Every output has `address` (where a reader finds it, or None), `dropped` (bytes that nobody took),
`write(data)` and `close()`. A meter is not answered and does not wait: where nobody reads, or reads too
slowly, what is written is dropped. Errors are OSErrors.
"""

import json
import os
import select
import socket
import sys
import time

HOST = "127.0.0.1"
PTY_BUFFER_SIZE = 4096
LAST_READ_S = 0.5  # how long a reader has for the last bytes
LONGEST_WAIT_S = 0.1  # how late it may be noticed that the reader has gone


class FileOutput:
    """A file, or standard output for "-"."""

    address = None
    dropped = 0

    def __init__(self, path):
        # Unbuffered: a closed pipe is then found while writing, and not a second time when Python ends.
        self._file = open(os.dup(sys.stdout.fileno()) if path == "-" else path, "wb", 0)  # noqa: SIM115

    def write(self, data):
        self._file.write(data)

    def close(self):
        self._file.close()


class PtyOutput:
    """A pseudo-terminal in raw mode. With `link`, a symlink there leads to it while it is open.

    A pty has neither speed nor parity, so the line's setting is announced beside the symlink in
    `<link>.line`, as JSON: {"baudrate": 2400, "bits": 8, "parity": "E", "stop": 1, "invert": false, "idle_bits": 0}.

    A pty holds 4 kB, like a UART's buffer; but at a high speed that is soon full when the reader's host is busy. Then
    the meter waits for its reader, `patience_s` at the most.
    """

    def __init__(self, line, link=None, patience_s=0):
        try:
            import tty
        except ImportError:
            raise OSError("this system has no pseudo-terminals; use --tcp") from None
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.address = os.ttyname(slave)
        os.close(slave)  # reading from the master now tells whether somebody else has it open
        os.set_blocking(self._master, False)
        self.dropped = 0
        self._patience_s = patience_s
        self._link = link
        if link:
            self._publish(line)

    def _publish(self, line):
        """The setting first, so that whoever finds the link finds the setting."""
        if os.path.exists(self._link) and not os.path.islink(self._link):
            raise FileExistsError(f"{self._link} exists and is no link of a meter")
        with open(self._link + ".line.new", "w", encoding="ascii") as file:
            json.dump(line.setting, file)
        os.replace(self._link + ".line.new", self._link + ".line")
        os.symlink(self.address, self._link + ".new")
        os.replace(self._link + ".new", self._link)

    def write(self, data):
        deadline = time.monotonic() + self._patience_s
        while data and self._has_reader():
            data = data[self._written(data) :]
            left_s = deadline - time.monotonic()
            if data and left_s <= 0:
                break
            if data:
                select.select([], [self._master], [], min(left_s, LONGEST_WAIT_S))
        if data and not self._has_reader():
            self._discard_unread()
        self.dropped += len(data)

    def _written(self, data):
        try:
            return os.write(self._master, data)
        except BlockingIOError:
            return 0

    def _has_reader(self):
        """Whether the other end is open. What a reader sends is thrown away: the port is one-way."""
        try:
            return os.read(self._master, PTY_BUFFER_SIZE) != b""
        except BlockingIOError:
            return True
        except OSError:  # EIO
            return False

    def _discard_unread(self):
        """What a reader left behind when it went: a UART hears nothing of the time before it was opened."""
        slave = self._open_slave()
        try:
            while os.read(slave, PTY_BUFFER_SIZE):
                pass
        except BlockingIOError:
            pass
        finally:
            os.close(slave)

    def _let_reader_finish(self):
        """The hang-up of a closed pseudo-terminal throws away what has not been read."""
        slave = self._open_slave()
        deadline = time.monotonic() + LAST_READ_S
        while select.select([slave], [], [], 0)[0] and time.monotonic() < deadline:
            time.sleep(0.01)
        os.close(slave)

    def _open_slave(self):
        return os.open(self.address, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    def close(self):
        if self._has_reader():
            self._let_reader_finish()
        if self._link and os.path.islink(self._link) and os.readlink(self._link) == self.address:
            os.unlink(self._link)
            os.unlink(self._link + ".line")
        os.close(self._master)


class TcpOutput:
    """A server on the loopback interface that sends to every connected client. Port 0 takes a free one."""

    def __init__(self, port):
        try:
            self._server = socket.create_server((HOST, port))
        except OSError as error:
            raise OSError(f"port {port}: {error.strerror}") from None
        self._server.setblocking(False)
        self._clients = []
        self.address = f"{HOST}:{self._server.getsockname()[1]}"
        self.dropped = 0

    def write(self, data):
        self._accept()
        for client in list(self._clients):
            try:
                self.dropped += len(data) - client.send(data)
            except BlockingIOError:
                self.dropped += len(data)
            except OSError:
                client.close()
                self._clients.remove(client)

    def _accept(self):
        """Take in those who are waiting: there is nothing for them before the next byte."""
        try:
            while True:
                client, _ = self._server.accept()
                client.setblocking(False)
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._clients.append(client)
        except BlockingIOError:
            pass

    def close(self):
        for client in self._clients:
            client.close()
        self._server.close()


class SerialOutput:
    """A real serial port, at the meter's setting; it cannot invert."""

    address = None
    dropped = 0

    def __init__(self, line, port):
        try:
            import serial
        except ImportError:
            raise OSError("a serial port needs pyserial: pip install pyserial") from None
        self._port = serial.Serial(port, line.baudrate, line.bits, line.parity, line.stop)

    def write(self, data):
        self._port.write(data)

    def close(self):
        self._port.close()
