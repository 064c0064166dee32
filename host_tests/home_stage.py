"""The stage for the page at home: a dongle at home, with its label, and somebody who asks for its page."""

import json
import re
import shutil
import time
from datetime import datetime, timezone

import build
import heapbench
import host
import release
from energy.hour import HOUR, SIZE, Hour
from journal import Journal
from phone import Phone
from stage import WIFI, Stage

_NO_NAME = {"server": ""}


def another_version(tmp_path, version="9.9.9", files=(), arch="host", **changes):
    """The .tar of another version, with these files ({path: content}) besides; `changes` of the manifest's lines."""
    folder = tmp_path / "new" / version
    shutil.copytree(host.COMPILED, folder, dirs_exist_ok=True)
    for path, content in dict(files).items():
        (folder / path).write_bytes(content)
    build.write_manifest(folder, arch)
    manifest = folder / build.MANIFEST
    text = re.sub("^version .*", "version " + version, manifest.read_text())
    for old, new in changes.items():
        text = text.replace(old, new)
    manifest.write_text(text)
    return release.archive(folder, tmp_path / f"{version}.tar").read_bytes()


def calendar_start_s():
    """Unix time of 2020-01-01, from which the dongle counts."""
    return int(datetime(2020, 1, 1, tzinfo=timezone.utc).timestamp())


class HomeStage(Stage):
    """`page` asks for the page; log_in() gives it a cookie that get() and change() send."""

    def __init__(self, folder):
        super().__init__(folder)
        (folder / "label").write_text(host.LABEL)
        self.ports = host.free_ports()
        self.page = Phone(self.ports[0])
        self.cookie = None

    def remember(self, count):
        """The dongle has kept so many hours, until now."""
        journal = Journal(str(self.folder / "hours"), SIZE, 73, 28)  # as app.ledger has it
        for _ in journal.replay():
            pass
        now = (int(time.time()) - calendar_start_s()) // 3600
        hour = Hour()
        total_wh = 1000000
        for number in range(now - count, now):
            hour.kind, hour.hour = HOUR, number
            hour.wh = [300 + number % 24 * 100, number % 5 * 10]
            total_wh += hour.wh[0]
            hour.registers = hour.totals = [total_wh, 5000]
            journal.append(hour.pack())

    def start(self, speed=1, program=None, **groups):
        """Start the firmware, its clock so many times as fast, with these groups of settings besides; by another
        program than main.py, where this is its text."""
        settings = {"wifi": WIFI, "meter": self._line(), "time": _NO_NAME, **groups}
        if self.broker.is_running:
            settings.setdefault("mqtt", {"host": "127.0.0.1", "port": self.broker.port})
        return self.start_again(json.dumps(settings), speed, program)

    def start_again(self, settings=None, speed=1, program=None):
        """Start it with the settings that lie there."""
        if program:
            (self.folder / "program.py").write_text(program)
        self.log.clear()
        options = {"program": "program.py"} if program else {}
        variables = {"HAN_SPEED": str(speed)}
        firmware = self.start_firmware_with(settings, variables=variables, ports=self.ports, **options)
        self.wait_for_log("the page is at http://127.0.0.1", 30)
        return firmware

    def log_in(self, password=host.LABEL):
        """Log in; the answer."""
        answer = self.page.post("/api/v1/login", {"password": password})
        if answer.status == 204:
            self.cookie = answer.headers["set-cookie"].split(";")[0]
        return answer

    def get(self, path, **headers):
        return self.patiently("/api/v1/" + path, Cookie=self.cookie, **headers)

    def patiently(self, path, **headers):
        """As the page does: a dongle that has no room for the moment is asked again. More streams there never are."""
        for _ in range(5):
            answer = self.page.get(path, **headers)
            if answer.status != 503 or path.endswith("/events"):
                break
            time.sleep(0.2)
        return answer

    def change(self, method, path, form, **headers):
        return self.page.post("/api/v1/" + path, form, method=method, Cookie=self.cookie, **headers)

    def events(self, seconds):
        """The readings that the stream brings meanwhile."""
        found = []
        with self.page.events(seconds, Cookie=self.cookie) as connection:
            content = b""
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                try:
                    piece = connection.recv(4096)
                except TimeoutError:
                    break
                if not piece:
                    break
                content += piece
        head, _, body = content.partition(b"\r\n\r\n")
        for event in body.decode().split("\n\n"):
            if event.startswith("event: reading\ndata: "):
                found.append(json.loads(event.split("data: ", 1)[1]))
        return head.decode(), found

    def probes(self):
        """The heapbench.Look of every second of a start with heapbench.PROBE."""
        return heapbench.looks_in(self.log)
