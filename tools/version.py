"""Which version of the firmware this is: its git tag, or how far it is from one."""

import re
import subprocess
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


def version():
    """As in "0.2.0", or "0.2.0-3-g1a2b3c4" three commits after that tag; pyproject's where there is no tag."""
    git = ["git", "-C", str(_ROOT), "describe", "--tags", "--match", "v[0-9]*"]
    try:
        said = subprocess.run(git, capture_output=True, text=True, timeout=20)
    except OSError:
        said = None
    if said and said.returncode == 0:
        return said.stdout.strip()[1:]
    return re.search(r'^version = "(.+)"$', (_ROOT / "pyproject.toml").read_text(), re.M)[1]
