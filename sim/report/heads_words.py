"""What the table and the figure of the heads through the year say, in English and Chinese."""

from __future__ import annotations

from typing import Final

from sim.report.words import Lang

_WORDS: Final = {
    "title": ("Agents through the year", "全年话务员人数"),
    "figure": (
        "heads, trainees and full-strength equivalents by week, with what the plan needs",
        "逐周在岗人数、学员、折合熟练人数与计划所需",
    ),
    "month": ("month", "月份"),
    "heads": ("on the floor", "在岗"),
    "trainees": ("in training", "培训中"),
    "joined": ("joined", "上岗"),
    "left": ("left", "离职"),
    "left_training": ("left in training", "培训期流失"),
    "full_strength": ("at full strength", "折合熟练人数"),
    "range": ("90 % of the years", "90%的年份"),
    "needed": ("needed", "计划所需"),
    "gap": ("gap", "余缺"),
    "whole": ("whole", "全期"),
    "basis": (
        "Means as expected; the range is that of {} simulated years in which other agents leave. At full strength a "
        "head weighs 1 ÷ the handling factor of its weeks on the floor; needed are the plan's hours on duty, overtime "
        "taken off, ÷ what a head at full strength works in that week. A head's paid hours are the same each week: "
        "hours moved from quiet weeks to busy ones (comprehensive working hours) even the gaps out, as they do in a "
        "simulation, where {:,.1f} heads on the floor fill the plan in every week",
        "均值为期望值；范围取自 {} 个离职情况各异的仿真年份。折合熟练人数：每人按“1 ÷ 上岗周数对应的处理时长系数”计；"
        "计划所需＝计划在岗工时（扣除加班）÷ 当周每名熟练人员的有效工时。此表中每人各周计薪工时相同；"
        "综合工时制下可由闲周补忙周，余缺随之拉平，仿真即如此：在岗{:,.1f}人即可填满各周的计划",
    ),
    "agents_only": (
        "These are agents only. Posts that are always manned, staff by ratio (team leaders, quality) and the office "
        "come on top: hotline cost has them",
        "仅指话务员。常设值守岗、按比例配备的人员（班组长、质检等）和管理人员另计，见 hotline cost",
    ),
    "worst_short": (
        "The worst week, {} – {}: {:,.1f} needed, {:,.1f} there at full strength: {:,.1f} short",
        "最紧的一周（{} – {}）：需 {:,.1f} 人，折合熟练人数 {:,.1f} 人，缺 {:,.1f} 人",
    ),
    "worst_spare": (
        "No week is short. The tightest, {} – {}: {:,.1f} needed, {:,.1f} there at full strength: {:,.1f} to spare",
        "各周均不缺人。最紧的一周（{} – {}）：需 {:,.1f} 人，折合熟练人数 {:,.1f} 人，余 {:,.1f} 人",
    ),
    "simulated": (
        "Heads, mean of the replications: {:,.1f} on the floor where the plan takes {:,.1f}, {} of its places filled. "
        "Novices: handling takes {} longer, {} of the answers on the spot are lost",
        "话务员人数（各次重复均值）：在岗{:,.1f}人，计划需{:,.1f}人，班次填充率{}。新手使处理时长增加{}，一次性解答减少{}",
    ),
    "head_changes_expected": (
        "What the head-count does to the bill, as expected, 万元",
        "实际人数对金额的影响（期望值，万元）",
    ),
    "head_changes_simulated": (
        "What the head-count does to the bill, mean of the replications, 万元",
        "实际人数对金额的影响（各次重复均值，万元）",
    ),
    "plan": ("plan", "按计划"),
    "counted": ("with these heads", "按实际人数"),
    "agents_paid": (
        "Agents on the payroll {:,.1f} (the plan's hours make {:,.1f}), in training {:,.1f} (as planned {:,.1f}). "
        "Premia, overtime and energy are those of the hours that somebody works",
        "计薪话务员{:,.1f}人（计划工时折合{:,.1f}人），培训期学员{:,.1f}人（计划{:,.1f}人）。津贴、加班与能耗按有人在岗的工时计",
    ),
    "figure_note": (
        "as expected; band: 90 of 100 years, by who leaves; {} replications",
        "期望值；色带：90%的年份（离职情况各异）；{}次重复",
    ),
}


def heads_word(key: str, lang: Lang) -> str:
    """Return a word or sentence; some have places for numbers."""
    return _WORDS[key][lang == "zh"]
