"""The sandbox: students' code in a process that holds no tests, no solutions, no network and no other process.

Trust runs one way. The trusted side (`session`, `conversation`) sends plain data and reads plain data; it never
unpickles, and never calls a method of a student's object. The other side (`inside`) runs with the student's code, so
nothing it says is believed: a reply is only ever the value of the call that was asked, and a student who forges it has
merely returned that value.

A submission's process is a fork of a warm interpreter (`warm`, `inside.zygote`), which costs milliseconds where a new
Python with NumPy costs a tenth of a second. The fork joins namespaces that bubblewrap made for this submission alone
(`bubblewrap`), becomes a user of its own, gives up every capability, and puts a filter on its system calls
(`inside.lockdown`, `inside.seccomp`) before the first line of the student's code. The interpreter it was forked from
was started with an empty environment and has never seen a test, a solution or another submission, so there is nothing
in its memory to find.
"""

from nnlab.grading.sandbox.bubblewrap import SandboxError
from nnlab.grading.sandbox.cleaning import clean
from nnlab.grading.sandbox.errors import RemoteEnded, RemoteError, RemoteTimeout
from nnlab.grading.sandbox.limits import Limits
from nnlab.grading.sandbox.outcomes import CellOutcome
from nnlab.grading.sandbox.remote import RemoteFunction, RemoteModule
from nnlab.grading.sandbox.session import Session
from nnlab.grading.sandbox.starting import KINDS
from nnlab.grading.sandbox.warm import WarmInterpreter

__all__ = [
    "KINDS",
    "CellOutcome",
    "Limits",
    "RemoteEnded",
    "RemoteError",
    "RemoteFunction",
    "RemoteModule",
    "RemoteTimeout",
    "SandboxError",
    "Session",
    "WarmInterpreter",
    "clean",
]
