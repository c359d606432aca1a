"""What an agent costs a week in each tour, in yuan: pay, overtime, night and statutory days (§19, §20)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.scenario.money import Personnel, Workforce, rate_on
from sim.workforce.tours import Tours

_MONTHS_PER_YEAR: Final = 12.0


@dataclass(frozen=True)
class Prices:
    """Prices of an agent's hours.

    Attributes
    ----------
    hour_cny
        A paid hour that is no overtime, with all that follows from employing the agent.
    overtime_cny
        A paid hour of overtime.
    night_cny
        On top for each hour at work in the night.
    holiday_cny
        On top for each hour at work on a statutory day.
    """

    hour_cny: float
    overtime_cny: float
    night_cny: float
    holiday_cny: float


def tour_cny(tours: Tours, prices: Prices, holidays: Sequence[int] = ()) -> NDArray[np.float64]:
    """Return what an agent costs a week in each tour, shape ``(tours,)``.

    Parameters
    ----------
    tours
        The tours.
    prices
        Prices of hours.
    holidays
        The statutory days of the week, 0 for Monday.
    """
    cny: NDArray[np.float64] = (
        prices.hour_cny * (tours.paid_h - tours.overtime_h)
        + prices.overtime_cny * tours.overtime_h
        + prices.night_cny * tours.night_h
        + prices.holiday_cny * tours.holiday_h(list(holidays))
    )
    return cny


def prices_on(day: dt.date, personnel: Personnel, workforce: Workforce) -> Prices:
    """Return the prices in force on a day for the average agent.

    Notes
    -----
    An hour that is no overtime is a share of a year's employment: pay with bonus, the employer's contributions,
    welfare and the contractor's addition, over the hours that one head is at work in a year, so that leave, sickness
    and the like are paid with it. Overtime, night and statutory days are priced as the personnel line prices them.
    Hiring, training and other staff are not in it.
    """
    base = rate_on(personnel.base_wage_cny_month, day)
    with_bonus = base * (1.0 + personnel.bonus_months / _MONTHS_PER_YEAR)
    mean_factor = math.fsum(grade.share * grade.wage_factor for grade in personnel.grades.values())
    insurance, fund = personnel.insurance, personnel.housing_fund
    insured = math.fsum(rate_on(rate, day) for rate in insurance.rates.values())

    def between(pay: float, floor_cny: float, cap_cny: float) -> float:
        return min(max(pay, floor_cny), cap_cny)

    contributions = math.fsum(
        grade.share
        * (
            insured
            * between(
                with_bonus * grade.wage_factor,
                rate_on(insurance.floor_cny_month, day),
                rate_on(insurance.cap_cny_month, day),
            )
            + rate_on(fund.rate, day)
            * between(
                with_bonus * grade.wage_factor, rate_on(fund.floor_cny_month, day), rate_on(fund.cap_cny_month, day)
            )
        )
        for grade in personnel.grades.values()
    )
    month = with_bonus * mean_factor + contributions + rate_on(personnel.welfare_cny_head_month, day)
    hourly = base / personnel.pay_hours_month * mean_factor
    added = 1.0 + personnel.management_rate
    return Prices(
        hour_cny=added * month * _MONTHS_PER_YEAR / workforce.productive_hours,
        overtime_cny=added * hourly * personnel.overtime_multiple,
        night_cny=added * rate_on(personnel.night_cny_h, day),
        holiday_cny=added * hourly * (personnel.holiday_multiple - 1.0),
    )
