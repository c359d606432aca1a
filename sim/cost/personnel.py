"""The personnel line: wages, what the law adds to them, premia, hiring, training, management (§20)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from sim.cost.bill import Sheet
from sim.cost.drivers import Days
from sim.cost.levers import LEVER_UNITS
from sim.cost.tables import Tables

LEVER_RATES: Final = {
    "calls": "per_call_cny",
    "minutes": "per_minute_cny",
    "hours": "per_hour_cny",
    "activations": "per_activation_cny",
}
"""Of what is bought of a group that is called in, the key of its price."""

_HEADS: Final = "workforce.headcount."
_ON_THE_FLOOR: Final = ("workforce.attrition", *(f"{_HEADS}{key}" for key in ("opening", "attrition_by_tenure")))
_IN_TRAINING: Final = (
    "workforce.training_weeks",
    *(f"{_HEADS}{key}" for key in ("in_training", "classes", "training_dropout_share")),
)
"""Key paths of what a head-count makes of agents and trainees."""


class _Paid(NamedTuple):
    """People who are paid alike."""

    key: str
    driver: str
    heads: Days | float
    wage_factor: float
    paths: tuple[str, ...]


def add_personnel(sheet: Sheet, given: Tables) -> None:
    """Add the parts of the personnel line: all that follows from employing people.

    Parameters
    ----------
    sheet
        The line's parts so far, none.
    given
        The scenario's tables.
    """
    personnel, drivers = given.cost.personnel, sheet.plan
    here = "cost.personnel."
    months = drivers.month_share
    base = sheet.rate(personnel.base_wage_cny_month)
    agents: tuple[str, ...] = ()
    trainees: tuple[str, ...] = ("workforce.attrition", "workforce.training_weeks")
    if drivers.counted != "plan":
        agents, trainees = (*_ON_THE_FLOOR, *_IN_TRAINING), _IN_TRAINING
    paid = [
        *(
            _Paid(
                name, f"agents of grade {name}", drivers.agents_paid * grade.share, grade.wage_factor,
                (f"{here}grades.{name}", *agents),
            )
            for name, grade in personnel.grades.items()
        ),
        _Paid(
            "trainees", "agents in training", drivers.trainees_paid, personnel.trainee_wage_factor,
            (f"{here}trainee_wage_factor", *trainees),
        ),
        *(_Paid(role.key, f"staff: {role.key}", role.heads, role.wage_factor, role.paths) for role in drivers.staff),
    ]  # fmt: skip
    for role in paid:
        sheet.add(
            f"wages.{role.key}",
            role.driver,
            role.heads * months,
            "head·month",
            base * role.wage_factor,
            f"{here}base_wage_cny_month",
            *role.paths,
        )
    sheet.add(
        "bonus",
        "wages",
        sheet.cny("wages."),
        "元",
        np.full(months.shape, personnel.bonus_months / 12.0),
        f"{here}bonus_months",
    )

    def contribution_base(floor: Days, cap: Days) -> Days:
        """Return the yuan that contributions are paid on: each head's monthly pay within floor and cap."""
        monthly = base * (1.0 + personnel.bonus_months / 12.0)
        return sum(
            (role.heads * months * np.clip(monthly * role.wage_factor, floor, cap) for role in paid),
            start=np.zeros(months.shape),
        )

    pay = (
        f"{here}base_wage_cny_month",
        f"{here}bonus_months",
        f"{here}grades",
        f"{here}trainee_wage_factor",
        *(f"{path}.wage_factor" for role in drivers.staff for path in role.paths),
    )
    insured = contribution_base(
        sheet.rate(personnel.insurance.floor_cny_month), sheet.rate(personnel.insurance.cap_cny_month)
    )
    for kind, rate in personnel.insurance.rates.items():
        sheet.add(
            f"insurance.{kind}",
            "pay within floor and cap",
            insured,
            "元",
            sheet.rate(rate),
            f"{here}insurance.rates.{kind}",
            f"{here}insurance.floor_cny_month",
            f"{here}insurance.cap_cny_month",
            *pay,
        )
    fund = personnel.housing_fund
    housed = contribution_base(sheet.rate(fund.floor_cny_month), sheet.rate(fund.cap_cny_month))
    sheet.add(
        "housing_fund",
        "pay within floor and cap",
        housed,
        "元",
        sheet.rate(fund.rate),
        f"{here}housing_fund.rate",
        f"{here}housing_fund.floor_cny_month",
        f"{here}housing_fund.cap_cny_month",
        *pay,
    )
    _extras(sheet, given, base)
    sheet.add(
        "management",
        "all personnel costs above",
        sheet.cny(),
        "元",
        np.full(months.shape, personnel.management_rate),
        f"{here}management_rate",
    )
    _levers(sheet, given)


def _levers(sheet: Sheet, given: Tables) -> None:
    """Add what is bought of groups that are called in (§14), at its price: nothing comes on top."""
    for name, group in given.groups.items():
        if group.activation is None or not group.activation.price.is_given:
            continue
        by_dates = group.activation.is_dated
        for what, rate in LEVER_RATES.items():
            cny = getattr(group.activation.price, rate)
            planned = by_dates and what in ("hours", "activations")
            known = "as planned" if planned else "as simulated" if sheet.plan.simulated else "0 until simulated"
            if cny > 0.0:
                sheet.add(
                    f"levers.{name}.{what}",
                    f"{what} of {name}, {known}",
                    sheet.plan.levers[f"{name}.{what}"],
                    LEVER_UNITS[what],
                    np.full(len(sheet.plan.days), cny),
                    f"groups.{name}.activation.price.{rate}",
                )


def _extras(sheet: Sheet, given: Tables, base: Days) -> None:
    """Add welfare, night and holiday premia, overtime, hiring and training."""
    personnel, drivers, here = given.cost.personnel, sheet.plan, "cost.personnel."
    hourly = base / personnel.pay_hours_month
    agent_hourly = hourly * math.fsum(grade.share * grade.wage_factor for grade in personnel.grades.values())
    post_holiday_h = sum(drivers.posts_holiday_h.values(), start=np.zeros(base.shape))
    post_factor = sum(
        (hours * given.posts[name].wage_factor for name, hours in drivers.posts_holiday_h.items()),
        start=np.zeros(base.shape),
    ) / np.where(post_holiday_h > 0.0, post_holiday_h, 1.0)
    # These hours are already paid once in their heads' monthly pay; the premium is what comes on top.
    above = personnel.holiday_multiple - 1.0
    pay = f"{here}base_wage_cny_month", f"{here}pay_hours_month"
    agents_pay = *pay, f"{here}grades"
    hires = ("workforce.attrition",) if drivers.counted == "plan" else (f"{_HEADS}classes",)
    rows: Sequence[tuple[str, str, Days, str, Days, str, tuple[str, ...]]] = (
        (
            "welfare",
            "heads",
            drivers.heads_paid * drivers.month_share,
            "head·month",
            sheet.rate(personnel.welfare_cny_head_month),
            "welfare_cny_head_month",
            (),
        ),
        (
            "night",
            "hours at night",
            drivers.night_h,
            "h",
            sheet.rate(personnel.night_cny_h),
            "night_cny_h",
            ("workforce.night",),
        ),
        (
            "holiday.agents",
            "agents' hours on statutory days",
            drivers.duty_holiday_h,
            "h",
            agent_hourly * above,
            "holiday_multiple",
            agents_pay,
        ),
        (
            "holiday.posts",
            "posts' hours on statutory days",
            post_holiday_h,
            "h",
            hourly * post_factor * above,
            "holiday_multiple",
            (*pay, "posts"),
        ),
        (
            "overtime",
            "agents' hours in overtime",
            drivers.overtime_h,
            "h",
            agent_hourly * personnel.overtime_multiple,
            "overtime_multiple",
            ("workforce.overtime_share", *agents_pay),
        ),
        (
            "hiring",
            "hires",
            drivers.hires,
            "hire",
            sheet.rate(personnel.hiring_cny_hire),
            "hiring_cny_hire",
            hires,
        ),
        (
            "training",
            "hires",
            drivers.hires,
            "hire",
            sheet.rate(personnel.training_cny_hire),
            "training_cny_hire",
            hires,
        ),
    )
    for key, driver, quantity, unit, rate, path, others in rows:
        sheet.add(key, driver, quantity, unit, rate, here + path, *others)
