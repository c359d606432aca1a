"""The field's words, units and integer codes: the glossary the rest of the package speaks.

Units are suffixes: ``_ms`` milliseconds, ``_s`` seconds, ``_h`` hours, ``_cny`` yuan, ``_wan`` ten thousand
yuan (万元), ``_fte`` full-time heads, ``_share`` a fraction between 0 and 1. Counts are bare.
"""

from __future__ import annotations

import datetime as dt
from enum import IntEnum
from typing import Final

SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000
WEEK_MS: Final = 7 * DAY_MS
SLOT_MS: Final = 900_000
"""Rosters and draws live on slots of 15 minutes, whatever the reporting interval (§1)."""
SLOTS_PER_HOUR: Final = 4
SLOTS_PER_DAY: Final = 96
EPOCH: Final = dt.date(2000, 1, 1)
"""Absolute slot 0 is the first quarter of an hour of this day (§2)."""
WAN_CNY: Final = 10_000

DAY_KINDS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "holiday",
    "spring_festival",
    "make_up_workday",
)
"""The kinds of day that have a factor of their own in ``demand.day`` (§3)."""

ANSWER_THRESHOLDS_S: Final = (8, 15, 20)
"""Reported answer thresholds: the document's 8 s, GB/T 33358's 15 s and the field's usual 20 s (§17)."""
SHORT_ABANDON_MS: Final = 5_000
"""A caller who hangs up sooner than this never really waited (§17)."""


class Outcome(IntEnum):
    """How an attempt ended (``attempts.outcome``)."""

    ANSWERED = 0
    ABANDONED = 1
    BLOCKED = 2
    CONTAINED = 3


class Kind(IntEnum):
    """What an attempt is in the life of its contact (``attempts.kind``)."""

    FIRST = 0
    REDIAL = 1
    REPEAT = 2


def absolute_slot(day: dt.date) -> int:
    """Return the absolute number of the first 15-minute slot of ``day`` (§2)."""
    return (day - EPOCH).days * SLOTS_PER_DAY
