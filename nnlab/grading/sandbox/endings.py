"""How a process ended, in words."""

from __future__ import annotations

import signal


def in_words(status: int) -> str:
    """An exit status as a student would want to read it."""
    if status >= 0:
        return f"it ended itself with exit status {status}"
    name = signal.Signals(-status).name if -status in set(signal.Signals) else str(-status)
    reasons = {"SIGSEGV": "memory was misused or the recursion went too deep", "SIGXCPU": "no processor time was left"}
    reasons |= {"SIGKILL": "it was stopped from outside, or used up its processor time", "SIGABRT": "it gave up"}
    return f"it was ended by {name}" + (f": {reasons[name]}" if name in reasons else "")
