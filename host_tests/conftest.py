"""Where imports come from, and what is said at the end of a run."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
for folder in ("lib", "tools", "host_tests/lib", "host_tests"):
    sys.path.insert(0, str(ROOT / folder))
