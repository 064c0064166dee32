# Freezes hanport into a MicroPython: include("<this folder>/manifest.py") in the manifest of the board.

metadata(
    description="Reads what comes out of an electricity meter's HAN port",
    version="0.1.0",
    license="MIT",
)

package("hanport")
