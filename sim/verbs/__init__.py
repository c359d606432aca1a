"""The verbs of the command line for Python, and the checks that come before them."""

from sim.verbs.people import heads, roster, staff
from sim.verbs.plans import AnyScenario, Size, notes, size, sound_plan, warnings
from sim.verbs.runs import Simulation, price, run, simulate
from sim.verbs.what_ifs import compare, sensitivity, sweep, track

__all__ = [
    "AnyScenario",
    "Simulation",
    "Size",
    "compare",
    "heads",
    "notes",
    "price",
    "roster",
    "run",
    "sensitivity",
    "simulate",
    "size",
    "sound_plan",
    "staff",
    "sweep",
    "track",
    "warnings",
]
