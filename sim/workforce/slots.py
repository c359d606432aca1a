"""The slots a plan is made for."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.scenario import Scenario


class Slots(Protocol):
    """The slots a plan is made for (:class:`sim.demand.window.Window`)."""

    @property
    def rows(self) -> int:
        """Slots altogether."""

    def days(self, scenario: Scenario) -> list[dt.date]:
        """Return the days the rows lie in."""

    def slots_into_days(self) -> NDArray[np.int64]:
        """Return each row's place in those days laid end to end."""
