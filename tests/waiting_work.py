"""The small hotline of one day with work that can wait, repeats, transfers and callbacks."""

from __future__ import annotations

from sim.scenario import Scenario, load

LEVERS = (
    "types.enquiry.resolution.repeat=0.1",
    "types.enquiry.resolution.repeat_delay_days=1",
    "types.help.transfer={share = 0.1, consult = {fixed = {s = 90}}}",
    "callback={threshold_s = 30, accept = 0.5}",
    "groups.general.task_reserve=2",
)
WORK = (
    'tasks.website={title = {zh = "网站受理", en = "website"}, per_hour = [0, 0, 0, 0, 0, 0, 0, 0, 20, 20, 20, 20, 20, '
    "20, 20, 20, 20, 20, 0, 0, 0, 0, 0, 0], work_order_share = 0.5, satisfied = 0.9, handling = {exponential = "
    '{mean_s = 300}}, due = {hours = 2}, groups = ["specialist", "general"], hours = {from_h = 9, to_h = 18}}',
    'tasks.review={title = {zh = "工单审核", en = "review"}, after = [{event = "work_order"}], '
    'handling = {exponential = {mean_s = 120}}, due = {hours = 1}, groups = ["specialist"]}',
    'tasks.follow_up={title = {zh = "人工回访", en = "follow-up calls"}, after = [{event = "tasks.review", '
    'probability = 0.3, delay_h = 1}], handling = {fixed = {s = 180}}, due = {hours = 72}, groups = ["specialist"], '
    "asks = {reached = 0.7}}",
)


def waiting_work(*changes: str) -> Scenario:
    """Return the scenario: two days, so that citizens come again."""
    return load("one-day", ["horizon.end=2020-03-17", *LEVERS, *WORK, *changes])
