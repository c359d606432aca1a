"""What the result folder says in JSON: ``summary.json`` (schema 1) and ``manifest.json``."""

from __future__ import annotations

import datetime as dt
import json
import platform
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib import metadata
from typing import Any, Final

import sim
from sim.cost.bill import Bill
from sim.cost.budget import HOTLINE, Budget, checks
from sim.cost.heads import Step
from sim.cost.implied import Implied, OtherYear, PlannedVolume
from sim.experiment import frames
from sim.experiment.gather import Settings
from sim.experiment.heads import Heads
from sim.experiment.run import Result
from sim.measures import NAMES, Estimate
from sim.report.words import Lang
from sim.scenario import Scenario, digest, to_toml

SCHEMA: Final = 1
SOFTWARE: Final = "hotline-sim"
_LIBRARIES: Final = ("numpy", "numba", "scipy", "simpy", "polars", "pydantic", "holidays", "joblib")


def summary(result: Result) -> dict[str, Any]:
    """Return what ``summary.json`` holds; what could not be measured is null, and ``cost`` without money.

    ``groups`` and ``tasks`` have the measures of each group and kind of task. ``periods`` is there when the run was
    asked for quarters or weeks.
    """
    accepted = result.measures["accepted"].mean
    by = result.settings.by
    return {
        "schema": SCHEMA,
        "scenario": {"name": result.scenario.name, "sha256": digest(result.scenario)},
        "seed": result.settings.seed,
        "engine": result.settings.engine,
        "replications": len(result.numbers),
        "from": result.first.isoformat(),
        "to": result.last.isoformat(),
        "measures": {name: asdict(result.measures[name]) for name in NAMES},
        "groups": _each(result.groups),
        "tasks": _each(result.kinds),
        "surge_contacts": result.surge_contacts,
        "targets": [asdict(row) for row in result.targets],
        "cost": None if result.bill is None else result.bill.to_dict(accepted),
        **({"headcount": _headcount(result.heads, result)} if result.heads is not None else {}),
        "months": frames.months(result).to_dicts(),
        **({"periods": frames.periods(result).to_dicts()} if by in ("quarter", "week") else {}),
        "performance": {
            "wall_s": result.wall_s,
            "attempts_per_s": result.attempts_per_s,
            "peak_mb": result.peak_mb,
        },
    }


def _each(found: dict[str, dict[str, Estimate]]) -> dict[str, dict[str, Any]]:
    """Return the measures of each group or kind of task."""
    return {name: {key: asdict(estimate) for key, estimate in own.items()} for name, own in found.items()}


def _headcount(heads: Heads, result: Result) -> dict[str, Any]:
    """Return what the replications had of heads, on average: over the days simulated, and week by week."""
    rows = heads.simulated(result.first, result.last).iter_rows(named=True)
    return {
        "needed": heads.needed.balanced,
        **heads.means(result.first, result.last),
        "weeks": [{**row, "from": row["from"].isoformat(), "to": row["to"].isoformat()} for row in rows],
    }


def manifest(
    scenario: Scenario, settings: Settings, replications: int, command: str, began: dt.datetime, ended: dt.datetime,
    files: Iterable[str],
) -> dict[str, Any]:  # fmt: skip
    """Return what ``manifest.json`` holds: all it takes to have this result again.

    Parameters
    ----------
    scenario, settings, replications
        What was simulated, how, and how often.
    command
        The command that gives this result again (:func:`command_of`).
    began, ended
        When it was made; these alone differ from run to run.
    files
        The files of the folder, so that nobody's own are taken for them.
    """
    return {
        "schema": SCHEMA,
        "software": SOFTWARE,
        "command": command,
        "scenario": in_full(scenario),
        "seed": settings.seed,
        "engine": settings.engine,
        "replications": replications,
        **made(began, ended, files),
    }


def in_full(scenario: Scenario) -> dict[str, str]:
    """Return what every manifest says of a scenario: its name, its digest, and its text, which loads again."""
    return {"name": scenario.name, "sha256": digest(scenario), "text": to_toml(scenario)}


def made(began: dt.datetime, ended: dt.datetime, files: Iterable[str]) -> dict[str, Any]:
    """Return what every manifest says: with what and when it was made, and the folder's files."""
    return {
        "versions": {
            SOFTWARE: sim.__version__,
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in _LIBRARIES},
        },
        "platform": {"system": platform.platform(), "machine": platform.machine()},
        "files": sorted(files),
        "times": {
            "began": began.isoformat(timespec="seconds"),
            "ended": ended.isoformat(timespec="seconds"),
            "seconds": (ended - began).total_seconds(),
        },
    }


def command_of(
    verb: str, scenarios: Iterable[str], options: Iterable[tuple[str, Sequence[str | None] | bool]],
    settings: Settings | None, *, figures: Lang | None,
) -> str:  # fmt: skip
    """Return the command that gives a result again.

    It names all that decides the result, and nothing else: not how many processes, not where the result goes, and
    the language only where there are figures in it.

    Parameters
    ----------
    verb, scenarios
        The sub-command, and what stands after it.
    options
        What this sub-command has beside ``settings``: each value with its option, None where it was left out; a switch
        is true or false.
    settings, figures
        How it simulates, None if it does not, and the language of its figures, None without them.
    """
    words = ["hotline", verb, *scenarios]
    for option, values in options:
        if isinstance(values, bool):
            words += [option] * values
        else:
            words += [word for value in values if value is not None for word in (option, value)]
    figures_words = ["--figures"] * (figures is not None) + ["--lang", "zh"] * (figures == "zh")
    settings_words = [] if settings is None else _settings_words(settings)
    return shlex.join([*words, *settings_words, *figures_words])


def _settings_words(settings: Settings) -> list[str]:
    """Return the options that say how a command simulates, as typed."""
    words = []
    if settings.first is not None:
        words += ["--from", str(settings.first)]
    if settings.last is not None:
        words += ["--to", str(settings.last)]
    if settings.by is not None:
        words += ["--by", settings.by]
    if settings.precision is None:
        words += ["--replications", str(settings.replications)]
    else:
        asked = (f"{name}={share * 100:.10g}%" for name, share in settings.precision.items())
        words += ["--precision", ",".join(asked)]
    return [*words, "--seed", str(settings.seed), "--engine", settings.engine]


def cost_summary(
    bill: Bill, volume: PlannedVolume, way: Sequence[Step], reading: Implied, years: Sequence[OtherYear]
) -> dict[str, Any]:
    """Return what ``hotline cost --json`` prints: ``cost`` and ``months`` as in ``summary.json``.

    Parameters
    ----------
    bill
        The bill of the days asked for.
    volume
        The contacts expected on them.
    way, reading
        From work to heads, and what follows, of the whole plan.
    years
        The years that are known.
    """
    return {
        "from": bill.drivers.days[0].isoformat(),
        "to": bill.drivers.days[-1].isoformat(),
        "cost": bill.to_dict(),
        "calibrated": list(bill.calibrated),
        "months": bill.by_month(),
        "planned_volume": asdict(volume),
        "from_work_to_heads": [asdict(step) for step in way],
        "implied": asdict(reading),
        "other_years": [asdict(year) for year in years],
    }


def budget_summary(budget: Budget) -> dict[str, Any]:
    """Return what ``hotline cost --budget --json`` prints."""
    return {
        **asdict(budget),
        "total_cny": budget.total_cny,
        "hotline_code": HOTLINE,
        "hotline_cny": budget.hotline_cny,
        "hotline_share": budget.hotline_share,
        "checks": [asdict(check) for check in checks(budget)],
    }


def text(data: Any) -> str:
    """Return strictly valid JSON.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    return json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
