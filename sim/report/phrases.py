"""The Chinese of what other rooms say in English: drivers, units, the fixed words of sources, notes.

A text that is not known here stays as it is: so a scenario's own texts do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sim.experiment.actuals import COLUMNS
from sim.report.names import LINES_EN, line_name, part_name
from sim.report.words import Lang, figure_word
from sim.targets import NAMES, POPULATIONS, SATISFACTION

_DRIVERS: Final = {
    "floor area of the seats": "座席占用面积",
    "manned seat-hours": "座席有人时长",
    "platform and building": "平台与楼宇",
    "heads": "总人数",
    "telephone lines": "电话线路",
    "leased circuits": "租用专线",
    "fixed": "固定费用",
    "seats": "座席数",
    "sum of the other three lines": "其他三项之和",
    "agents in training": "培训期学员",
    "wages": "工资",
    "pay within floor and cap": "上下限内的缴费工资",
    "all personnel costs above": "以上人员费用之和",
    "hours at night": "夜间工时",
    "agents' hours on statutory days": "话务员法定节假日工时",
    "posts' hours on statutory days": "值守岗法定节假日工时",
    "agents' hours in overtime": "话务员延时工时",
    "hires": "招聘人数",
}

_UNITS: Final = {
    "full-time heads": "全职人数",
    "share, 0 to 1": "比例（0–1）",
    "of the mean": "对均值之比",
    "factor on handling times; below 1 is faster": "处理时长系数，小于1为更快",
    "min": "分钟",
    "s": "秒",
    "ms": "毫秒",
    "h": "小时",
    "days": "天",
    "day": "日",
    "weeks": "周",
    "week": "周",
    "months": "个月",
    "month": "月",
    "year": "年",
    "head": "人",
    "seat": "席",
    "line": "线",
    "circuit": "条",
    "hire": "新员工",
    "agent": "话务员",
    "contact": "件",
    "call": "个来电",
    "activation": "次启用",
}

_MEASURES: Final = {
    "P(wait)": "等待概率",
    "P(abandon)": "放弃概率",
    "P(blocked)": "阻塞概率",
    "mean wait of all, min": "全部来电平均等待（分钟）",
    "occupancy": "忙碌率",
    "mean queue": "平均排队数",
    "answered within 20 s": "20秒内接通",
    "mean number in system": "系统内平均人数",
    "mean queue / (arrivals x wait)": "平均排队数 ÷（到达率×等待）",
    "mean busy / (answered x talk)": "平均忙碌数 ÷（接通率×通话）",
    "answered": "接通数",
    "abandoned": "放弃数",
    "waiting, min": "等待（分钟）",
    "talk, min": "通话（分钟）",
    "mean wait of the first class, min": "优先类平均等待（分钟）",
    "mean wait of the second, min": "次级类平均等待（分钟）",
    "mean wait of calls, min": "来电平均等待（分钟）",
    "mean wait of tasks, min": "案头任务平均等待（分钟）",
    "time on tasks": "案头任务占用时间",
    "episodes a contact": "每件诉求的来电轮次",
    "agent's time a call, min": "话务员每通占用（分钟）",
    "citizen's call, min": "市民每通时长（分钟）",
    "answered on the spot": "当场答复",
    "satisfied": "满意",
    "within 20 s, of served": "20秒内接通（占接通）",
    "within 20 s, with abandoners": "20秒内接通（含放弃者）",
    "within 20 s, of expected": "20秒内接通（占预期来电）",
    "mean wait of served, min": "接通者平均等待（分钟）",
    "mean wait, s (ratio of totals)": "平均等待（秒，总量之比）",
    "lost, of expected": "流失（占预期来电）",
    "blocked a day": "每日阻塞",
    "abandoned a day": "每日放弃",
    "arrivals a day": "每日到达",
    "arrivals a week": "每周到达",
    "served a week": "每周接通",
    "redials a week": "每周重拨",
    "abandoned a week": "每周放弃",
}

_PROOFS: Final = {
    "birth-death chain": "生灭过程",
    "pyworkforce's published row": "pyworkforce 公布值",
    "Mandelbaum and Zeltyn, opening example": "Mandelbaum 与 Zeltyn 首例",
    "Erlang's sums": "Erlang 求和式",
    "Poisson whatever the staffing": "无论人数均为泊松分布",
    "endless patience is Erlang C": "耐心无限即 Erlang C",
    "Little's law": "Little 定律",
    "by hand": "手算",
    "two classes of calls": "两类优先级来电",
    "calls beside work that never runs out": "来电与做不完的案头任务",
    "calls before work that can wait": "来电优先于可延后的案头任务",
    "repeats": "重复来电",
    "transfers": "三方通话",
    "satisfaction by wait": "满意度随等待变化",
    "Davis 1966; Kella and Yechiali 1985": "Davis（1966）；Kella 与 Yechiali（1985）",
    "Levy and Yechiali 1975: multiple vacations": "Levy 与 Yechiali（1975）：多重休假",
    "Cobham 1954": "Cobham（1954）",
    "geometric, at most four": "几何分布，至多四轮",
    "sums of means": "均值之和",
    "Erlang C; its waits through the logistic": "Erlang C 的等待代入逻辑函数",
    "the formula does not give the expected number": "公式给不出该预期值",
    "routing: any idle agent, each with the same chance": "分配：任一空闲话务员，机会均等",
}

_POPULATIONS: Final = {
    POPULATIONS["follow_up"]: "人工回访接通的市民",
    POPULATIONS["all"]: "全部来电接通者",
    POPULATIONS["on_the_spot"]: "一次性解答的来电者",
    POPULATIONS["work_orders"]: "来电形成工单的市民",
}

_Made = str | Callable[[re.Match[str]], str]


def _grade(found: re.Match[str]) -> str:
    name = _role(found)
    return name if name.endswith("话务员") else f"{name}话务员"


def _lever(found: re.Match[str]) -> str:
    known = {"as planned": "按计划", "as simulated": "按仿真", "0 until simulated": "仿真前按0计"}
    return f"增援组 {found[2]} 的{part_name(found[1], 'zh')}（{known[found[3]]}）"


def _role(found: re.Match[str]) -> str:
    return part_name(found[1], "zh")


def _budget_line(found: re.Match[str]) -> str:
    return f"校准：按“{line_name(found[1], 'zh')}”{found[2]}"


_INDICATORS: Final = {
    **{key: zh for key, (zh, _) in NAMES.items()},
    **{f"satisfaction_{population}": zh for population, (zh, _) in SATISFACTION.items()},
}
"""What the note on the rival's values calls each indicator."""


def _rivals(found: re.Match[str]) -> str:
    def named(each: str) -> str:
        key, _, value = each.partition(" ")
        return f"{_INDICATORS[key]} {value}"

    return "对比城市的数值取自方案：" + "，".join(named(each) for each in found[1].split(", "))


_AT_PEAK: Final = r"(\d+) agents of (\S+) at the peak"


def _at_peak(found: re.Match[str]) -> str:
    return f"{found[2]} 组有 {found[1]} 人"


def _reachable(found: re.Match[str]) -> str:
    return f"话务员能以概率 {found[1]} 达到的目标" if found[1] else "话务员所能达到的目标"


def _weekdays(stretch: str) -> str:
    for english, chinese in zip(
        figure_word("weekdays", "en").split(), figure_word("weekdays", "zh").split(), strict=True
    ):
        stretch = stretch.replace(english, chinese)
    return stretch


_SENTENCES: Final[tuple[tuple[re.Pattern[str], _Made], ...]] = tuple(
    (re.compile(pattern), made)
    for pattern, made in (
        # Drivers made of a name of the scenario.
        (r"agents of grade (.+)", _grade),
        (r"(calls|minutes|hours|activations) of (.+), (as planned|as simulated|0 until simulated)", _lever),
        (r"staff: (.+)", _role),
        # What begins or is a source.
        (rf"calibrated: to the ({'|'.join(LINES_EN)}) line(.*)", _budget_line),
        (r"calibrated: (.*)", r"校准：\1"),
        (r"assumed: (.*)", r"假设：\1"),
        (r"document: (.*)", r"文件：\1"),
        (r"changed: on the command line, no source given", "已在命令行改动，未注明来源"),
        (r"changed: in (.+), no source given", r"已在 \1 中改动，未注明来源"),
        (r"default of the format", "格式的默认值"),
        (r"no source given", "未注明来源"),
        # Notes on targets.
        (r"the year's volume is not judged on a part of the year", "只仿真了部分日期，不评判全年受理量"),
        (
            r"the year's cost per contact is not judged on a part of the year",
            "只仿真了部分日期，不评判全年每件受理成本",
        ),
        (
            r"the year's energy per contact is not judged on a part of the year",
            "只仿真了部分日期，不评判全年每件受理能耗",
        ),
        (
            r"with those called back: (.+) a replication, after (.+) s on average",
            r"计入回拨者：平均每次仿真\1人，平均等待\2秒",
        ),
        (
            r"without those called back: (.+) a replication, after (.+) s on average",
            r"不计回拨者：平均每次仿真\1人，平均等待\2秒",
        ),
        (
            rf"({'|'.join(POPULATIONS.values())}): (.+) a replication",
            lambda found: f"统计对象：{_POPULATIONS[found[1]]}，平均每次仿真{found[2]}人",
        ),
        (r"the rival's values are the scenario's: (.*)", _rivals),
        (
            r"not judged: not every month passed has (.+)",
            lambda found: (
                f"不作判定：已过月份的文件缺少{'、'.join(COLUMNS[key].zh[0] for key in found[1].split(', '))}"
            ),
        ),
        (
            r"not judged: the file of months does not tell what the target counts \(basis = (.+)\)",
            lambda found: f"不作判定：已过月份的文件不含该目标的统计口径（{figure_word(found[1], 'zh')}）",
        ),
        # What check says.
        (
            r"calendar: the make-up workdays \(调休\) of (\d+) are not known.*",
            r"日历：本机不知道\1年的调休上班日，只把节日当天视为假日。请写入 [calendar].days，"
            r'例如 "\1-10-10" = "make_up_workday"；或在国务院公布放假通知后更新 holidays 软件包。',
        ),
        (
            r"(\S+) = (\S+) is calibrated outside its plausible range, (\S+) to (\S+): the drivers of the (\S+) "
            r"line do not explain its published figure",
            lambda found: (
                f"{found[1]} = {found[2]} 的校准值超出合理区间 {found[3]}–{found[4]}："
                f"“{line_name(found[5], 'zh')}”的动因不能解释公布数"
            ),
        ),
        (
            r"at the peak (\d+) agents are planned at (\S+) and there are (\d+) seats: .*",
            r"高峰时场所 \2 计划 \1 名话务员，座席只有 \3 个：仿真尽量安排入座，并统计座席不足的刻钟数；"
            r"可把部分案头工作移到其他时段（tasks.NAME.hours），或增加座席（sites.\2.seats）",
        ),
        (
            r"in (\S+) of the (\S+) hours in which (\S+) is on duty and one of its tasks is open, .*",
            r"班组 \3 在岗且有案头任务可办的 \2 小时中，有 \1 小时 task_reserve 留住全部计划人数，"
            r"期间不会开始任何案头任务；如非本意，请调低这些时段的 groups.\3.task_reserve",
        ),
        (
            r"groups\.(\S+)\.on_duty asks for up to (\d+) agents and (\S+), .*: (\d+) at the most; .*",
            r"groups.\1.on_duty 要求至多 \2 人，而人员来自 \3，该组任何时段都没有这么多人（最多 \4 人）：有多少来多少",
        ),
        (
            r"(\S+) = (\d+): (\S+) % of the planned hours expect as many calls, redials apart, so (\S+) would be there "
            r"most of the time; the busiest expects (\d+)",
            r"\1 = \2：计划时段中有 \3% 的小时预期来电（不计重拨）已达此数，\4 将几乎一直在岗；最忙的一小时预期 \5 个",
        ),
        (
            r"(\S+) answers calls and does tasks \((.+)\) without a task_reserve: .*",
            r"\1 既接听来电又处理可延后工作（\2），但未设 task_reserve：这些工作会占用接听人员，来电等待变长；"
            r"可用 groups.\1.task_reserve 为来电保留空闲人员",
        ),
        (
            r'the source of (\S+) still reads "(.+)", which is none: .*',
            r"\1 的来源仍是模板文字“\2”，视同未注明：请写明理由或所依据的文件",
        ),
        (
            r"(\d+) numbers? ha(?:ve|s) no source of (?:its|their) own: (.+?)(?: and (\d+) more)?; "
            r"give them under \[sources\]",
            lambda found: (
                f"{found[1]} 个数值没有自己的来源：{found[2]}"
                f"{f' 等，另有 {found[3]} 个' if found[3] else ''}；请在 [sources] 中注明"
            ),
        ),
        (
            r"(\S+) = (\S+) multiplies all contacts by (\S+) \((\S+) %\); if \S+ % is meant, write (\S+)",
            r"\1 = \2 会把全部诉求量乘以 \3（\4%）；如指 \2%，请写 \5",
        ),
        (
            r"the surge (.+), (\S+ \S+) to (\S+ \S+), is not inside the days simulated, (\S+) to (\S+): .*",
            r"激增 \1（\2 至 \3）不在仿真日期 \4 至 \5 之内：结果中没有它的影响",
        ),
        # Why there is no plan.
        (
            r"holds with probability (\S+) even with (.+ at the peak)",
            lambda found: (
                f"即使高峰时{re.sub(_AT_PEAK, _at_peak, found[2]).replace(', ', '、')}，达标概率也只有 {found[1]}"
            ),
        ),
        (
            r"holds with probability (\S+) in the surest plan tried, with (.+ at the peak)",
            lambda found: (
                f"所试最稳妥的方案中，高峰时{re.sub(_AT_PEAK, _at_peak, found[2]).replace(', ', '、')}，"
                f"达标概率为 {found[1]}"
            ),
        ),
        (r"a target that agents can reach(?: with probability (\S+))?", _reachable),
        (r"(\d+) heads on the floor, mean of the weeks", r"在岗 \1 人（各周平均）"),
        (r"the (\d+) heads or so that it takes for even the fewest agents tried", r"即使所试最少人数也约需 \1 人"),
        (
            r"the (\d+) heads or so that it takes for targets that hold with probability (\S+)",
            r"达标概率 \2 约需 \1 人",
        ),
        (
            r"seats for (\d+) agents of (\S+) beside the other groups, in the typical week (\S+.*), (.+)",
            lambda found: f"除其他各组外，典型周 {found[3]} 的{_weekdays(found[4])}，{found[2]} 组 {found[1]} 人的座席",
        ),
        (
            r"tours that cover (\S+) in the typical week (.+) within the seats and max_share",
            r"在座席与 max_share 之内、覆盖典型周 \2 中 \1 组所需的班次",
        ),
        # What is known of other years.
        (
            r"left out: demand puts no calls between (\d+) h and (\d+) h, when the hotline was open then",
            r"未推算：方案在当年的服务时段（\1时至\2时）没有来电",
        ),
        # What validate says.
        (r"a call every (\d+) min", r"每\1分钟一个来电"),
        (r"(.+), none waiting", r"\1，不设排队"),
        (r"(.+), at most (\d+) waiting", r"\1，至多\2人排队"),
        (r"Poisson", "泊松"),
        (r"contacts with (\d+) episodes or more", r"有\1轮及以上来电的诉求"),
        (r"formula (\S+)", r"公式 \1"),
        (r"ContactCenters library, 1,000 replications", "ContactCenters 程序库，1,000 次重复"),
        (r"ContactCenters library, its own random numbers", "ContactCenters 程序库，沿用其自身的随机数"),
        (r"(\S+) \(its own draws\)", r"\1（原随机数）"),
        (
            r"with the publication's own random numbers the printed value results, see (\S+) \(its own draws\)",
            r"沿用公布者自身的随机数即得公布值，见 \1（原随机数）",
        ),
        (
            r"published low: a day that starts empty has (\S+) exactly",
            r"公布值偏低：从空系统开始的一天，精确值为 \1",
        ),
        (r"1,660 are expected", "预期 1,660"),
        (r"an independent re-run gave (.+)", r"独立复算得 \1"),
        (r"the interval is too wide: (\S+) to either side", r"区间过宽：每侧 \1"),
        (r"outside the interval that holds for all (\d+) rows together", r"落在 \1 行联合区间之外"),
        (
            r"outside its own 95 % interval, inside that of all (\d+) rows together",
            r"落在自身 95% 区间之外、\1 行联合区间之内",
        ),
    )
)


def said(text: str, lang: Lang) -> str:
    """Return a driver, a source, a note or a measure of the validation in a language.

    Parameters
    ----------
    text
        As another room says it; a text that is not known here stays.
    lang
        The language.
    """
    if lang == "en":
        return text
    for known in (_DRIVERS, _MEASURES, _PROOFS):
        if text in known:
            return known[text]
    for pattern, made in _SENTENCES:
        found = pattern.fullmatch(text)
        if found:
            text = found.expand(made) if isinstance(made, str) else made(found)
            break
    # A source may be of two kinds: "document: …; that every attempt counts is assumed: …".
    return text.replace("; assumed: ", "；假设：").replace("; document: ", "；文件：")


def unit(text: str, lang: Lang) -> str:
    """Return a unit such as ``元/m²·day`` in a language."""
    if lang == "en" or text in _UNITS:
        return _UNITS[text] if lang == "zh" else text
    return re.sub(r"[A-Za-z]+", lambda found: _UNITS.get(found[0], found[0]), text)
