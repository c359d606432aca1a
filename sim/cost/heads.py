"""From work to heads, step by step: hours of each kind of work, what a head works, who comes on top (§19)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from sim.cost.bill import sources_at
from sim.cost.drivers import Days, Drivers
from sim.cost.tables import tables
from sim.scenario import Scenario, numbers
from sim.scenario.base import Title

Kind = Literal[
    "volume",
    "duty",
    "agent_hours",
    "overtime",
    "hours_per_head",
    "agents",
    "work",
    "trainees",
    "payroll",
    "post",
    "ratio",
    "office",
    "heads",
]

TELEPHONE: Final = "telephone"
"""The key of the telephone among the kinds of work."""
_VOLUMES: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]]] = {
    "phone_contact": (
        ("annual_contacts", "per_hour", "resolution.repeat", "resolution.max_episodes"),
        (),
        ("demand.growth", "greeting.contained_share"),
    ),
    "written_contact": ((), ("annual_contacts", "per_hour"), ("demand.growth",)),
    "work_order": (
        ("resolution.on_the_spot", "transfer.share", "transfer.on_the_spot"),
        ("work_order_share",),
        ("quality.novice_on_the_spot_loss",),
    ),
    "returned_order": (("resolution.responsible_return",), ("responsible_return",), ("quality.novice_returns",)),
}
"""Of each volume the keys of a type, those of a kind of written contact, and the other key paths, that decide it."""
_MINUTES = 60.0


@dataclass(frozen=True)
class Step:
    """One step on the way from work to heads, of the whole plan."""

    kind: Kind
    key: str
    """Of the volume, group, work, post or role; that of the kind for sums."""
    title: dict[str, str] | None
    """What the scenario calls it, by language."""
    factors: dict[str, float]
    """What is multiplied or divided, by name."""
    hours: float | None = None
    heads: float | None = None
    sources: dict[str, str] = field(default_factory=dict)
    """Source of each number of the scenario that enters here, by key path."""


def steps(scenario: Scenario, drivers: Drivers, billed: Drivers | None = None) -> list[Step]:
    """Return the way from work to heads.

    Parameters
    ----------
    scenario
        A scenario with money.
    drivers
        What its whole plan needs.
    billed
        What its bill counts where a head-count says who is there; then these agents and trainees stand beside those
        that the plan needs, and are those of the sum.

    Returns
    -------
    list of Step
        Volumes; the agents' hours on duty by group; their sum, the overtime taken off, the hours a head is at
        work, and the agents these make; of them those for the telephone and for each kind of task; trainees,
        posts, staff by ratio and of fixed number; the sum of all heads.
    """
    given = tables(scenario)
    workforce = given.workforce
    texts = {path: source for path, _, source in numbers(scenario)}
    volumes = {name: float(volume.sum()) for name, volume in drivers.volumes.items()}
    per_head = drivers.productive_h_per_head
    staff = {role.paths: role.heads for role in drivers.staff}
    found: list[Step] = []

    def add(
        kind: Kind, key: str, title: Title | None = None, *paths: str, hours: float | None = None,
        heads: float | None = None, **factors: float,
    ) -> None:  # fmt: skip
        named = None if title is None else {"en": title.en, "zh": title.zh}
        found.append(Step(kind, key, named, factors, hours, heads, sources_at(paths, texts)))

    for name, volume in volumes.items():
        of_type, of_written, others = _VOLUMES[name]
        of_types = (f"types.{kind}.{key}" for kind in scenario.types for key in of_type)
        of_tasks = (f"tasks.{kind}.{key}" for kind in scenario.written for key in of_written)
        novices = [f"groups.{group}.novice_share" for group in scenario.groups if others[0].startswith("quality.")]
        add("volume", name, None, *of_types, *of_tasks, *others, *novices, volume=volume)
    for name, by_day in drivers.duty_h.items():
        group, here = scenario.groups[name], f"groups.{name}."
        hours = float(by_day.sum())
        absent = group.absence.rate
        add("duty", name, group.title, f"{here}on_duty", f"{here}absence.rate", hours=hours, absence_share=absent)
    hours = sum(step.hours for step in found if step.hours is not None)
    overtime_h = float(drivers.overtime_h.sum())
    add("agent_hours", "agent_hours", hours=hours)
    share = workforce.overtime_share
    add("overtime", "overtime", None, "workforce.overtime_share", hours=-overtime_h, share=share)
    add(
        "hours_per_head",
        "hours_per_head",
        None,
        "workforce.hours_per_year",
        "workforce.shrinkage",
        hours=per_head,
        hours_per_year=workforce.hours_per_year,
        shrinkage_share=workforce.shrinkage_total,
        years=float(drivers.year_share.sum()),
    )
    add("agents", "agents", heads=drivers.agents, agent_hours=hours - overtime_h, hours_per_head=per_head)

    def add_work(
        key: str, title: Title | None, volume: Days, busy_h: Days, of_duty_h: Days, *paths: str
    ) -> None:  # fmt: skip
        """Add a kind of work: busy hours, the hours on duty that they take, and the heads these make."""
        count, busy, on_duty_h = (float(by_day.sum()) for by_day in (volume, busy_h, of_duty_h))
        minutes = busy * _MINUTES / count if count > 0.0 else 0.0
        share = busy / on_duty_h if on_duty_h > 0.0 else 0.0
        part = on_duty_h / hours if hours > 0.0 else 0.0
        factors = {"volume": count, "minutes": minutes, "busy_share": share}
        add("work", key, title, *paths, hours=on_duty_h, heads=drivers.agents * part, **factors)

    calls = sum(drivers.phone.values(), start=np.zeros(len(drivers.days)))
    of_call = ("talk", "wrap", "wrap_work_order", "transfer.consult")
    talks = tuple(f"types.{kind}.{key}" for kind in scenario.types for key in of_call)
    add_work(TELEPHONE, None, calls, drivers.phone_busy_h, drivers.phone_h, "greeting.ring_s", *talks)
    for name, task in scenario.kinds.items():
        here = f"tasks.{name}."
        paths = (f"{here}handling", f"{here}after", f"{here}annual_contacts", f"groups.{task.groups[0]}.on_duty")
        add_work(name, task.title, drivers.tasks[name], drivers.task_busy_h[name], drivers.task_h[name], *paths)
    if billed is None:
        add(
            "trainees",
            "trainees",
            None,
            "workforce.attrition",
            "workforce.training_weeks",
            heads=drivers.trainees,
            agents=drivers.agents,
            attrition=workforce.attrition,
            weeks=workforce.training_weeks,
        )
    else:
        add("payroll", "on_payroll", None, "workforce.headcount", heads=billed.agents_on_payroll)
        add("payroll", "in_training", None, "workforce.headcount", heads=billed.trainees_on_payroll)
    for name, post in given.posts.items():
        path = f"posts.{name}"
        hours = float(drivers.posts_h[name].sum())
        add(
            "post", name, post.title, path, hours=hours, heads=staff[path,], manned=post.manned, hours_per_head=per_head
        )
    for name, ratio in workforce.ratios.items():
        path = f"workforce.ratios.{name}"
        factors = {"agents": drivers.agents, "agents_per_head": ratio.agents_per_head}
        add("ratio", name, ratio.title, path, heads=staff[path,], **factors)
    for name, office in workforce.office.items():
        path = f"workforce.office.{name}"
        add("office", name, office.title, path, heads=staff[path,])
    add("heads", "heads", heads=(billed or drivers).heads)
    return found
