"""The label of a dongle: its setup network, that network's password, and a QR code with which a phone joins it.

The dongle makes the password itself, by chance, once (firmware/app/label.py), and keeps it over uploads.
"""

from html import escape
from pathlib import Path

import segno
from segno.helpers import make_wifi_data

import build
import dongle
from deploying import keep, ondongle, target
from dongle import DongleError

# A label of 62 × 29 mm, as small label printers have.
_SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" width="62mm" height="29mm" viewBox="0 0 62 29">
<rect width="62" height="29" fill="#fff"/>
<g transform="translate(1 1.5)">{code}</g>
<g font-family="sans-serif" font-size="3" fill="#000">
<text x="29" y="8">WiFi</text><text x="29" y="12.5" font-weight="bold" font-family="monospace">{network}</text>
<text x="29" y="19">Passord / password</text>
<text x="29" y="23.5" font-weight="bold" font-family="monospace">{password}</text>
</g>
</svg>
"""
_CODE_MM = 26
_DOT = 8  # pixels of the PNG


def label(port, out):
    """Show the label of the dongle on the port, and write it as SVG and PNG."""
    port = port or dongle.find_port()
    with dongle.Link(port) as link:
        found = target.examine(link)
        secret = _secret(link, found)
        link.reset()
    network = found.device.upper()
    print(f"Network:  {network}\nPassword: {secret}")
    code = segno.make(make_wifi_data(ssid=network, password=secret, security="WPA"), error="m", micro=False)
    code.terminal(compact=True, border=2)
    folder = Path(out) if out else build.ROOT / "build" / "labels"
    folder.mkdir(parents=True, exist_ok=True)
    for path, write in ((folder / f"{network}.svg", _svg), (folder / f"{network}.png", _png)):
        with keep.private(path) as file:
            write(code, network, secret, file)
        print(f"{path}: to print, and to keep to yourself")


def _secret(link, found):
    """The password; the dongle makes it if there is none yet."""
    folder = found.slot[0] if found.slot else target.FLAT
    try:
        said = link.run(ondongle.LABEL.format(folder=folder))
    except DongleError as error:
        if "ImportError" in str(error):
            raise DongleError("the firmware is not on this dongle yet: make upload first") from None
        raise
    secrets = [line.split(" ", 1)[1] for line in said.splitlines() if line.startswith("secret ")]
    if not secrets:
        raise DongleError("the dongle says no password: make upload first")
    return secrets[0]


def _svg(code, network, secret, file):
    size = code.symbol_size(border=2)[0]
    picture = code.svg_inline(scale=_CODE_MM / size, border=2)
    text = _SVG.format(code=picture, network=escape(network), password=escape(secret))
    file.write(text.encode())


def _png(code, _network, _secret, file):
    code.save(file, kind="png", scale=_DOT, border=4)
