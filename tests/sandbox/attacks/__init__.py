"""A corpus of hostile submissions, each of which tries one thing. See ``attack.py`` for what they attack."""

from attacks import escaping, exhausting, forging, lying, mangling, rewriting
from attacks.attack import Attack

ATTACKS: list[Attack] = [
    attack for module in (rewriting, lying, forging, escaping, exhausting, mangling) for attack in module.ATTACKS
]
