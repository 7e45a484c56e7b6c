"""Find bubblewrap, which isolates students' code, or install it: `python tools/bubblewrap.py`. Tests do without it."""

import shutil
import subprocess
import sys

from machine import install_debian_package, say

PROBE = ("bwrap", "--ro-bind", "/", "/", "--unshare-all", "true")


def works() -> bool:
    """Whether bubblewrap is here and may make its namespaces; some containers forbid them."""
    return shutil.which("bwrap") is not None and subprocess.run(PROBE, capture_output=True, timeout=60).returncode == 0


def main() -> int:
    if shutil.which("bwrap") is None:
        install_debian_package("bubblewrap")
    if works():
        say(f"Sandbox: {shutil.which('bwrap')}")
    elif shutil.which("bwrap"):
        say("Sandbox: bubblewrap is installed but may not make namespaces here; the tests that need it will be skipped")
    else:
        say("Sandbox: bubblewrap is not installed (Debian: sudo apt install bubblewrap); its tests will be skipped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
