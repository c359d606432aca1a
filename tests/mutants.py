"""One deliberate breach a rule, and the test that must turn red: ``python tests/mutants.py`` lists and tries them.

Each mutant is a copy of the package with one text replaced; the named test is run against it without compilation.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]


class Mutant(NamedTuple):
    """A rule, a file of the package, a text that occurs there once, what takes its place, and the test."""

    rule: str
    file: str
    text: str
    breach: str
    test: str


MUTANTS = [
    Mutant("§1 rounding", "demand/draws.py", "_LONGEST_S) * 1000.0 + 0.5)", "_LONGEST_S) * 1000.0)",
           "test_traces.py::test_drawn_seconds_are_rounded_to_ms"),
    Mutant("§1 the last day's roster repeats", "engine/rules.py", "rows - SLOTS_PER_DAY + (row - rows) % SLOTS_PER_DAY",
           "rows - 1",
           "test_traces.py::test_after_the_window_the_last_days_roster_is_repeated"),
    Mutant("§1 no attempt after the window", "engine/rules.py", "return due if due < end_ms else OPEN", "return due",
           "test_traces.py::test_the_end_of_the_window"),
    Mutant("§2 the generator", "uniforms.py", "_R27: Final = np.uint64(27)", "_R27: Final = np.uint64(28)",
           "test_draws.py::test_splitmix64_gives_its_known_answers"),
    Mutant("§2 contacts keep their numbers", "demand/draws.py", "keys[first + number] = fold(slot_key, number)",
           "keys[first + number] = fold(slot_key, counts[kind] - number)",
           "test_draws.py::test_adding_volume_to_one_slot_leaves_every_other_contact_as_it_was"),
    Mutant("§2 draws are a contact's own", "engine/calls.py", "SLOT_SHIFT) + 1 >= run.first_slot",
           "SLOT_SHIFT) + 2 >= run.first_slot", "test_engines_agree.py::test_three_readings_agree_on_a_few"),
    Mutant("§2 types have their own keys", "engine/inputs.py", "uniforms.name_word(name) for name in",
           "uniforms.name_word(str(len(self.scenario.types))) for name in",
           "test_draws.py::test_a_new_type_leaves_the_others_contacts_as_they_were"),
    Mutant("§2 Poisson counts", "demand/draws.py", "p *= mean / count", "p *= mean / (count + 1)",
           "test_draws.py::test_poisson_counts_are_scipys"),
    Mutant("§2 arrivals within a slot", "demand/draws.py", "b = 1.0 - slope", "b = 1.0 + slope",
           "test_draws.py::test_arrivals_within_a_slot_follow_the_straight_line"),
    Mutant("§2 the window sees the same citizens", "engine/inputs.py",
           "first_slot=int(self.window.absolute_slots(self.scenario)[0])", "first_slot=700_000",
           "test_draws.py::test_a_window_sees_the_same_citizens_as_the_whole"),
    Mutant("§3 growth", "demand/rates.py", "column * (1.0 + scenario.demand.growth)", "column",
           "test_demand_rates.py::test_the_year_adds_up_to_the_stated_volume"),
    Mutant("§3 a surge adds to the year", "demand/rates.py", "(surge.multiplier - 1.0) * base",
           "surge.multiplier * base",
           "test_demand_rates.py::test_a_surge_adds_its_multiplier_less_one"),
    Mutant("§3 unknown surges are not planned for", "demand/rates.py",
           "if surge.known or not known_only]\n    return (base",
           "]\n    return (base",
           "test_demand_rates.py::test_unknown_surges_are_not_planned_for"),
    Mutant("§4 priority", "engine/routing.py", "priority[kind] > priority[best]", "priority[kind] < priority[best]",
           "test_traces.py::test_priority_then_longest_wait_across_types"),
    Mutant("§5 a line is free at the end of talk", "engine/calls.py", "line_ends[state[structures.N_TALKS]] = talk_end",
           "line_ends[state[structures.N_TALKS]] = free", "test_traces.py::test_a_line_is_free_at_the_end_of_talk"),
    Mutant("§5 an abandonment frees its line", "engine/reference.py",
           "        self.n_waiting -= 1\n        self.fail(call, Outcome.ABANDONED)",
           "        self.n_waiting -= 1\n        self.in_greeting += 1\n        self.fail(call, Outcome.ABANDONED)",
           "test_traces.py::test_an_abandonment_frees_its_line"),
    Mutant("§6 the ring", "engine/calls.py", "talk_end = now + centre.ring_ms + talk_ms", "talk_end = now + talk_ms",
           "test_traces.py::test_greeting_ring_and_what_counts_as_wait"),
    Mutant("§6 containment", "engine/rules.py", "draws.CONTAINMENT) < share", "draws.CONTAINMENT) > share",
           "test_traces.py::test_containment_at_the_end_of_the_greeting"),
    Mutant("§7 reserve", "engine/routing.py", "join_ms[kind, group] > 0 or idle[group] < need[kind, group]",
           "join_ms[kind, group] > 0 or idle[group] < 1", "test_traces.py::test_reserve_holds_a_call_back"),
    Mutant("§7 join time", "engine/routing.py", "now - pool[at, QUEUED] < join_ms[kind, group]", "False",
           "test_traces.py::test_a_freed_agent_waits_for_the_join_time"),
    Mutant("§7 longest wait across types", "engine/routing.py", "pool[first, QUEUED] < pool[at, QUEUED] or",
           "pool[first, QUEUED] > pool[at, QUEUED] or", "test_traces.py::test_priority_then_longest_wait_across_types"),
    Mutant("§7 longest idle", "engine/routing.py", "first_idle(idle_since, group) < first_idle(idle_since, found)",
           "first_idle(idle_since, group) > first_idle(idle_since, found)", "test_traces.py::test_longest_idle"),
    Mutant("§7 random routing", "engine/routing.py", "place = int(n * u)", "place = n - 1 - int(n * u)",
           "test_traces.py::test_random_routing"),
    Mutant("§7 ties by id", "engine/structures.py", "pool[before, CONTACT] > pool[at, CONTACT]", "False",
           "test_traces.py::test_calls_that_queue_in_one_ms_stand_in_order_of_id"),
    Mutant("§8 a share hangs up at once", "demand/draws.py", "u = (u - share) / (1.0 - share)", "u = u - share",
           "test_draws.py::test_a_share_at_once_leaves_the_rest_its_law"),
    Mutant("§8 the same patience", "engine/rules.py", "drawn = 1 if same_patience[kind] else attempt",
           "drawn = attempt",
           "test_traces.py::test_same_patience_and_new_handling"),
    Mutant("§9 speed and its rounding", "engine/rules.py", "(drawn_ms * permille + 500) // 1000",
           "drawn_ms * permille // 1000", "test_traces.py::test_speed_of_the_week_and_rounding"),
    Mutant("§9 wrap-up of a work order", "engine/rules.py",
           "drawn.wrap_ms if spot else drawn.wrap_work_order_ms", "drawn.wrap_ms",
           "test_traces.py::test_work_orders_have_their_own_wrap_up"),
    Mutant("§10 redial after failing", "engine/rules.py", "draws.REDIAL) >= chance", "draws.REDIAL) < chance",
           "test_traces.py::test_redial_until_max_attempts"),
    Mutant("§10 attempts at most", "engine/inputs.py", "range(1, kind.redial.max_attempts)",
           "range(1, kind.redial.max_attempts + 1)", "test_inputs.py::test_redials_end_with_the_last_attempt"),
    Mutant("§11 on the spot", "engine/rules.py", "drawn.resolution < on_the_spot", "drawn.resolution > on_the_spot",
           "test_traces.py::test_work_orders_have_their_own_wrap_up"),
    Mutant("§14 overrun", "engine/tally.py", "over * (now - since[group])", "now - since[group]",
           "test_engines_agree.py::test_three_readings_agree_on_a_few"),
    Mutant("§14 a busy agent leaves with the job", "engine/routing.py", "at < 0 or idle < need[kind, group]",
           "at < 0 or idle + 1 < need[kind, group]", "test_traces.py::test_roster_fall_overrun_and_rise"),
    Mutant("§14 the longest idle leave first", "engine/reference.py", "group.idle_since.popleft()\n        while",
           "group.idle_since.pop()\n        while", "test_traces.py::test_longest_idle_agent_is_taken_first"),
    Mutant("§14 absence", "workforce/on_duty.py", "< rates[:, None]", "> rates[:, None]",
           "test_on_duty.py::test_absence_has_its_rate_and_variation"),
    Mutant("§14 seats", "workforce/on_duty.py", "free -= seated", "free -= 0 * seated",
           "test_on_duty.py::test_seats_are_taken_in_declared_order"),
    Mutant("§15 abandonment before the end of a job", "engine/rules.py", "ABANDON: Final = 0", "ABANDON: Final = 7",
           "test_traces.py::test_abandonment_comes_before_the_agent"),
    Mutant("§15 redial before first attempt", "engine/rules.py", "REDIAL: Final = 8", "REDIAL: Final = 10",
           "test_traces.py::test_redial_arrives_before_a_first_attempt"),
    Mutant("§16 the engines tell the same", "engine/recount.py", "add(t.WAIT_MS, answered | abandoned, wait)",
           "add(t.WAIT_MS, abandoned, wait)",
           "test_engines_agree.py::test_three_readings_agree_on_a_few"),
    Mutant("§17 connection rate", "measures.py", '"connection_rate": (answered, offered)',
           '"connection_rate": (answered, answered + abandoned)', "test_measures.py::test_a_measure_by_hand"),
    Mutant("§12 what adds up is asserted: tasks", "measures.py", "yield left == waiting[-1],", "yield left == left,",
           "test_measures.py::test_what_does_not_add_up_stops_the_run"),
    Mutant("§14 what adds up is asserted: time", "measures.py", "yield busy.sum(axis=0) == own.sum(axis=0),",
           "yield busy.sum() == own.sum(),",
           "test_measures.py::test_time_given_to_another_group_or_slot_stops_the_run"),
    Mutant("§12 the backlog counts from the start", "measures.py",
           "np.cumsum(tasks[..., t.RELEASED] - tasks[..., t.STARTED_NOW], axis=0)",
           "tasks[..., t.RELEASED] - tasks[..., t.STARTED_NOW]",
           "test_measures.py::test_a_kind_of_task_and_a_group_by_hand"),
    Mutant("§13 calls back are apart", "measures.py", "apart = 0 if counting.callbacks_waited else a[t.CALLED_BACK]",
           "apart = 0", "test_measures.py::test_a_measure_by_hand"),
    Mutant("§18 whose satisfaction", "measures.py", "satisfied[counting.population]", 'satisfied["all"]',
           "test_measures.py::test_satisfaction_is_that_of_the_population_meant"),
    Mutant("§17 per contact, first episodes count", "measures.py",
           "(c[t.FIRST_ANSWERED], c[t.STARTED] - c[t.FIRST_OPEN])",
           "(c[t.RESOLVED] + c[t.HANDED_OVER], c[t.STARTED] - c[t.OPEN])",
           "test_measures.py::test_a_measure_by_hand"),
    Mutant("§17 percentiles", "measures.py", "-(-percent * total // 100)", "percent * total // 100",
           "test_measures.py::test_nearest_rank_is_the_textbooks"),
    Mutant("§17 verdict", "targets.py", "if self.holds(found.low) and self.holds(found.high):",
           "if self.holds(found.mean or 0.0):", "test_targets.py::test_met_missed_and_undecided_by_the_whole_interval"),
    Mutant("§20 tax on the other three lines", "cost/lines.py", 'if key != "tax"', 'if key == "personnel"',
           "test_cost.py::test_a_small_bill_by_hand"),
    Mutant("§20 the pieces of a year sum to the year", "cost/bill.py", "self.here.by_month(fen[self.rows])",
           "np.rint(self.here.by_month(amounts[self.rows]) * _FEN_PER_CNY)",
           "test_cost.py::test_however_the_year_is_cut_its_pieces_sum_to_the_year"),
    Mutant("§20 published figures stand beside a year, not a plan", "cost/lines.py", "if here.whole_year else",
           "if len(here.days) == len(drivers.days) else",
           "test_cost.py::test_a_day_more_or_less_is_no_year"),
    Mutant("§20 twelve months are a year across a leap year's boundary", "cost/drivers.py",
           "first.year + (first.month > 2)", "first.year",
           "test_cost.py::test_twelve_months_are_a_year_wherever_they_begin"),
    Mutant("§17 a year's cost a contact is not judged on a part of it", "targets.py", "key not in _OF_THE_YEAR",
           'key != "accepted"',
           "test_targets.py::test_what_a_contact_takes_is_shown_and_not_judged_on_a_part_of_the_year"),
]  # fmt: skip


def fails(tests: list[str], mutant: Mutant | None) -> bool:
    """Say whether a test fails against the mutant, or against the package as it is.

    Raises
    ------
    ValueError
        If the text to replace does not occur exactly once, or the test did not run.
    """
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "sim"
        shutil.copytree(ROOT / "sim", package, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "scenarios", Path(folder) / "scenarios")
        shutil.copytree(ROOT / "tests", Path(folder) / "tests", ignore=shutil.ignore_patterns("__pycache__"))
        if mutant is not None:
            source = package / mutant.file
            text = source.read_text("utf-8")
            if text.count(mutant.text) != 1:
                raise ValueError(f"{mutant.rule}: the text stands {text.count(mutant.text)} times in {mutant.file}")
            source.write_text(text.replace(mutant.text, mutant.breach), "utf-8")
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-x",
                "-q",
                "-p",
                "no:cacheprovider",
                *(f"tests/{test}" for test in tests),
            ],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": folder, "NUMBA_DISABLE_JIT": "1"},
            capture_output=True,
            text=True,
        )
        if done.returncode not in (0, 1):
            raise ValueError(f"{tests} did not run\n{done.stdout[-2000:]}{done.stderr[-500:]}")
        return done.returncode == 1


def main() -> int:
    """Try every mutant, and every test without one; print what became of each; return how many are wrong."""
    tests = sorted({mutant.test for mutant in MUTANTS})
    with ThreadPoolExecutor(2) as pool:
        red = list(pool.map(lambda mutant: fails([mutant.test], mutant), MUTANTS))
    sound = not fails(tests, None)
    for mutant, caught in zip(MUTANTS, red, strict=True):
        breach = " ".join(mutant.breach.split())
        print(f"{'red  ' if caught else 'LIVES'}  {mutant.rule:42} {mutant.file:22} {breach[:60]:60}  {mutant.test}")
    print(
        f"{sum(red)} of {len(MUTANTS)} mutants turn their test red; without one the tests {'pass' if sound else 'FAIL'}"
    )
    return red.count(False) + (not sound)


if __name__ == "__main__":
    sys.exit(main())
