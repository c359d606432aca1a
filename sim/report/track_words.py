"""What the tables and the figure of the year so far say, in English and Chinese."""

from __future__ import annotations

from typing import Final

from sim.report.names import time_parts
from sim.report.words import Lang
from sim.scenario import Scenario

_LANGS: Final[tuple[Lang, ...]] = ("zh", "en")
_WORDS: Final = {
    "passed": ("{} of {} months passed: {} – {}", "已过{}个月（共{}个月）：{} – {}"),
    "none_passed": (
        "no month has passed yet: the chances are those of hotline run",
        "尚无已过月份：概率与 hotline run 相同",
    ),
    "all_passed": ("the year is over: {} – {}", "全年已结束：{} – {}"),
    "seen": (
        "First calls so far: {:+.1f} % against the forecast; expected of the months left: {:+.1f} % (of 100 years 90 "
        "within {:+.1f} to {:+.1f} %)",
        "至今首次来电较预测 {:+.1f}%；剩余月份预计较预测 {:+.1f}%（90%范围 {:+.1f}% 至 {:+.1f}%）",
    ),
    "seen_all": ("First calls of the year: {:+.1f} % against the forecast", "全年首次来电较预测 {:+.1f}%"),
    "no_error": (
        "First calls so far: {:+.1f} % against the forecast; the scenario knows no forecast error "
        "(demand.variation.year_cv = 0), so the months left are simulated as planned",
        "至今首次来电较预测 {:+.1f}%；方案未设预测误差（demand.variation.year_cv = 0），剩余月份按计划仿真",
    ),
    "mean_of_months": ("{}, as mean of the months", "{}（各月平均）"),
    "account": ("What may still be lost", "还能承受多少损失"),
    "item": ("", "项目"),
    "value": ("", "数值"),
    "range": ("90 % of the simulated years", "90%的仿真年份"),
    "rate_so_far": ("connection rate so far", "至今接通率"),
    "calls_left": ("calls expected in the months left", "剩余月份预计来电量"),
    "may_fail": ("of them may fail, for a year with ≥ {:.10g} %", "其中最多可未接通（全年 ≥ {:.10g}%）"),
    "will_fail": ("of them fail, as simulated", "其中仿真未接通"),
    "needed_rate": ("connection rate needed in the months left", "剩余月份所需接通率"),
    "expected_rate": ("connection rate of the months left, as simulated", "剩余月份仿真接通率"),
    "asa_so_far": ("mean answer time so far", "至今平均接电时长"),
    "needed_asa": (
        "mean answer time the months left may have, for a year with ≤ {:g} s",
        "剩余月份平均接电时长上限（全年 ≤ {:g}秒）",
    ),
    "expected_asa": ("mean answer time of the months left, as simulated", "剩余月份仿真平均接电时长"),
    "out_of_reach": ("already out of reach", "已无法达到"),
    "safe": ("cannot be missed any more", "已不可能落空"),
    "lines": ("The contract at the year's end, 万元", "年末合同金额预计（万元）"),
    "passed_wan": ("months passed", "已过月份"),
    "left_wan": ("months left", "剩余月份"),
    "year_wan": ("year's end", "年末"),
    "as_planned": ("planned", "计划"),
    "fixed": (
        "No range: the plan alone decides the line, the same in every simulated year",
        "范围为空：该项只取决于计划，各仿真年份相同",
    ),
    "fixed_over": ("No range: the year is over", "范围为空：全年已结束"),
    "few": (
        "{} replications are few: ranges and chances are rough; with --replications {} or more they are steadier",
        "仅{}次重复：范围和概率只是粗略值；--replications {} 或以上更稳定",
    ),
    "told": (
        "* not in the file for every month passed: the plan's amounts stand there",
        "* 文件未给出全部已过月份的金额，缺者按计划",
    ),
    "calls_variance": ("Calls of the months passed against the plan", "已过月份来电与计划之差"),
    "offered": ("offered", "来电量"),
    "planned": ("planned", "计划"),
    "difference": ("difference", "差异"),
    "answered": ("answered, difference", "接通量差异"),
    "by_volume": ("by volume", "因来电量"),
    "by_connection": ("by connection", "因接通率"),
    "wait": ("mean answer time", "平均接电时长"),
    "wait_of": ("Mean answer time: {}", "平均接电时长：{}"),
    "calls_effects": (
        "By volume: more calls offered × the planned connection rate; by connection: calls offered × the rate's change",
        "因来电量：来电量差异 × 计划接通率；因接通率：实际来电量 × 接通率差异",
    ),
    "cost_variance": ("Cost of the months passed against the plan, 万元", "已过月份费用与计划之差（万元）"),
    "months_told": ("months", "月数"),
    "actual": ("actual", "实际"),
    "by_hours": ("by paid hours", "因计薪小时"),
    "by_rate": ("by 元 an hour", "因每小时单价"),
    "cost_effects": (
        "By paid hours: hours more × the planned 元 an hour; by 元 an hour: all the rest",
        "因计薪小时：工时差异 × 计划每小时金额；其余为单价所致",
    ),
    "months": ("The year month by month", "全年逐月"),
    "month": ("month", "月份"),
    "state": ("", "状态"),
    "is_actual": ("actual", "实际"),
    "is_simulated": ("simulated", "仿真"),
    "rate": ("connection rate", "接通率"),
    "wan": ("万元", "万元"),
    "cumulative_rate": ("connection rate of the year up to each month's end, %", "全年累计接通率（%，至各月末）"),
    "cumulative_asa": (
        "mean answer time of the year up to each month's end, s",
        "全年累计平均接电时长（秒，至各月末）",
    ),
    "fan": ("bands: 50 and 90 of 100 simulated years; {} replications", "色带：50%与90%范围；{}次重复"),
    "fan_none": ("as it was", "均为实际值"),
    "target": ("target for the year {} {}", "全年目标 {} {}"),
    "median": ("simulated, median", "仿真中位数"),
    "title": ("the year so far", "全年进度"),
}


_HINTS: Final = (
    (
        "How to fill: months that have passed need offered, answered and mean_wait_s; months to come stay empty. The "
        "other columns may be empty; a target that needs one is judged only if every month passed has it. Rows that "
        "begin with # are not read.",
        "填写方法：已过月份须填来电量、接通量、平均等待秒数；未到的月份留空。其余各列可空；目标所需的列须全部已过月份都有，"
        "该目标才作判定。以 # 开头的行不读。",
    ),
    (
        "mean_wait_s: the mean over calls answered, in seconds, of {}: what the scenario's mean answer time counts.",
        "平均等待秒数：接通来电的平均秒数，计入{}，与方案的平均接电时长口径相同。",
    ),
    (
        "Calls and contacts are single ones, not 万; columns that end in _wan are 万元, paid_h hours, energy_kwh kWh.",
        "来电与诉求按个填写，不以万计；基本运行费等金额列为万元，计薪小时为小时，用电量为度。",
    ),
)


def hints(scenario: Scenario) -> list[str]:
    """Return how to fill the empty table of a scenario's months, in both languages."""
    parts = {lang: time_parts(scenario.targets.answer_time_counts, lang) for lang in _LANGS}
    return [told[lang == "zh"].format(parts[lang]) for lang in _LANGS for told in _HINTS]


def track_word(key: str, lang: Lang) -> str:
    """Return a word or sentence; some have places for numbers."""
    return _WORDS[key][lang == "zh"]
