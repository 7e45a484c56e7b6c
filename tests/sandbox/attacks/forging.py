"""Speak to the grader directly."""

from attacks.attack import Attack

FIND = """\
import gc, socket, struct
line = next(o for o in gc.get_objects() if type(o) is socket.socket and o.fileno() >= 0)
def frame(token, payload): return struct.pack('<16sI', token, len(payload)) + payload
def reply(token, value):
    from inside.encoding import Encoder
    return frame(token, Encoder(None, 1000, 10, 1 << 20).encode(['done', '', [], [], value]))
"""

ATTACKS = [
    Attack(
        "unasked",
        "send a frame that nobody asked for",
        first=FIND + "line.send(frame(b'x' * 16, b'N'))",
        says="conversation",
    ),
    Attack(
        "forged_reply",
        "answer a call with another token",
        {"triple": FIND + "def triple(x):\n    line.send(reply(b'0' * 16, 3 * x))\n    return 3 * x"},
        says="conversation",
    ),
    Attack(
        "second_reply",
        "answer a call twice",
        {
            "triple": FIND
            + """\
import sys
def triple(x):
    f = sys._getframe()
    while f and 'self' not in f.f_locals: f = f.f_back
    line.send(reply(f.f_locals['self'].token, 3 * x))
    return 3 * x"""
        },
        says="conversation",
    ),
    Attack(
        "announced_length",
        "announce four gigabytes",
        {"triple": FIND + "def triple(x):\n    line.send(b'x' * 16 + b'\\xff' * 4)\n    return x"},
        says="announced",
    ),
    Attack(
        "flood",
        "send without end",
        {"triple": FIND + "def triple(x):\n    while True: line.send(b'x' * (1 << 20))"},
        says="announced",
    ),
    Attack(
        "pickle",
        "send a pickle that runs a command",
        {
            "triple": FIND
            + """\
import pickle, os
class Run:
    def __reduce__(self): return os.system, ('touch /tmp/pickled',)
def triple(x):
    line.send(frame(b'x' * 16, pickle.dumps(Run())))
    return Run()"""
        },
        says="conversation",
    ),
    Attack(
        "hang_up",
        "close the connection",
        {"triple": FIND + "def triple(x):\n    line.close()\n    return 3 * x"},
        says="closed|ended",
    ),
    Attack(
        "late_thread",
        "answer later, from a thread",
        {
            "triple": FIND
            + """\
import threading, time
def later():
    time.sleep(0.05)
    line.send(reply(b'y' * 16, None))
def triple(x):
    threading.Thread(target=later).start()
    time.sleep(0.2)
    return 3 * x"""
        },
        says="conversation",
    ),
    Attack(
        "patch_server",
        "replace the program that answers the grader",
        {
            "triple": """\
import gc
for thing in gc.get_objects():
    if type(thing).__name__ == 'Server':
        server = thing
        encode = server._encode
        server._encode = lambda message, *a: encode(['done', '', [], [], 'passed'] if len(message) > 3 else message, *a)
        server.do_look = lambda name: encode(['done', True])
def triple(x): return 0 * x"""
        },
        says="malformed",
    ),
    Attack(
        "changed_elsewhere",
        "say that an argument changed which nobody handed over",
        {
            "triple": """\
import gc
server = next(thing for thing in gc.get_objects() if type(thing).__name__ == 'Server')
encode = server._encode
def do_call(function, args, kwargs, dropped):
    return encode(['done', '', [], [(7, 0), (-1, np.zeros(5))], 3 * args[0]])
def triple(x):
    type(server).do_call = lambda self, *a: do_call(*a)
    return 0 * x"""
        },
        lost=frozenset({"test_triple", "test_twice"}),
    ),
    Attack(
        "callback_guess",
        "call functions that were not lent",
        {
            "twice": """\
import gc, random
server = next(thing for thing in gc.get_objects() if type(thing).__name__ == 'Server')
def twice(f, x):
    for number in (0, 1, -1, None, 'check', f._number ^ 1):
        try: server.call_back(number, (1,), {})
        except RuntimeError: continue
        raise AssertionError('ESCAPED')
    return 0.0"""
        },
        lost=frozenset({"test_twice"}),
    ),
    Attack(
        "callback_liar",
        "hand an object whose comparisons all hold to a function that was lent",
        {
            "twice": """\
class Yes(float):
    def __eq__(self, other): return True
    def __radd__(self, other): return self
    __add__ = __mul__ = __rmul__ = __radd__
def twice(f, x):
    f(Yes(1))
    return Yes(1)"""
        },
        lost=frozenset({"test_twice"}),
    ),
    Attack(
        "callback_flood",
        "call back without end",
        {"twice": "def twice(f, x):\n    while True: f(x)"},
        lost=frozenset({"test_twice"}),
        limits={"callbacks": 500},
        says="500",
    ),
    Attack(
        "callback_kept",
        "keep a function that was lent, for later",
        {"twice": "kept = []\ndef twice(f, x):\n    kept.append(f)\n    return kept[0](kept[0](x))"},
        lost=frozenset({"test_twice"}),
        says="ended",
    ),
    Attack(
        "callback_bomb",
        "hand an enormous value to a function that was lent",
        {"twice": "def twice(f, x): return f(np.zeros(1 << 28, dtype='u1'))"},
        lost=frozenset({"test_twice"}),
        says="too large",
    ),
    Attack(
        "callback_thread",
        "call back from another thread",
        {
            "twice": """\
import threading
def twice(f, x):
    found = []
    def work():
        try: found.append(f(x))
        except RuntimeError as error: found.append(str(error))
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return found[0]"""
        },
        lost=frozenset({"test_twice"}),
    ),
]
