"""See, reach or change what is outside. A cell that could do so writes ESCAPED into its output."""

from pathlib import Path

import nnlab
from attacks.attack import MARKER, Attack

ROOT = Path(nnlab.__path__[0]).parent


def _escape(name: str, tries: str, source: str) -> Attack:
    indented = "\n".join("    " + line for line in source.splitlines())
    first = f"try:\n{indented}\n    print('ESCAPED')\nexcept Exception as error:\n    print('refused:', error)"
    return Attack(name, tries, first=first)


ATTACKS = [
    _escape("read_tests", "read the course", f"import os\nassert os.listdir({str(ROOT / 'assignments')!r})"),
    _escape("read_reference", "read the reference", f"open({str(ROOT / 'nnlab' / 'losses.py')!r}).read()"),
    _escape("read_passwords", "read the system's files", "open('/etc/passwd').read()"),
    _escape(
        "search",
        "search for notebooks, gradebooks and checks",
        """\
import os
found = []
for folder, folders, files in os.walk('/'):
    folders[:] = [name for name in folders if name not in ('site-packages', 'x86_64-linux-gnu', 'share')]
    found += [name for name in files if name.endswith(('.ipynb', '.db')) or 'grading' in folder]
assert found""",
    ),
    _escape("import_reference", "import the reference", "import nnlab.losses"),
    _escape("import_checks", "import the checks", "from nnlab.grading.exercises import ps1"),
    _escape("import_nbgrader", "import nbgrader", "import nbgrader.api"),
    _escape("gradebook", "write the gradebook", f"open({str(ROOT / 'assignments' / 'gradebook.db')!r}, 'ab')"),
    _escape(
        "write_library", "change the Python that others will run", "import json\nopen(json.__file__, 'a').write('x')"
    ),
    _escape("write_root", "write outside the home", "open('/x', 'w')"),
    _escape("write_devices", "write into /dev", "open('/dev/x', 'w')"),
    _escape("shared_memory", "make a file in shared memory", "open('/dev/shm/x', 'w')"),
    _escape("unnamed_memory", "make a file without a name", "import os\nos.memfd_create('x')"),
    _escape("other_processes", "list other processes", "import os\nassert os.listdir('/proc')"),
    _escape(
        "parent", "send a signal to whoever started this", "import os\nassert os.getppid()\nos.kill(os.getppid(), 9)"
    ),
    _escape(
        "init",
        "end process 1",
        "import os\nos.kill(1, 9)\nraise OSError('process 1 is still there, or this line would not run')",
    ),
    _escape("child", "start a program", "import subprocess\nsubprocess.run(['/usr/bin/cat', '/dev/null'])"),
    _escape("fork", "fork", "import os\nif os.fork() == 0: os._exit(0)"),
    _escape("session", "outlive grading in a new session", "import os\nos.setsid()\nos.fork()"),
    _escape("exec", "become another program", "import os\nos.execv('/usr/bin/cat', ['cat'])"),
    _escape("network", "open a connection", "import socket\nsocket.create_connection(('127.0.0.1', 22), 1)"),
    _escape("dns", "look a name up", "import socket\nsocket.getaddrinfo('localhost', 80)\nsocket.socket()"),
    _escape("web", "fetch a page", "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:8000', timeout=1)"),
    _escape(
        "ptrace",
        "trace another process",
        "import ctypes\nassert ctypes.CDLL(None).ptrace(16, 1, 0, 0) == 0",
    ),
    _escape("namespaces", "make namespaces", "import ctypes\nassert ctypes.CDLL(None).unshare(0x10000000) == 0"),
    _escape(
        "mount",
        "mount a file system",
        "import ctypes\nassert ctypes.CDLL(None).mount(b'x', b'/tmp', b'tmpfs', 0, 0) == 0",
    ),
    _escape("root", "become root", "import os\nos.setuid(0)\nopen('/x', 'w')"),
    _escape(
        "environment",
        "find secrets in the environment",
        "import os\nassert set(os.environ) - {'HOME', 'TMPDIR', 'LANG', 'MPLBACKEND', 'OPENBLAS_NUM_THREADS'}",
    ),
    _escape(
        "find_tests",
        "find the tests in the process's memory",
        f"""\
import gc, re, sys
text = re.compile({MARKER[:-1]!r} + '[{MARKER[-1]}]')
frame, seen = sys._getframe(), []
while frame:
    seen += [repr(value) for value in frame.f_locals.values() if isinstance(value, str)]
    frame = frame.f_back
for thing in gc.get_objects():
    if isinstance(thing, (list, tuple, dict)):
        try: seen.append(repr(thing)[:10000])
        except Exception: pass
assert any(text.search(one) for one in seen)""",
    ),
    _escape(
        "descriptors",
        "use files that were left open",
        """\
import fcntl
for n in range(4, 64):
    try: fcntl.fcntl(n, fcntl.F_GETFD)
    except OSError: continue
    break
else: raise OSError('none')""",
    ),
    _escape(
        "raise_limits", "raise the limits again", "import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))"
    ),
    Attack(
        "grading_only",
        "behave only while it is graded",
        first="""\
import os
graded = 'nbgrader' in str(os.environ).lower()
print('ESCAPED' if graded else 'cannot tell')""",
    ),
]
