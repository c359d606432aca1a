"""One deliberate breach a rule, and the test that must turn red: ``python tests/mutants.py`` lists and tries them.

Each mutant is a copy of the package with one text replaced; the named test is run against it without numba.
"""

from __future__ import annotations

import compileall
import contextlib
import gc
import importlib.util
import io
import multiprocessing
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import hypothesis
import pytest

ROOT = Path(__file__).parents[1]
_PRELOADED = ["hypothesis", "numba", "polars", "pydantic", "pytest", "scipy.optimize", "scipy.stats", "simpy"]
"""What takes longest to import of what the tests need."""


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
           "rows - 1", "test_traces.py::test_after_the_window_the_last_days_roster_is_repeated"),
    Mutant("§1 no attempt after the window", "engine/rules.py", "due = now_ms + duration_ms(centre.dists",
           "due = -now_ms + duration_ms(centre.dists", "test_traces.py::test_the_end_of_the_window"),
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
           "surge.multiplier * base", "test_demand_rates.py::test_a_surge_adds_its_multiplier_less_one"),
    Mutant("§3 unknown surges are not planned for", "demand/rates.py",
           "if surge.known or not known_only]\n    return (base", "]\n    return (base",
           "test_demand_rates.py::test_unknown_surges_are_not_planned_for"),
    Mutant("§4 priority", "engine/routing.py", "priority[kind] > priority[best]", "priority[kind] < priority[best]",
           "test_traces.py::test_priority_then_longest_wait_across_types"),
    Mutant("§5 a line is free at the end of talk", "engine/calls.py", "hold_line(memory.lines, state, now, call_end)",
           "hold_line(memory.lines, state, now, free)", "test_traces.py::test_a_line_is_free_at_the_end_of_talk"),
    Mutant("§5 a department's line", "engine/calls.py", "if done.transferred:\n            hold_line",
           "if False:\n            hold_line", "test_engines_agree.py::test_three_readings_agree_on_a_few"),
    Mutant("§5 it is held when the talk is over", "engine/structures.py", "held += lines[i, 0] <= now", "held += 1",
           "test_traces.py::test_a_transfer_where_the_agent_stays_holds_two_lines"),
    Mutant("§5 an abandonment frees its line", "engine/hotline.py",
           "self.lines.taken -= 1\n        self.fail(call, Outcome.ABANDONED)", "self.fail(call, Outcome.ABANDONED)",
           "test_traces.py::test_an_abandonment_frees_its_line"),
    Mutant("§6 the ring", "engine/calls.py", "talked = now + centre.ring_ms + done.talk_ms",
           "talked = now + done.talk_ms", "test_traces.py::test_greeting_ring_and_what_counts_as_wait"),
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
    Mutant("§8 the same patience", "engine/rules.py", "1 if centre.same_patience[kind] else attempt, draws.PATIENCE",
           "attempt, draws.PATIENCE", "test_traces.py::test_same_patience_and_new_handling"),
    Mutant("§8 the announcement", "engine/rules.py", "if w <= 0.0:\n        return int(at_ms)",
           "if w <= 0.0:\n        return patience",
           "test_traces.py::test_an_announcement_in_the_queue_makes_callers_hang_up"),
    Mutant("§9 speed and its rounding", "engine/rules.py", "(drawn_ms * permille + 500) // 1000",
           "drawn_ms * permille // 1000", "test_traces.py::test_speed_of_the_week_and_rounding"),
    Mutant("§9 on the spot by week", "engine/rules.py", "centre.on_the_spot[kind, group, week]",
           "centre.on_the_spot[kind, group, 0]", "test_traces.py::test_the_chances_of_the_week"),
    Mutant("§9 returns by week", "engine/rules.py", "quality.returned[kind, group, week]",
           "quality.returned[kind, group, 0]", "test_traces.py::test_the_chances_of_the_week"),
    Mutant("§9 the week of the agent found", "engine/hotline.py", "if call.arrived < self.week_began:", "if False:",
           "test_traces.py::test_the_chances_of_the_week"),
    Mutant("§9 wrap-up of a work order", "engine/rules.py", "brings.wrap_ms if spot else brings.wrap_work_order_ms",
           "brings.wrap_ms", "test_traces.py::test_work_orders_have_their_own_wrap_up"),
    Mutant("§9 the agent leaves", "engine/rules.py", "min(consult_ms, centre.leaves_ms[kind])", "consult_ms",
           "test_traces.py::test_a_transfer_where_the_agent_leaves"),
    Mutant("§9 answered by the department", "engine/rules.py", "spot = brings.resolution < centre.transfer[kind, 1]",
           "pass", "test_engines_agree.py::test_three_readings_agree_on_a_few"),
    Mutant("§10 redial after failing", "engine/rules.py", "draws.REDIAL) >= chance", "draws.REDIAL) < chance",
           "test_traces.py::test_redial_until_max_attempts"),
    Mutant("§10 attempts at most", "engine/inputs.py", "range(1, kind.redial.max_attempts)",
           "range(1, kind.redial.max_attempts + 1)", "test_inputs.py::test_redials_end_with_the_last_attempt"),
    Mutant("§11 on the spot", "engine/rules.py", "spot = brings.resolution < centre.on_the_spot",
           "spot = brings.resolution > centre.on_the_spot", "test_traces.py::test_work_orders_have_their_own_wrap_up"),
    Mutant("§11 whole days", "engine/rules.py", "(delay + DAY_MS // 2) // DAY_MS", "delay // DAY_MS",
           "test_traces.py::test_a_repeat_comes_days_later_at_the_time_of_day_when_the_call_ended"),
    Mutant("§11 by how the episode ended", "engine/rules.py", "centre.repeat[kind, 0 if on_the_spot else 1]",
           "centre.repeat[kind, 0]", "test_traces.py::test_a_repeat_depends_on_how_the_episode_ended"),
    Mutant("§11 the most episodes", "engine/rules.py", "episode >= centre.max_episodes[kind]",
           "episode > centre.max_episodes[kind]", "test_traces.py::test_no_repeat_beyond_max_episodes"),
    Mutant("§11 open", "engine/calls.py", "elif again == rules.OPEN:\n        of_contact[tally.OPEN]",
           "elif again == rules.OPEN:\n        of_contact[tally.LOST]",
           "test_traces.py::test_a_repeat_after_the_window_leaves_the_contact_open"),
    Mutant("§12 the reserve", "engine/backlog.py", "while idle[group] > run.task_reserve",
           "while idle[group] >= run.task_reserve", "test_engines_agree.py::test_three_readings_agree_on_a_few"),
    Mutant("§12 the reserve on release", "engine/routing.py", "if idle[group] > task_reserve[row, group]",
           "if idle[group] > 0", "test_traces.py::test_a_task_waits_for_the_reserve"),
    Mutant("§12 the earliest due first", "engine/routing.py", "later = backlog[first, DUE] < backlog[at, DUE]",
           "later = backlog[first, DUE] > backlog[at, DUE]",
           "test_traces.py::test_the_earliest_due_goes_first_across_kinds"),
    Mutant("§12 calls before tasks", "engine/kernel.py", "                if state[structures.N_WAITING] > 0:\n",
           "                if (state[structures.N_WAITING] > 0) & (state[structures.N_BACKLOG] == 0):\n",
           "test_traces.py::test_a_call_does_not_interrupt_a_task_and_goes_before_the_next"),
    Mutant("§12 open hours", "engine/routing.py", "if at < 0 or not task_open[row, kind]", "if at < 0",
           "test_traces.py::test_a_kind_is_started_in_its_hours_only"),
    Mutant("§12 due by working day", "engine/rules.py", "run.due_by_day[(released_ms - run.start_ms) // DAY_MS, kind]",
           "run.due_by_day[0, kind]", "test_traces.py::test_due_by_working_day"),
    Mutant("§12 late", "engine/backlog.py", "tally.LATE] += ended > due", "tally.LATE] += now > due",
           "test_traces.py::test_a_task_is_late_if_it_ends_after_it_was_due"),
    Mutant("§12 speed", "engine/backlog.py", "episode, centre.speed[group, state[structures.WEEK]])", "episode, 1000)",
           "test_traces.py::test_a_task_takes_the_speed_of_its_group_and_week"),
    Mutant("§12 the delay of a link", "engine/rules.py", "delays = tasks.order.shape[0] + link", "delays = link",
           "test_traces.py::test_a_call_a_review_a_follow_up"),
    Mutant("§12 sources of a link", "engine/backlog.py",
           "if not happens or not tasks.link_sources[link, rules.type_of(contact)]:", "if not happens:",
           "test_engines_agree.py::test_three_readings_agree_on_a_few"),
    Mutant("§12 a returned order", "engine/backlog.py", "(event == rules.RETURN) & ((load & RETURNED) > 0)",
           "(event == rules.RETURN) & ((load & RETURNED) == 0)",
           "test_traces.py::test_a_returned_order_waits_behind_the_calls"),
    Mutant("§12 no release after the window", "engine/backlog.py", "if due >= run.end_ms:", "if due > 2 * run.end_ms:",
           "test_traces.py::test_tasks_at_the_end_of_the_window"),
    Mutant("§12 the citizen's answer", "engine/backlog.py", "tally.ASKED_SATISFIED] += satisfied",
           "tally.ASKED_SATISFIED] += 1", "test_engines_agree.py::test_three_readings_agree_on_a_few"),
    Mutant("§13 a promise frees the line", "engine/calls.py",
           "calling = state[structures.N_POOL] - state[structures.N_PROMISED]", "calling = state[structures.N_POOL]",
           "test_traces.py::test_a_promised_callback_frees_the_line_and_keeps_its_place"),
    Mutant("§13 the expected wait", "engine/rules.py", "(waiting + 1) * callback.job_ms[kind]",
           "waiting * callback.job_ms[kind]", "test_traces.py::test_the_expected_wait"),
    Mutant("§13 who stands before", "engine/routing.py", "waiting[other] * centre.callback.before[kind, other]",
           "waiting[other]", "test_traces.py::test_the_expected_wait"),
    Mutant("§14 notice", "engine/rules.py", "since = row + activation.notice[group]", "since = row",
           "test_traces.py::test_activation_notice_minimum_and_rest"),
    Mutant("§14 the minimum", "engine/rules.py", "(been >= activation.minimum[group] and not holds)", "(not holds)",
           "test_traces.py::test_activation_notice_minimum_and_rest"),
    Mutant("§14 rest", "engine/rules.py", "return OFF, row + activation.rest[group]", "return OFF, row",
           "test_traces.py::test_activation_notice_minimum_and_rest"),
    Mutant("§14 the maximum", "engine/rules.py", "been >= activation.maximum[group] or ", "",
           "test_traces.py::test_activation_maximum_and_agents_of_another_group"),
    Mutant("§14 agents of another group", "engine/kernel.py", "planned[source] -= planned[group]",
           "planned[source] -= 0", "test_traces.py::test_activation_maximum_and_agents_of_another_group"),
    Mutant("§14 attempts of an hour", "engine/kernel.py", "max(0, row - rules.TRIGGER_SLOTS)", "0",
           "test_traces.py::test_activation_by_attempts_offered"),
    Mutant("§14 the longest wait", "engine/kernel.py", "seen = max(seen, now - memory.pool[first, QUEUED])",
           "seen += 1", "test_traces.py::test_activation_by_the_longest_wait"),
    Mutant("§18 haste", "engine/rules.py", "waiting >= quality.haste_waiting", "waiting > quality.haste_waiting",
           "test_traces.py::test_haste_shortens_the_wrap_up_and_brings_returns"),
    Mutant("§18 returns in haste", "engine/rules.py", "returns *= quality.haste_returns", "returns *= 1.0",
           "test_traces.py::test_haste_shortens_the_wrap_up_and_brings_returns"),
    Mutant("§18 waiting and satisfaction", "engine/rules.py", "quality.per_wait_minute[kind] * (wait_ms / MINUTE_MS)",
           "0.0", "test_traces.py::test_waiting_and_the_orders_time_make_satisfaction_rarer"),
    Mutant("§18 the order's time and satisfaction", "engine/rules.py",
           "float(quality.per_order_day[kind] * (time_ms / DAY_MS))", "0.0",
           "test_traces.py::test_waiting_and_the_orders_time_make_satisfaction_rarer"),
    Mutant("§14 overrun", "engine/tally.py", "-= idle * span", "+= span",
           "test_engines_agree.py::test_three_readings_agree_on_a_few"),
    Mutant("§14 a busy agent leaves with the job", "engine/routing.py", "at < 0 or idle < need[kind, group]",
           "at < 0 or idle + 1 < need[kind, group]", "test_traces.py::test_roster_fall_overrun_and_rise"),
    Mutant("§14 the longest idle leave first", "engine/entities.py", "self.idle_since.popleft()\n        while",
           "self.idle_since.pop()\n        while", "test_traces.py::test_longest_idle_agent_is_taken_first"),
    Mutant("§14 absence", "workforce/on_duty.py", "< rates[:, None]", "> rates[:, None]",
           "test_on_duty.py::test_absence_has_its_rate_and_variation"),
    Mutant("§14 seats", "workforce/on_duty.py", "free -= seated", "free -= 0 * seated",
           "test_on_duty.py::test_seats_are_taken_in_declared_order"),
    Mutant("§15 abandonment before the end of a job", "engine/rules.py", "ABANDON: Final = 0", "ABANDON: Final = 7",
           "test_traces.py::test_abandonment_comes_before_the_agent"),
    Mutant("§15 redial before first attempt", "engine/rules.py", "REDIAL: Final = 8", "REDIAL: Final = 10",
           "test_traces.py::test_redial_arrives_before_a_first_attempt"),
    Mutant("§16 the engines tell the same", "engine/recount.py", "add(t.WAIT_MS, in_line | abandoned, wait)",
           "add(t.WAIT_MS, abandoned, wait)", "test_engines_agree.py::test_three_readings_agree_on_a_few"),
    Mutant("§17 connection rate", "measures.py", '"connection_rate": (answered, offered)',
           '"connection_rate": (answered, answered + abandoned)', "test_measures.py::test_a_measure_by_hand"),
    Mutant("§12 what adds up is asserted: tasks", "identities.py", "yield left == waiting[-1],", "yield left == left,",
           "test_measures.py::test_what_does_not_add_up_stops_the_run"),
    Mutant("§14 what adds up is asserted: time", "identities.py", "yield busy.sum(axis=0) == own.sum(axis=0),",
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
    Mutant("§19 novices are slower", "workforce/novices.py", "speed[own] *= found.handling_factor[week]",
           "speed[own] *= 1.0", "test_novices.py::test_a_known_path_by_hand"),
    Mutant("§19 novices answer less on the spot", "workforce/novices.py", "loss[own] = found.on_the_spot_loss[week]",
           "loss[own] += found.on_the_spot_loss[week]",
           "test_novices.py::test_heads_are_of_employees_and_not_of_those_who_are_bought"),
    Mutant("§19 novices count once", "workforce/filling.py", "np.minimum(found.heads / self.balanced, 1.0)",
           "np.minimum(found.full_strength / self.balanced, 1.0)", "test_novices.py::test_a_known_path_by_hand"),
    Mutant("§19 places that nobody fills", "workforce/filling.py", "* rows[:, None] + _HALF", "+ 0.0 * rows[:, None]",
           "test_novices.py::test_a_known_path_by_hand"),
    Mutant("§19 hours follow the plan's", "workforce/filling.py", "float(paid.sum() / found.hours_head.sum())",
           "float((paid / found.hours_head).max())",
           "test_headcount.py::test_the_roster_is_filled_by_heads_whose_hours_follow_the_plans_through_the_horizon"),
    Mutant("§20 heads on the payroll", "cost/drivers.py", "found.by_day(found.trainees)", "trainees_paid",
           "test_novices.py::test_a_bill_of_heads_by_hand"),
    Mutant("§20 hours that somebody works", "cost/drivers.py", "all_hours = hours_on_duty(scenario, roster[measured])",
           "all_hours = hours_on_duty(scenario, planned[measured])", "test_novices.py::test_a_bill_of_heads_by_hand"),
    Mutant("§20 tax on the other three lines", "cost/lines.py", 'if key != "tax"', 'if key == "personnel"',
           "test_cost.py::test_a_small_bill_by_hand"),
    Mutant("§20 the pieces of a year sum to the year", "cost/bill.py", "self.here.by_month(fen[self.rows])",
           "np.rint(self.here.by_month(amounts[self.rows]) * _FEN_PER_CNY)",
           "test_cost.py::test_however_the_year_is_cut_its_pieces_sum_to_the_year"),
    Mutant("§20 published figures stand beside a year, not a plan", "cost/lines.py", "if here.whole_year else",
           "if len(here.days) == len(drivers.days) else", "test_cost.py::test_a_day_more_or_less_is_no_year"),
    Mutant("§20 twelve months are a year across a leap year's boundary", "cost/drivers.py",
           "first.year + (first.month > 2)", "first.year",
           "test_cost.py::test_twelve_months_are_a_year_wherever_they_begin"),
    Mutant("§17 a year's cost a contact is not judged on a part of it", "targets.py", "key not in _OF_THE_YEAR",
           'key != "accepted"',
           "test_targets.py::test_what_a_contact_takes_is_shown_and_not_judged_on_a_part_of_the_year"),
    Mutant("§19 rest between shifts", "scenario/tour_rules.py", "(to + later.start) - (at + span.end)",
           "(to + later.end) - (at + span.end)",
           "test_tours.py::test_all_tours_that_keep_the_rules_are_there_and_no_others"),
    Mutant("§19 rest goes round the week", "scenario/tour_rules.py", "on[0][0] + DAYS * STEPS_PER_DAY",
           "on[0][0] + 2 * DAYS * STEPS_PER_DAY",
           "test_tours.py::test_rest_and_days_in_a_row_go_round_the_week"),
    Mutant("§19 nights in a week", "scenario/tour_rules.py", "sum(span.is_night for _, span in on)", "0",
           "test_tours.py::test_a_broken_rule_is_in_no_tour"),
    Mutant("§19 the longest week", "scenario/tour_rules.py", "paid_h = sum(span.paid_h for _, span in on)",
           "paid_h = 0.0", "test_tours.py::test_no_week_is_longer_than_allowed"),
    Mutant("§19 days in a row go round the week", "scenario/tour_rules.py", "for day in (*days, *days):",
           "for day in days:", "test_tours.py::test_rest_and_days_in_a_row_go_round_the_week"),
    Mutant("§19 days off together", "scenario/tour_rules.py", "min(kind.days_off_together, DAYS - sum(on))", "0",
           "test_tours.py::test_days_off_together_go_round_the_week"),
    Mutant("§19 overtime", "workforce/tours.py", "np.maximum(paid_h - labour.hours_week, 0.0)", "paid_h",
           "test_tours.py::test_overtime_is_what_is_paid_beyond_the_week"),
    Mutant("§19 a night's end is on the next day", "workforce/tours.py", "np.roll(on_monday, day * STEPS_PER_DAY",
           "np.roll(on_monday, day * STEPS_PER_DAY - 1", "test_tours.py::test_the_end_of_a_sunday_night_is_on_monday"),
    Mutant("§19 load follows calls", "staffing/pools.py", "at_start = own + (at_start - own) * towards",
           "at_start = own", "test_staffing.py::test_a_pool_is_offered_its_calls_and_its_load_follows_them"),
    Mutant("§19 theory is corrected", "staffing/chance.py", "+ line.at(factors) + line", "+ line",
           "test_staffing.py::test_the_chance_is_the_normal_law_of_the_logarithm"),
    Mutant("§19 theory's error changes with the year", "staffing/chance.py", "self.growth * np.log(factors)", "0.0",
           "test_staffing.py::test_a_correction_grows_with_the_logarithm_of_the_years_factor"),
    Mutant("§19 few years tell little", "staffing/chance.py", " + line.error(factors)", "",
           "test_staffing.py::test_a_correction_grows_with_the_logarithm_of_the_years_factor"),
    Mutant("§19 no lost call is no answer", "staffing/chance.py", "0.5 / of", "1e-9",
           "test_staffing.py::test_a_year_without_a_lost_call_tells_that_fewer_than_half_of_one_are"),
    Mutant("§19 other targets count", "staffing/chance.py", "axis=0) * told.others", "axis=0)",
           "test_staffing.py::test_the_chance_is_the_normal_law_of_the_logarithm"),
    Mutant("§19 whole agents raise the bound", "staffing/milp.py", "(columns, float(np.ceil(total)))",
           "(columns, float(np.ceil(total)) + 1.0)",
           "test_scheduling.py::test_agents_of_a_kind_are_whole_so_that_their_sum_rounds_up_the_bound"),
    Mutant("§19 any 24 hours in a row", "staffing/day_floor.py", "np.cumsum(again, axis=-1)",
           "np.cumsum(again * (np.arange(384) < 337), axis=-1)", "test_day_floor.py::test_24_hours_go_round_the_week"),
    Mutant("§19 who must be there has a seat first", "staffing/year.py", "np.minimum(least[name], left)",
           "np.minimum(needed[name], left)",
           "test_staffing.py::test_seats_are_shared_as_they_are_needed_and_none_is_left"),
    Mutant("§19 who is worth the cost joins", "staffing/whole_week.py", "best, highest = -1, _SAME",
           "best, highest = -1, 100.0",
           "test_whole_week.py::test_nobody_more_is_worth_the_cost_and_nobody_there_is_not"),
]  # fmt: skip


@contextlib.contextmanager
def original() -> Iterator[Path]:
    """Give a copy of all that the tests need, as byte code too, which is so made once and not for each mutant."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("sim", "scenarios", "tests"):
            shutil.copytree(ROOT / name, Path(folder) / name, ignore=shutil.ignore_patterns("__pycache__"))
        compileall.compile_dir(folder, quiet=1, workers=2)
        yield Path(folder)


def fails(original: Path, tests: list[str], mutant: Mutant | None) -> bool:
    """Say whether a test fails against the mutant, or against the package as it is; once in a process.

    Raises
    ------
    ValueError
        If the text to replace does not occur exactly once, or the test did not run.
    """
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(original, folder, copy_function=os.link, dirs_exist_ok=True)
        if mutant is not None:
            source = Path(folder) / "sim" / mutant.file
            text = source.read_text("utf-8")
            if text.count(mutant.text) != 1:
                raise ValueError(f"{mutant.rule}: the text stands {text.count(mutant.text)} times in {mutant.file}")
            source.unlink()  # only here, since it is one file with the original's
            source.write_text(text.replace(mutant.text, mutant.breach), "utf-8")
            Path(importlib.util.cache_from_source(source)).unlink()
        os.chdir(folder)
        sys.path.insert(0, folder)
        os.environ["PYTHONPATH"] = folder
        told = io.StringIO()
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
            # Without looking for garbage in what was imported, and without what makes a failure easy to read.
            gc.freeze()
            hypothesis.settings.register_profile("found", phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate])
            hypothesis.settings.load_profile("found")
            options = ["-x", "-q", "--assert=plain", "--tb=line", "-p", "no:cacheprovider"]
            code = pytest.main([*options, *(f"tests/{test}" for test in tests)])
        os.chdir(ROOT)
        if code not in (0, 1):
            raise ValueError(f"{tests} did not run\n{told.getvalue()[-2500:]}")
        return code == 1


@contextlib.contextmanager
def processes() -> Iterator[ProcessPoolExecutor]:
    """Give a fresh process to each call, forked from one that has imported all but the package itself."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    # Loading pytest's plugins takes longer than most of these tests; compiling does too.
    own = {"NUMBA_DISABLE_JIT": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    before = {key: os.environ.get(key) for key in own}
    os.environ |= own
    try:
        with ProcessPoolExecutor(2, context, max_tasks_per_child=1) as pool:
            yield pool
    finally:
        for key, value in before.items():
            os.environ.pop(key) if value is None else os.environ.update({key: value})


def main() -> int:
    """Try every mutant, and every test without one; print what became of each; return how many are wrong."""
    tests = sorted({mutant.test for mutant in MUTANTS})
    with original() as copied, processes() as pool:
        as_it_is = pool.submit(fails, copied, tests, None)  # the longest of them, so first
        red = list(pool.map(partial(fails, copied), ([mutant.test] for mutant in MUTANTS), MUTANTS))
        sound = not as_it_is.result()
    for mutant, caught in zip(MUTANTS, red, strict=True):
        breach = " ".join(mutant.breach.split())
        print(f"{'red  ' if caught else 'LIVES'}  {mutant.rule:42} {mutant.file:22} {breach[:60]:60}  {mutant.test}")
    print(
        f"{sum(red)} of {len(MUTANTS)} mutants turn their test red; without one the tests {'pass' if sound else 'FAIL'}"
    )
    return red.count(False) + (not sound)


if __name__ == "__main__":
    sys.exit(main())
