"""From files and overrides to a scenario, or to all that is wrong with them."""

from __future__ import annotations

import datetime as dt
import math
import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from pydantic import ValidationError

from sim.scenario import schema
from sim.scenario.checks import cross_check, horizon_check
from sim.scenario.faults import Fault, Path, ScenarioError, Wrong, format_path, listed, parse_path, shown
from sim.scenario.files import Layer, read_chain, slip_fault
from sim.scenario.merge import assign, look_up, merge, places
from sim.scenario.partial import salvage
from sim.scenario.ranges import check_ranges, settle_ranges
from sim.scenario.rosters import read_rosters
from sim.scenario.scenario import Scenario
from sim.scenario.sources import check_sources, numbered, settle
from sim.scenario.translate import misspelt, structural
from sim.scenario.typed import added_remedy, number_remedy

SET = "--set"
"""The file of a fault in an override."""


def load(scenario: str | os.PathLike[str], overrides: Iterable[str] = ()) -> Scenario:
    """Read a scenario, with what it extends and what is set on the command line.

    Parameters
    ----------
    scenario
        The path of a file, or the name of a shipped scenario.
    overrides
        Each ``key.path=value``, as after ``--set``: the paths of the file, values as TOML writes them; quotes
        may be left out where text is wanted, and a number picks an item of a list (``demand.month.0``).

    Returns
    -------
    Scenario
        Complete and checked.

    Raises
    ------
    ScenarioError
        With every fault of the files and the overrides.
    """
    layers, faults = read_chain(scenario)
    return _build(layers, overrides, faults)


def from_dict(data: Mapping[str, Any], overrides: Iterable[str] = (), file: str = "scenario") -> Scenario:
    """Return the scenario of tables already read, checked like a file's.

    Parameters
    ----------
    data
        Tables with the types that TOML gives; ``extends`` is not followed.
    overrides
        As in :func:`load`.
    file
        The name of their file in messages.

    Raises
    ------
    ScenarioError
        With every fault.
    """
    return _build([Layer(file, dict(data))], overrides, [])


class PlanError(ScenarioError):
    """A scenario whose tables are sound and whose plan cannot be used.

    Parameters
    ----------
    name
        The scenario's; it stands where the files are not known: see :func:`placed`.
    tables
        All its tables.
    wrongs
        What is wrong.
    """

    def __init__(self, name: str, tables: Mapping[str, Any], wrongs: Sequence[Wrong]) -> None:
        draft, _ = _drafted([Layer(name, dict(tables))], ())
        super().__init__([draft.fault(wrong) for wrong in wrongs])
        self.wrongs = wrongs


def placed(error: PlanError, scenario: str | os.PathLike[str], overrides: Iterable[str]) -> ScenarioError:
    """Return what is wrong with a plan, told with the files and overrides that say it, as :func:`load` tells faults."""
    layers, _ = read_chain(scenario)
    draft, _ = _drafted(layers, overrides)
    return ScenarioError([draft.fault(wrong) for wrong in error.wrongs])


class _Draft:
    """The resolved tables, and which file set what."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self.files: list[str] = []
        self.origin: dict[Path, int] = {(): 0}

    def lay(self, layer: Layer) -> None:
        """Lay a file over those before."""
        # A file that extends another is another scenario: it does not inherit its name.
        before = {key: value for key, value in self.data.items() if key not in ("name", "title")}
        self.data = merge(before, layer.data)
        settle_ranges(before, self.data, layer.data)
        settle(before, self.data, layer.data, f"in {PurePath(layer.file).name}")
        self._mark(places(layer.data), layer.file)

    def override(self, path: tuple[str, ...], value: Any) -> None:
        """Set one key, as the command line asks.

        Raises
        ------
        IndexError
            The path leads to an item that a list does not have.
        """
        before = self.data
        self.data = assign(before, path, value)
        numbered: list[str | int] = []
        here: Any = self.data
        for key in path:
            numbered.append(int(key) if isinstance(here, list) else key)
            here = look_up(here, numbered[-1:])  # type: ignore[arg-type]
        place = tuple(numbered)
        over: Any = here
        for index in range(len(place) - 1, -1, -1):
            # A list of which one item is set counts as set whole.
            over = look_up(self.data, place[:index]) if isinstance(place[index], int) else {place[index]: over}
        settle_ranges(before, self.data, over)
        settle(before, self.data, over, "on the command line")
        prefixes = [place[:length] for length in range(len(place))]
        self._mark([*prefixes, *places(here, place)], SET)

    def fault(self, wrong: Wrong) -> Fault:
        """Return a fault with its file and value."""
        path = max((wrong.path, *wrong.with_), key=self._rank)
        try:
            value = shown(look_up(self.data, path))
        except KeyError:
            value = ""
        file = self.files[self._rank(path)]
        remedy = wrong.on_set if wrong.on_set and file == SET else wrong.remedy
        return Fault(file, format_path(path), value, wrong.allowed, remedy)

    def _mark(self, paths: Iterable[Path], file: str) -> None:
        self.files.append(file)
        self.origin.update(dict.fromkeys(paths, len(self.files) - 1))

    def _rank(self, path: Path) -> int:
        return next(self.origin[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.origin)

    def drop_other_years(self) -> None:
        """Drop the calendar days of other years that a later file or override moved the horizon away from."""
        horizon, calendar = self.data.get("horizon"), self.data.get("calendar")
        if not (isinstance(horizon, dict) and isinstance(calendar, dict)):
            return
        days, start, end = calendar.get("days"), horizon.get("start"), horizon.get("end")
        if not (isinstance(days, dict) and isinstance(start, dt.date) and isinstance(end, dt.date)):
            return
        warm_up_days = horizon.get("warm_up_days", 0)
        into_year = start.timetuple().tm_yday - 1
        first_year = start.year - (isinstance(warm_up_days, int) and warm_up_days > into_year)
        moved = max(self._rank(("horizon", "start")), self._rank(("horizon", "end")))
        gone = {
            day
            for day in days
            if self._rank(("calendar", "days", day)) < moved
            and day[:4].isdecimal()
            and not first_year <= int(day[:4]) <= end.year
        }
        kept = {day: kind for day, kind in days.items() if day not in gone}
        self.data = {**self.data, "calendar": {**calendar, "days": kept}}
        sources = self.data.get("sources")
        if isinstance(sources, dict):
            stale = {("calendar", "days", day) for day in gone}
            self.data["sources"] = {key: text for key, text in sources.items() if parse_path(key) not in stale}


def _build(layers: list[Layer], overrides: Iterable[str], faults: list[Fault]) -> Scenario:
    if not layers:
        raise ScenarioError(faults)
    broken = bool(faults)
    draft, refused = _drafted(layers, overrides)
    faults = faults + refused
    slips, unread = _unread(layers, draft.data)
    rosters = read_rosters(draft.data, unread)
    unread += rosters.unread
    try:
        scenario = Scenario.model_validate(rosters.data)
        wrongs: list[Wrong] = []
    except ValidationError as error:
        wrongs = structural(error, rosters.data)
    if wrongs or unread:
        scenario = salvage(Scenario, rosters.data, [*(wrong.path for wrong in wrongs), *unread])
    if broken:
        # What the missing file would have given is not a fault of this one.
        wrongs = [wrong for wrong in wrongs if _stands(draft.data, wrong.path)] + horizon_check(scenario)
    else:
        complete = not (wrongs or unread)
        wrongs += cross_check(scenario, complete=complete)
        wrongs += check_ranges(scenario) if complete else ()
        wrongs += check_sources(draft.data)
        wrongs = misspelt(wrongs, draft.data)
    # What could not be read is told as that.
    wrongs = [wrong for wrong in wrongs if not any(wrong.path[: len(path)] == path for path in unread)]
    faults += slips + rosters.faults + [draft.fault(wrong) for wrong in [*wrongs, *rosters.wrongs]]
    if faults:
        raise ScenarioError(list(dict.fromkeys(faults)))
    return scenario


def _drafted(layers: list[Layer], overrides: Iterable[str]) -> tuple[_Draft, list[Fault]]:
    """Return files and overrides laid one over the other, and the overrides that could not be."""
    draft = _Draft()
    for layer in layers:
        draft.lay(layer)
    refused = _override(draft, overrides)
    draft.drop_other_years()
    return draft, refused


def _unread(layers: list[Layer], data: dict[str, Any]) -> tuple[list[Fault], list[Path]]:
    """Return the faults of the lines that could not be read, and the paths of ``data`` that lack their values.

    A key that the schema does not know has no such path: that it is unknown is told too.
    """
    faults, paths = [], []
    for layer in layers:
        if not layer.slips:
            continue  # a year's roster by date is long to look through
        found = {value: path for path in places(layer.data) if isinstance(value := look_up(layer.data, path), str)}
        for slip in layer.slips:
            path = found.get(slip.mark, ()) if slip.mark else ()
            if path:
                known = schema.allowed(path) if schema.at(path) else ""
                given = slip.value.partition("#")[0].strip()
                if given and (remedy := number_remedy(path, given)):
                    # What the key wants is known here, and not where the line was read.
                    slip = replace(slip, remedy=remedy)
                faults.append(slip_fault(layer.file, slip, format_path(path), known))
            elif not slip.mark:
                faults.append(slip_fault(layer.file, slip))
            if path and schema.at(path) and _stands(data, path) and look_up(data, path) == slip.mark:
                paths.append(path)
    return faults, paths


def _stands(data: Any, path: Path) -> bool:
    try:
        look_up(data, path)
    except KeyError:
        return False
    return True


def _override(draft: _Draft, overrides: Iterable[str]) -> list[Fault]:
    """Lay overrides over the files; return those that could not be."""
    faults = []
    for text in overrides:
        split = split_override(text)
        if split is None:
            allowed = "key.path=value, such as demand.growth=0.08"
            faults.append(Fault(SET, "", shown(text), allowed, _whole_remedy(text, draft.data)))
            continue
        path, written = split
        value = _typed(path, written)
        if written.startswith("+") and isinstance(value, (int, float)) and math.isfinite(value):
            place = numbered(draft.data, path)
            if schema.numbers_at(place):
                now = look_up(draft.data, place) if _stands(draft.data, place) else None
                remedy = added_remedy(written, value, now)
                faults.append(Fault(SET, format_path(path), written, f"{schema.allowed(place)}, without +", remedy))
                continue
        try:
            draft.override(path, value)
        except IndexError:
            faults.append(
                Fault(
                    SET,
                    format_path(path),
                    written,
                    "the number of an item, 0 for the first, that the list has",
                    "correct the number, or set the whole list",
                )
            )
    return faults


def split_override(text: str) -> tuple[tuple[str, ...], str] | None:
    """Return path and value of an override; the first ``=`` that leaves a whole path before it parts them."""
    at = text.find("=")
    while at >= 0:
        path = parse_path(text[:at])
        if path is not None:
            return path, text[at + 1 :].strip()
        at = text.find("=", at + 1)
    return None


def _whole_remedy(text: str, data: dict[str, Any]) -> str:
    """Return how to mend an override that does not part into a path and a value."""
    key, sign, value = re.fullmatch("([^=＝]*)(.?)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    if sign == "＝":
        return f"＝ is a full-width equals sign: write {key.strip()}={value.strip()}, with the keyboard set to English"
    above, star, below = key.partition("*")
    if not star:
        return "write key, equals sign, value"
    path = parse_path(above.rstrip("."))
    table = look_up(data, path) if path and _stands(data, path) else None
    if not isinstance(table, dict):
        return "there are no wildcards: set each key by itself"
    example = f"{above}{format_path([next(iter(table))])}{below}{sign}{value}"
    return f"there are no wildcards: set each of {listed(table)} by itself, such as --set {example}"


def _typed(path: tuple[str, ...], written: str) -> Any:
    """Return the value of an override: TOML, or plain text where it is not or where the schema wants text."""
    try:
        table = tomllib.loads(f"value = {written}")
        value = table["value"] if len(table) == 1 else written
    except (ValueError, RecursionError):
        value = written
    return written if schema.wants_text(path) and not isinstance(value, str) else value
