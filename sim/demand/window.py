"""The stretch of time that is simulated: whole days of the horizon, and the warm-up before them (§1)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.scenario import Scenario
from sim.terms import SLOTS_PER_DAY, absolute_slot


@dataclass(frozen=True)
class Window:
    """Consecutive 15-minute slots; row ``r`` of every table of a run is slot ``first_slot + r``.

    Slot 0 is the first quarter of an hour of the horizon; ``first_slot`` is negative when the warm-up begins
    before it.
    """

    first_slot: int
    """Slot of row 0, the warm-up included."""
    slots: int
    """Slots that are measured."""
    warm_slots: int = 0
    """Slots of the warm-up, before those that are measured."""

    @classmethod
    def of(cls, scenario: Scenario, first: dt.date | None = None, last: dt.date | None = None) -> Window:
        """Return the window from ``first`` to ``last``, both included, with the warm-up before it.

        Left out, they are the horizon's own.

        Raises
        ------
        ValueError
            If the days are not in order or not in the horizon; the message is a planner's.
        """
        horizon = scenario.horizon
        first = first or horizon.start
        last = last or horizon.end
        if not horizon.start <= first <= last <= horizon.end:
            raise ValueError(
                f"the days from {first} to {last} are not within the horizon, {horizon.start} to "
                f"{horizon.end}: choose days inside it, the first no later than the last"
            )
        warm = horizon.warm_up_days * SLOTS_PER_DAY
        start = (first - horizon.start).days * SLOTS_PER_DAY
        return cls(start - warm, ((last - first).days + 1) * SLOTS_PER_DAY, warm)

    @property
    def rows(self) -> int:
        """Slots altogether."""
        return self.warm_slots + self.slots

    def absolute_slots(self, scenario: Scenario) -> NDArray[np.int64]:
        """Return the absolute slot (§2) of each row, shape ``(rows,)``."""
        return absolute_slot(scenario.horizon.start) + self.first_slot + np.arange(self.rows)

    def days(self, scenario: Scenario) -> list[dt.date]:
        """Return the days the rows lie in, in order."""
        first = self.first_slot // SLOTS_PER_DAY
        last = (self.first_slot + self.rows - 1) // SLOTS_PER_DAY
        return [scenario.horizon.start + dt.timedelta(days=n) for n in range(first, last + 1)]

    def slots_into_days(self) -> NDArray[np.int64]:
        """Return each row's place in the days of :meth:`days` laid end to end, shape ``(rows,)``."""
        return self.first_slot % SLOTS_PER_DAY + np.arange(self.rows)
