"""The result folders of ``hotline staff`` and ``hotline frontier``, and what both print as JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from sim.report import staff_rows
from sim.report.files import SUMMARY, write_whole
from sim.report.roster_files import write_shifts
from sim.report.staff_rows import Frontiers
from sim.report.summary import SOFTWARE, in_full, made, text
from sim.report.words import Lang
from sim.scenario import digest
from sim.staffing.plan import Plan

SCHEMA: Final = 1


def staff_summary(found: Plan) -> dict[str, Any]:
    """Return what ``summary.json`` of ``hotline staff`` holds, and ``--json`` prints.

    ``targets`` and ``cost`` are as in a run's; ``binding`` names the targets that are missed soonest; ``gap`` is by how
    much the shifts may be cheaper at most, as a share of what they cost; ``one_fewer`` what the plan would be with one
    agent fewer in any one tour: of how many such plans, in how many a rule forbids it, and the highest probability of
    the others, as ``theory`` has it, null with a budget; ``theory`` the chance of each target as theory and the
    years of the search say it, a standard error taken off; ``buys`` what 10 万元 more and less change in each
    contract line; ``rounds`` the plans tried; ``offers`` cost against service; ``people`` who works, by group and
    kind of tours; ``tours`` a row a shift of a tour in a typical week; ``headcount`` what the roster takes of the
    heads there are, null without them.
    """
    bill = found.bill
    return {
        **_asked(found),
        "targets": [asdict(row) for row in found.outcomes.targets],
        "probability": staff_rows.probability(found),
        "budget_wan": found.asked.budget_wan,
        "total_wan": bill.total_wan,
        "personnel_wan": bill.line("personnel").wan,
        "heads": bill.drivers.heads,
        "agents": bill.drivers.agents,
        "headcount": None if found.heads is None else asdict(found.heads),
        "seats": bill.drivers.seats,
        "cost": bill.to_dict(),
        "binding": list(found.binding),
        "gap": found.gap,
        "gap_wan": staff_rows.gap_wan(found),
        "one_fewer": None if found.fewer is None else asdict(found.fewer),
        "theory": found.theory,
        "against": staff_rows.against(found),
        "buys": staff_rows.buys(found).to_dicts(),
        "rounds": [asdict(one) for one in found.rounds],
        "offers": staff_rows.frontier(found).to_dicts(),
        "people": staff_rows.people(found).to_dicts(),
        "tours": found.tours.tour_rows().to_dicts(),
    }


def frontier_summary(found: Frontiers) -> dict[str, Any]:
    """Return what ``summary.json`` of ``hotline frontier`` holds, and ``--json`` prints.

    ``offers`` has cost against service by the price of bad service, ``plan`` the cheapest plan that is as sure
    as asked, as it was simulated, and ``against`` other ways to plan. Of several scenarios ``scenarios`` has that by
    name, or the ``fault`` for which one has no plan.
    """
    if len(found.scenarios) == 1:
        return _frontier_summary(found.first)
    told = {
        name: _frontier_summary(found.plans[name]) if name in found.plans else {"fault": asdict(found.faults[name])}
        for name in found.scenarios
    }
    return {"schema": SCHEMA, "scenarios": told}


def _frontier_summary(found: Plan) -> dict[str, Any]:
    return {
        **_asked(found),
        "offers": staff_rows.frontier(found).to_dicts(),
        "plan": {
            "total_wan": found.bill.total_wan,
            "probability": staff_rows.probability(found),
            "targets": [asdict(row) for row in found.outcomes.targets],
        },
        "against": staff_rows.against(found),
    }


def _asked(found: Plan) -> dict[str, Any]:
    given = found.year.scenario
    return {
        "schema": SCHEMA,
        "scenario": {"name": given.name, "sha256": digest(given)},
        "seed": found.asked.seed,
        "from": given.horizon.start.isoformat(),
        "to": given.horizon.end.isoformat(),
        "floor": found.asked.floor,
        "floor_day": found.asked.floor_day,
    }


def write(
    found: Plan, folder: Path, *, source: str, changed: bool, command: str, began: dt.datetime, figures: Lang | None
) -> None:
    """Write the result folder of ``hotline staff``, whole or not at all.

    Parameters
    ----------
    found
        What to write.
    folder
        Where (:func:`sim.report.folder.claim`); an older result there is replaced.
    source
        The scenario as it was given, a file or the name of a shipped one.
    changed
        Whether keys of it were set beside it: then the folder holds it as it was used.
    command
        The command that gives it again (:func:`sim.report.summary.command_of`).
    began
        When it began.
    figures
        The language to draw ``figures/`` in; None draws none.

    Raises
    ------
    OSError
        If the disk is full or the place cannot be written to; what was there before is still there.
    """

    def fill(new: Path) -> None:
        (new / SUMMARY).write_text(text(staff_summary(found)), "utf-8")
        seats = {name: site.seats for name, site in found.scenario.sites.items()}
        more = {"frontier": staff_rows.frontier(found), "buys": staff_rows.buys(found)}
        write_shifts(found.tours, new, folder, "staff", source=source, changed=changed, seats=seats, more=more)
        if figures is not None:
            from sim.report.figures import keep
            from sim.report.staff_figures import draw

            keep(draw(found, figures), new / "figures")

    _write(found, folder, fill, command, began)


def write_frontier(found: Frontiers, folder: Path, *, command: str, began: dt.datetime, figures: Lang | None) -> None:
    """Write the result folder of ``hotline frontier``; parameters and errors are those of :func:`write`."""
    several = len(found.scenarios) > 1

    def fill(new: Path) -> None:
        (new / SUMMARY).write_text(text(frontier_summary(found)), "utf-8")
        tables = {"frontier": staff_rows.frontier(found.first)}
        if several:
            tables = {"frontier": staff_rows.frontiers(found), "plans": staff_rows.plans(found)}
        for name, table in tables.items():
            # With the mark by which Excel knows UTF-8.
            table.write_csv(new / f"{name}.csv", include_bom=True)
        if figures is not None:
            from sim.report.figures import keep
            from sim.report.staff_figures import draw_frontier, draw_frontiers

            drawn = draw_frontiers(found, figures) if several else draw_frontier(found.first, figures)
            keep({"frontier": drawn}, new / "figures")

    about = {"scenarios": [in_full(scenario) for scenario in found.scenarios.values()]} if several else None
    _write(found.first, folder, fill, command, began, about)


def _write(
    found: Plan, folder: Path, fill: Callable[[Path], None], command: str, began: dt.datetime,
    about: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Write a folder whose manifest is about the plan's scenario, or about those given."""

    def record(finished: dt.datetime, files: list[str]) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "software": SOFTWARE,
            "command": command,
            **(about or {"scenario": in_full(found.year.scenario)}),
            "seed": found.asked.seed,
            "replications": len(found.outcomes.numbers),
            **made(began, finished, files),
        }

    write_whole(folder, fill, record)
