"""Change the tests, or what runs them."""

from attacks.attack import TESTS, Attack

ATTACKS = [
    Attack(
        "input_transformers",
        "rewrite test cells through IPython's input transformers",
        first="get_ipython().input_transformers_cleanup.append(lambda lines: ['pass'])",
    ),
    Attack(
        "ast_transformers",
        "drop asserts through an AST transformer",
        first="import IPython\nip = IPython.get_ipython()\nip.ast_transformers.append(None)",
    ),
    Attack("patch_run_cell", "replace run_cell", first="get_ipython().run_cell = lambda *a, **k: None"),
    Attack(
        "patch_compile",
        "make compile and exec ignore assert",
        first="""\
import builtins
real = builtins.compile
builtins.compile = lambda source, *a, **k: real('None', *a, **k)
builtins.exec = lambda *a, **k: None""",
        lost=frozenset(TESTS),
    ),
    Attack(
        "patch_builtins",
        "make abs, sum, float and zip say what the tests want",
        first="import builtins\nbuiltins.abs = lambda x: 0\nbuiltins.sum = lambda x: 0\nbuiltins.float = lambda x: 0.0",
    ),
    Attack(
        "own_builtins",
        "define names that the tests use",
        first="def abs(x): return 0\ndef sum(x): return 0\ndef zip(*x): return []\ndef float(x): return 0.0",
    ),
    Attack("own_check", "define a check that checks nothing", last="def check(*args, **kwargs): return None"),
    Attack(
        "own_numpy",
        "put an object in the place of np",
        last="""\
class Yes:
    def __getattr__(self, name): return self
    def __call__(self, *args, **kwargs): return self
    def __lt__(self, other): return True
    def __eq__(self, other): return True
np = Yes()""",
    ),
    Attack(
        "patch_numpy",
        "make NumPy's comparisons agree to everything",
        first="import numpy\nnumpy.allclose = numpy.array_equal = lambda *a, **k: True\nnumpy.abs = lambda x: x * 0",
    ),
    Attack(
        "shadow_nnlab",
        "write a module that shadows nnlab",
        first="""\
import os, sys
os.makedirs('nnlab', exist_ok=True)
open('nnlab/__init__.py', 'w').write('')
open('nnlab/grading.py', 'w').write('def check(*a, **k): pass')
sys.path.insert(0, '.')
for name in list(sys.modules):
    if name.startswith('nnlab'): del sys.modules[name]""",
    ),
    Attack(
        "patch_verdict",
        "reach for the grader's own modules",
        first="""\
import sys
for name, module in list(sys.modules.items()):
    for attribute in ('Verdict', 'run_test', 'determine_grade'):
        if hasattr(module, attribute): setattr(module, attribute, lambda *a, **k: None)""",
    ),
    Attack(
        "exit_handlers",
        "leave work for the end of the process",
        first="import atexit\natexit.register(lambda: open('/tmp/verdict', 'w').write('passed'))",
    ),
    Attack(
        "trace",
        "trace every call and change what it returns",
        first="import sys\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)",
    ),
]
