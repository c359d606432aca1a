"""What the tables and figures of a roster say, in English and Chinese."""

from __future__ import annotations

from typing import Final

from sim.report.words import Lang

_WORDS: Final = {
    "title": ("Shifts that cover what the plan needs", "覆盖计划所需的排班"),
    "group": ("group", "坐席组"),
    "agents": ("agents in tours", "排班人数"),
    "paid_h": ("paid hours a week", "每周计薪工时"),
    "on_duty_h": ("hours on duty", "在岗工时"),
    "required_h": ("hours required", "所需工时"),
    "efficiency": ("efficiency", "排班效率"),
    "gap": ("gap at most", "最大差距"),
    "cost": ("cost, 万元", "成本（万元）"),
    "all": ("all", "合计"),
    "busiest": (
        "The busiest week, {}: {:,} agents in tours, {:,.0f} hours on duty, {:,.0f} required",
        "最忙的一周（{}）：排班 {:,} 人，在岗 {:,.0f} 小时，所需 {:,.0f} 小时",
    ),
    "least": (
        "The week with least to spare, {}: {:.1f} % of the hours on duty are required",
        "余量最小的一周（{}）：在岗工时中 {:.1f}% 为所需",
    ),
    "seats": (
        "More agents than seats at {}: up to {:,} beyond its {:,} seats, {} in {}; {:,} half-hours altogether. Raise "
        "sites.{}.seats, or move starts and breaks with [shifts]",
        "{}座席不足：最多超出 {:,} 人（共 {:,} 个座席，{}，{}），合计 {:,} 个半小时。"
        "可提高 sites.{}.seats，或在 [shifts] 中错开上班与休息时间",
    ),
    "covered": (
        "Absence and the rule's margin are in what is required; short breaks are in shrinkage, meals in the tours. "
        "Work that can wait needs hours of a day and its minimum while open. Efficiency: hours required ÷ on duty. "
        "Gap: so much cheaper another choice of tours may be, at most",
        "所需人数已含缺勤和规则的余量；短休计入损耗率，用餐休息在班次内。可等待的工作按每日工时安排，开放时段内不少于最低人数。"
        "排班效率＝所需工时÷在岗工时；差距：其他排法最多还能节省的比例",
    ),
    "weeks": (
        "{} typical weeks stand for {} weeks: each is planned for the largest need among its own, as if it were "
        "repeated. Who goes from which tour to which between two of them is not planned",
        "{} 个典型周代表 {} 周：各按所含各周的最大需求排班，并视为逐周重复；典型周之间的换班衔接不在此列",
    ),
    "called_in": (
        "Not rostered, as they are called in: {}. They keep their own on_duty",
        "按需调入的组不排班，沿用原 on_duty：{}",
    ),
    "no_prices": (
        "The scenario has no [cost]: the least paid hours are sought, overtime counted half as much again",
        "方案无 [cost]：按计薪工时最少排班，加班工时按 1.5 倍计",
    ),
    "no_excel": (
        "roster.xlsx is left out: what writes Excel is not installed, pip install 'hotline-sim[excel]'",
        "未写出 roster.xlsx：未安装写 Excel 的组件，pip install 'hotline-sim[excel]'",
    ),
    "run": ("To simulate it: hotline run {}", "仿真该排班：hotline run {}"),
    "progress": ("weeks", "周"),
    "figure": ("required and on duty, week {}", "所需与在岗人数，典型周 {}"),
    "required": ("required", "所需"),
    "on_duty": ("on duty", "在岗"),
    "axis": ("agents", "人数"),
}


def roster_word(key: str, lang: Lang) -> str:
    """Return a word or sentence; some have places for numbers."""
    return _WORDS[key][lang == "zh"]
