"""A contact-centre workforce and cost simulator: the verbs of the command line, for Python.

``sim.load`` a scenario, ``sim.run`` it, ``sim.compare`` it with others, ``sim.simulate`` one replication of it,
``sim.price`` its contract, ``sim.staff`` it as cheaply as its targets allow.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_VERBS = {
    "load": ("sim.scenario", "load"),
    "run": ("sim.verbs", "run"),
    "compare": ("sim.verbs", "compare"),
    "sweep": ("sim.verbs", "sweep"),
    "sensitivity": ("sim.verbs", "sensitivity"),
    "simulate": ("sim.verbs", "simulate"),
    "price": ("sim.verbs", "price"),
    "track": ("sim.verbs", "track"),
    "heads": ("sim.verbs", "heads"),
    "roster": ("sim.verbs", "roster"),
    "staff": ("sim.verbs", "staff"),
}

__all__ = ["__version__", *_VERBS]


def __getattr__(name: str) -> Any:
    """Load a verb when it is first used: importing ``sim`` must not import numba."""
    if name not in _VERBS:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    module, attribute = _VERBS[name]
    return getattr(importlib.import_module(module), attribute)
