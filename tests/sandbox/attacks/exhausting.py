"""Use up the machine, or break the process."""

from attacks.attack import Attack

SMALL = {"memory_bytes": 640 << 20, "disk_bytes": 8 << 20, "cpu_seconds": 5}


def _call(name: str, tries: str, body: str, says: str, seconds: float = 10.0) -> Attack:
    source = "def triple(x):\n" + "\n".join("    " + line for line in body.splitlines())
    return Attack(name, tries, {"triple": source}, says=says, seconds=seconds, limits=SMALL)


ATTACKS = [
    _call("endless", "loop for ever", "while True: pass", "still running", 1.0),
    _call("asleep", "sleep without using processor time", "import time\ntime.sleep(1000)", "still running", 1.0),
    _call(
        "uninterruptible",
        "ignore every interruption",
        "import signal, time\nfor s in range(1, 32):\n"
        "    try: signal.signal(s, signal.SIG_IGN)\n    except OSError: pass\n"
        "while True:\n    try: time.sleep(1000)\n    except BaseException: pass",
        "still running",
        1.0,
    ),
    _call(
        "regular_expression",
        "loop inside C code",
        "import re\nre.match('(a+)+$', 'a' * 60 + 'b')",
        "still running",
        1.0,
    ),
    _call("memory", "take all memory", "y = []\nwhile True: y.append(bytearray(1 << 26))", "MemoryError"),
    _call("array", "take all memory at once", "return np.ones(1 << 36)", "MemoryError"),
    _call(
        "disk",
        "fill the disk",
        "for n in range(100):\n    with open(f'/tmp/{n}', 'wb') as file: file.write(bytes(1 << 20))",
        "No space|No such device|Errno",
    ),
    _call(
        "files",
        "make empty files without end",
        "n = 0\nwhile True:\n    open(f'/tmp/{n}', 'w').close()\n    n += 1",
        "No space",
    ),
    _call(
        "pipes",
        "fill pipes, whose buffers are the kernel's memory",
        "import os\nwhile True:\n    _, end = os.pipe()\n    os.set_blocking(end, False)\n"
        "    os.write(end, bytes(1 << 16))",
        "Too many open files",
    ),
    _call(
        "stopped",
        "stop itself, so that no processor time passes",
        "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\nreturn 0 * x",
        "still running|not 3x",
        1.0,
    ),
    _call(
        "alarm",
        "interrupt itself for ever",
        "import signal\ndef again(*a): raise KeyboardInterrupt\nsignal.signal(signal.SIGALRM, again)\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)\nwhile True:\n"
        "    try:\n        while True: pass\n    except BaseException: pass",
        "still running|KeyboardInterrupt|exit status",
        1.0,
    ),
    _call("deep_source", "compile a hundred thousand brackets", "exec('(' * 100_000 + ')' * 100_000)", "Error|SIGSEGV"),
    _call(
        "large_file",
        "write one file without end",
        "with open('x', 'wb') as file:\n    while True: file.write(bytes(1 << 22))",
        "Errno",
    ),
    _call(
        "open_files", "open files without end", "y = [open('/dev/null') for _ in range(1000)]", "Too many open files"
    ),
    _call(
        "threads",
        "start threads without end",
        "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()",
        "can't start new thread",
    ),
    _call("fork_bomb", "fork without end", "import os\nwhile True: os.fork()", "PermissionError|not permitted"),
    _call("exit", "end the process", "import os\nos._exit(0)", "exit status 0"),
    _call("exit_politely", "call exit", "raise SystemExit('bye')", "SystemExit"),
    _call(
        "kill_itself", "end itself by a signal", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"
    ),
    _call("segfault", "crash", "import ctypes\nctypes.string_at(0)", "SIGSEGV"),
    _call("recursion", "recurse without end", "return triple(x)", "RecursionError"),
    _call(
        "deep_recursion",
        "recurse until the stack ends",
        "import sys\nsys.setrecursionlimit(10**9)\n"
        "class A:\n    def __repr__(self): return repr(self.a)\n"
        "a = A()\na.a = a\nreturn repr(a)",
        "SIGSEGV|RecursionError|MemoryError",
    ),
    _call("output", "print without end", "while True: print('x' * 10000)", "still running", 1.0),
    _call(
        "strange_output",
        "print escape codes, NUL and no Unicode",
        r"print('\x1b[2J\0\ud800<script>')" + "\nreturn 0 * x",
        "not 3x",
    ),
    Attack(
        "exit_cell",
        "end the process in a cell",
        first="import os\nos._exit(1)",
        says="exit status 1|not 3x",
    ),
    Attack(
        "endless_cell", "loop for ever in a cell", first="while True: pass", seconds=1.0, says="still running|not 3x"
    ),
    Attack(
        "endless_at_end",
        "loop for ever after the tests",
        last="while True: pass",
        seconds=1.0,
    ),
    Attack(
        "daemon_threads",
        "leave threads at work between the tests",
        first="""\
import threading
def work():
    while True: sum(range(1000))
for _ in range(3): threading.Thread(target=work, daemon=True).start()""",
    ),
]
