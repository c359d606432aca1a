"""A comparison on screen: differences, targets' chances, causes and the ranking; and as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sim.experiment.causes import Cause, Split
from sim.experiment.compare import Case, Comparison, TargetChange
from sim.experiment.paired import Difference
from sim.experiment.quantities import Interval
from sim.experiment.ranking import MONEY, TOTAL, WAN
from sim.experiment.shapley import MOST_EXACT
from sim.measures import NAMES
from sim.report import formats
from sim.report.names import MEASURES, any_name, cause_name
from sim.report.scenario_tables import key_lines
from sim.report.tables import new_table
from sim.report.words import Lang, figure_word, word
from sim.scenario.faults import listed, parse_path

SCHEMA: Final = 1
_POINTS: Final = {"en": " pp", "zh": " 个百分点"}
_SUFFIXES: Final = {"s": " s", "h": " h"}
_IN_CAUSES: Final = ("connection_rate", "asa_s", "lost_share")
"""Measures whose causes are shown, beside the total cost and what is ranked by; all are in the result folder."""


def heading(found: Comparison, lang: Lang) -> Text:
    """Return the lines that say what was compared, and how."""
    settings, horizon = found.settings, found.scenarios[found.base].horizon
    runs = len(found.numbers)
    replications = figure_word("mean_of_one", lang) if runs == 1 else f"{runs} {word('replications', lang)}"
    how = (
        f"{settings.first or horizon.start} – {settings.last or horizon.end} · {replications} · "
        f"{word('seed', lang)} {settings.seed} · {word(f'engine_{settings.engine}', lang)}"
    )
    names = ", ".join(case.name for case in found.cases)
    return Text.assemble((word("against", lang).format(names, found.base), "bold"), "\n", how)


def tables(found: Comparison, lang: Lang) -> Iterator[RenderableType]:
    """Yield all tables, those of each case under its name, and last the ranking."""
    for case in found.cases:
        if len(found.cases) > 1:
            yield Text(word("against", lang).format(case.name, found.base), "bold")
        yield _differences(found, case, lang)
        if case.lines:
            yield _lines(found, case, lang)
        if case.targets:
            yield _targets(case, lang)
        if case.split is not None:
            yield _causes(case, case.split, found.rank_by, lang)
    yield _ranking(found, lang)


def change(value: float | None, unit: str, lang: Lang = "en") -> str:
    """Return a difference with its sign and unit; of shares in percentage points."""
    if value is None:
        return formats.NOTHING
    suffix = _POINTS[lang] if unit.startswith("share") else _SUFFIXES.get(unit, "")
    return f"{formats.difference(value, unit)}{suffix}"


def _interval(found: Difference | Interval | TargetChange, unit: str) -> str:
    if found.low is None or found.high is None:
        return ""
    return f"{formats.difference(found.low, unit)} … {formats.difference(found.high, unit)}"


def _new(found: Comparison, case: Case, title: str, first: str, lang: Lang) -> Table:
    columns = (word(first, lang), found.base, case.name, word("difference", lang), word("interval", lang))
    return new_table(word(title, lang), *columns, right=1)


def _differences(found: Comparison, case: Case, lang: Lang) -> RenderableType:
    table = _new(found, case, "differences", "measure", lang)
    for name in MEASURES:
        own = case.measures[name]
        if own.base or own.mean:
            row = (
                formats.number(own.base, own.unit),
                formats.number(own.mean, own.unit),
                change(own.difference, own.unit, lang),
            )
            table.add_row(any_name(name, lang), *row, _interval(own, own.unit), style=_style(own))
    basis = "differences_basis" if len(found.numbers) > 1 else "no_intervals"
    return Group(table, *(Text(word(key, lang), "dim") for key in (basis, "unrounded")))


def _style(found: Difference) -> str:
    """Return how a difference looks: dim if it may be none."""
    unsure = found.low is not None and found.high is not None and found.low <= 0.0 <= found.high
    return "dim" if unsure else ""


def _lines(found: Comparison, case: Case, lang: Lang) -> Table:
    table = _new(found, case, "line_differences", "line", lang)
    for key, own in case.lines.items():
        row = (formats.wan(own.base), formats.wan(own.mean), change(own.difference, WAN))
        table.add_row(
            any_name(key, lang), *row, _interval(own, own.unit), style="bold" if key == TOTAL else _style(own)
        )
    return table


def _targets(case: Case, lang: Lang) -> Table:
    keys = ("target", "chance_base", "chance", "difference", "interval", "no_longer_met", "newly_met")
    table = new_table(word("targets", lang), *(word(key, lang) for key in keys), right=1)
    for row in case.targets:
        if row.base is None and row.probability is None:
            continue
        chance = (formats.NOTHING if value is None else f"{value * 100.0:.0f}" for value in (row.base, row.probability))
        counts = (formats.NOTHING if value is None else f"{value}" for value in (row.lost, row.gained))
        told = change(row.difference, "share", lang), _interval(row, "share")
        table.add_row(row.name_zh if lang == "zh" else row.name_en, *chance, *told, *counts)
    return table


def _causes(case: Case, split: Split, rank_by: str, lang: Lang) -> RenderableType:
    notes = []
    if split.left_out:
        notes.append(word("targets_left_out", lang).format(listed(split.left_out)))
    if not split.causes:
        return Group(*(Text(note, "dim") for note in (word("causes_none", lang), *notes)))
    shown = [name for name in dict.fromkeys((*_IN_CAUSES, TOTAL, rank_by)) if name in case.causes]
    names = [f"{any_name(name, lang)}, 万元" if name in MONEY else any_name(name, lang) for name in shown]
    table = new_table(word("causes", lang), word("cause", lang), word("changed_keys", lang), *names, right=2)
    table.columns[1].no_wrap = True
    differences = {**case.measures, **case.lines}
    for place, cause in enumerate(split.causes):
        values = (_with_interval(case.causes[name][place], differences[name].unit, lang) for name in shown)
        table.add_row(cause_name(cause.key, lang), "\n".join(map(key_lines, _patterns(cause.paths))), *values)
        if "+" in cause.key:
            notes.append(word("causes_joined", lang).format(cause_name(cause.key, lang)))
    table.add_section()
    sums = (change(differences[name].difference, differences[name].unit, lang) for name in shown)
    table.add_row(word("all_causes", lang), "", *sums, style="bold")
    notes.insert(0, word("causes_exact" if len(split.causes) <= MOST_EXACT else "causes_in_order", lang))
    return Group(table, *(Text(note, "dim") for note in notes))


def _with_interval(own: Interval, unit: str, lang: Lang) -> str:
    """Return what a cause does and below it the interval; none is shown for what is known without."""
    inside = _interval(own, unit) if own.low != own.high else ""
    return change(own.mean, unit, lang) + (f"\n{inside}" if inside else "")


def _patterns(paths: Iterable[str]) -> list[str]:
    """Return keys, those that differ in a name alone, such as ``types.help.talk``, as one with ``*`` for the name."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for path in paths:
        keys = parse_path(path) or ()
        alike.setdefault((keys[0], "*", *keys[2:]) if len(keys) > 2 else keys, []).append(path)
    return [found[0] if len(found) == 1 else ".".join(pattern) for pattern, found in alike.items()]


def _ranking(found: Comparison, lang: Lang) -> RenderableType:
    by = found.rank_by
    unit = WAN if by in MONEY else found.cases[0].measures[by].unit
    table = new_table(
        word("ranking", lang).format(any_name(by, lang)),
        *(
            "",
            word("case_name", lang),
            f"{word('mean', lang)}{', 万元' if unit == WAN else ''}",
            word("best_share", lang),
        ),
        right=2,
    )
    for place in found.ranking:
        mean = formats.wan(place.mean) if unit == WAN else formats.number(place.mean, unit)
        share = formats.NOTHING if place.best_share is None else f"{place.best_share * 100.0:.0f}"
        table.add_row(formats.NOTHING if place.rank is None else str(place.rank), place.name, mean, share)
    ranks = [place.rank for place in found.ranking]
    return Group(table, Text(word("ties", lang), "dim")) if len(set(ranks)) < len(ranks) else table


def as_data(found: Comparison) -> dict[str, Any]:
    """Return what ``--json`` prints and ``comparison.json`` holds.

    ``causes`` has each measure and line that is known in every mixture, none where the difference is not parted; their
    differences sum to the whole one. ``probability_best`` is a share of simulated years; one in which several are
    equally good is shared among them.
    """
    horizon, settings = found.scenarios[found.base].horizon, found.settings
    return {
        "schema": SCHEMA,
        "base": found.base,
        "from": (settings.first or horizon.start).isoformat(),
        "to": (settings.last or horizon.end).isoformat(),
        "seed": settings.seed,
        "engine": settings.engine,
        "replications": len(found.numbers),
        "cases": [_case(case) for case in found.cases],
        "ranking": {
            "by": found.rank_by,
            "cases": [
                {
                    "name": place.name,
                    "mean": place.mean,
                    "rank": place.rank,
                    "probability_best": place.best_share,
                }
                for place in found.ranking
            ],
        },
    }


def _case(case: Case) -> dict[str, Any]:
    data: dict[str, Any] = {
        "name": case.name,
        "measures": {name: asdict(case.measures[name]) for name in NAMES},
        "cost": {line: _in_wan(asdict(own)) for line, own in case.lines.items()},
        "targets": [asdict(row) for row in case.targets],
        "causes": {name: [] for name in case.causes},
    }
    for name, cause, own in parts(case):
        data["causes"][name].append({"key": cause.key, "difference": own.mean, "low": own.low, "high": own.high})
    if case.split is not None:
        causes = case.split.causes
        data["cause_keys"] = {cause.key: list(cause.paths) for cause in causes}
        data["targets_changed"] = list(case.split.left_out)
        data["causes_by"] = "shapley" if len(causes) <= MOST_EXACT else "order and its reverse"
    return data


def parts(case: Case) -> Iterator[tuple[str, Cause, Interval]]:
    """Yield what each cause does to each measure and contract line."""
    if case.split is not None:
        for name, values in case.causes.items():
            for cause, own in zip(case.split.causes, values, strict=True):
                yield name, cause, own


def _in_wan(own: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{key}_wan" if key in ("base", "mean", "difference") else key: value for key, value in own.items()}
