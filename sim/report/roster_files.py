"""The result folder of a roster: its tables, a scenario that has it, Excel, the manifest and, if asked for, figures."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from sim.report.files import write_whole
from sim.report.summary import SOFTWARE, in_full, made
from sim.report.words import Lang
from sim.scenario import digest, shipped, to_toml
from sim.scenario.faults import format_path, quoted
from sim.staffing.year_tours import YearTours
from sim.workforce.tours import moment

SCHEMA: Final = 1
SCENARIO: Final = "scenario.toml"
_BASE: Final = "base.toml"


def roster_summary(found: YearTours) -> dict[str, Any]:
    """Return what ``hotline roster --json`` prints; lists of a group have a number a typical week."""
    return {
        "schema": SCHEMA,
        "scenario": {"name": found.scenario.name, "sha256": digest(found.scenario)},
        "weeks": [
            {"typical_week": week.label, "mondays": [str(monday) for monday in week.mondays], "of_horizon": share}
            for week, share in zip(found.weeks, found.shares.tolist(), strict=True)
        ],
        "groups": {
            name: {
                "agents": own.agents.sum(axis=1).tolist(),
                "paid_h": own.paid_h.tolist(),
                "on_duty_h": own.on_duty_h.tolist(),
                "required_h": own.need.hours.tolist(),
                "efficiency": own.efficiency.tolist(),
                "gap": own.gap.tolist(),
                "week_cny": None if own.week_cny is None else own.week_cny.tolist(),
            }
            for name, own in found.groups.items()
        },
        "called_in": found.called_in,
        "seats_exceeded": {site: _most_beyond(found, site) for site in found.seats_exceeded},
        "tours": found.tour_rows().to_dicts(),
    }


def _most_beyond(found: YearTours, site: str) -> dict[str, Any]:
    beyond = found.seats_exceeded[site]
    week, step = np.unravel_index(int(np.argmax(beyond)), beyond.shape)
    return {"agents": int(beyond.max()), "typical_week": found.weeks[week].label, "at": moment(int(step))}


def write(
    found: YearTours, folder: Path, *, source: str, changed: bool, command: str, began: dt.datetime,
    figures: Lang | None,
) -> None:  # fmt: skip
    """Write the result folder, whole or not at all.

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
        write_shifts(found, new, folder, "roster", source=source, changed=changed)
        if figures is not None:
            from sim.report.figures import keep
            from sim.report.roster_figures import draw

            keep(draw(found, figures), new / "figures")

    def record(finished: dt.datetime, files: list[str]) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "software": SOFTWARE,
            "command": command,
            "scenario": in_full(found.scenario),
            **made(began, finished, files),
        }

    write_whole(folder, fill, record)


def write_shifts(
    found: YearTours, new: Path, folder: Path, verb: str, *, source: str, changed: bool,
    seats: Mapping[str, int] | None = None, more: Mapping[str, pl.DataFrame] | None = None,
) -> None:  # fmt: skip
    """Write the tables of shifts, Excel where it is installed, and a scenario that has them.

    Parameters
    ----------
    found
        The shifts.
    new, folder
        The folder that is filled, and the one it will be.
    verb
        The command that found them.
    source, changed
        As in :func:`write`.
    seats
        Seats by site, if other than the scenario's.
    more
        More tables by the names of their files.
    """
    shifts = {"tours": found.tour_rows(), "coverage": found.coverage_rows(), "roster": found.roster_rows()}
    tables = {**shifts, **(more or {})}
    for name, frame in tables.items():
        # With the mark by which Excel knows UTF-8.
        frame.write_csv(new / f"{name}.csv", include_bom=True)
    if has_excel():
        _write_book(tables, new / "roster.xlsx")
    if changed:
        (new / _BASE).write_text(to_toml(found.scenario), "utf-8")
    extends = _BASE if changed else _from(source, folder)
    (new / SCENARIO).write_text(_scenario_text(found, extends, verb, seats or {}), "utf-8")


def has_excel() -> bool:
    """Return whether what writes Excel files is installed."""
    return find_spec("openpyxl") is not None


def _write_book(tables: Mapping[str, pl.DataFrame], file: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    for name, frame in tables.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        sheet.append(frame.columns)
        for row in frame.iter_rows():
            sheet.append(row)
    book.save(file)


def _from(source: str, folder: Path) -> str:
    """Return what a file in the folder extends to begin with the scenario given."""
    if source in shipped():
        return source
    try:
        return Path(os.path.relpath(source, folder)).as_posix()
    except ValueError:  # another drive of Windows
        return Path(source).resolve().as_posix()


def _scenario_text(found: YearTours, extends: str, verb: str, seats: Mapping[str, int]) -> str:
    """Return a scenario whose agents on duty are those of the roster beside it."""
    lines = [
        "# The same scenario with the agents of these shifts on duty; the numbers are in roster.csv.",
        f"extends = {quoted(extends)}",
        # Not the folder's name: hotline run would put its result in the place of the shifts.
        f"name = {quoted(f'{found.scenario.name}-{verb}ed')}",
    ]
    if (title := found.scenario.title) is not None:
        zh, en = quoted(f"{title.zh}（hotline {verb} 的排班）"), quoted(f"{title.en}, shifts by hotline {verb}")
        lines.append(f"title = {{ zh = {zh}, en = {en} }}")
    shifts = f"the shifts that hotline {verb} found for {found.scenario.name}"
    sources = {}
    for name in found.groups:
        lines += ["", f"[{format_path(('groups', name, 'on_duty'))}]", 'roster = "roster.csv"']
        sources["groups", name, "on_duty"] = f"derived: {shifts}"
    for site, number in seats.items():
        lines += ["", f"[{format_path(('sites', site))}]", f"seats = {number}"]
        sources["sites", site, "seats"] = f"derived: the most on duty at once, in {shifts}"
    lines += ["", "[sources]", *(f"{quoted(format_path(path))} = {quoted(told)}" for path, told in sources.items())]
    return "\n".join(lines) + "\n"
