"""What the model's own keys are called, in English and Chinese: measures, verdicts, the contract's lines and parts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from typing import Final

from sim.cost.bill import NAMES_ZH
from sim.experiment.quantities import IN_WAN, PROBABILITY
from sim.measures import UNITS
from sim.report.words import Lang, word
from sim.targets import NAMES as TARGETS

LINES_EN: Final = {
    "operation": "basic operation",
    "platform": "platform and equipment",
    "personnel": "personnel",
    "tax": "taxes",
}

VERDICT_COLOURS: Final = {"met": "bold green", "missed": "bold red", "undecided": "bold yellow"}
VERDICTS: Final = {
    "met": ("met", "达标"),
    "missed": ("missed", "未达标"),
    "undecided": ("undecided", "尚不能定"),
    "not_judged": ("not judged", "不作判定"),
}

MEASURES: Final = {
    "offered": ("calls offered", "呼入量"),
    "answered": ("answered", "接通量"),
    "accepted": ("accepted contacts", "受理量"),
    "connection_rate": ("connection rate", "接通率"),
    "asa_s": ("mean answer time", "平均接电时长"),
    "wait_p95_s": ("wait of 95 of 100, at most", "95%的等待不超过"),
    "answered_within_15s_share": ("answered within 15 s", "15秒内接通"),
    "worst_24h_connection_rate": ("worst 24 hours' connection rate", "最差24小时接通率"),
    "redial_share": ("redials among the calls", "重拨占比"),
    "repeat_share": ("repeats among the calls, days later", "重复来电占比（数日后再来电）"),
    "callbacks": ("callbacks promised", "约定回拨量"),
    "callback_wait_s": ("mean wait for a callback", "回拨平均等待"),
    "estimate_error_s": ("expected wait, mean error", "预计等待的平均误差"),
    "lost_share": ("contacts lost", "流失诉求"),
    "fcr_share": ("answered on the spot", "一次性解答率"),
    "transfer_share": ("transferred to a department", "三方通话占比"),
    "hasty_share": ("wrap-ups in haste", "仓促完成的话后处理占比"),
    "work_orders": ("work orders, by telephone", "工单量（仅来电）"),
    "aht_s": ("mean handling time", "平均处理时长"),
    "occupancy": ("agents busy, of hours on duty", "在岗忙碌率"),
    "utilisation": ("agents busy, of all paid hours", "忙碌时间占全部计薪工时"),
    "on_duty_h": ("hours on duty", "在岗小时"),
    "task_h": ("hours at work that can wait", "可延后工作小时"),
    "seat_capped_slots": ("quarters of an hour with too few seats", "座席不足的时段（每段15分钟）"),
}
"""The measures shown on screen; the others are in the result folder."""

_BASES: Final = {
    "asa_s": ("answered; {}", "接通者；{}"),
    "wait_p95_s": ("all who queued; queue only", "全部排队者；仅排队"),
    "answered_within_15s_share": ("of answered; {}", "占接通；{}"),
    "utilisation": ("everybody's, managers' too", "全体人员，含管理人员"),
}
"""Whose time a measure tells, and which part of it; where that is open, what ``targets.asa`` counts."""

COUNTED: Final = {"greeting": ("greeting", "提示音"), "queue": ("queue", "排队"), "ring": ("ring", "振铃")}
"""The parts of a call that an answer time may count."""

_CAUSES: Final = {
    "volume": ("volume", "业务量"),
    "handling": ("handling times", "处理时长"),
    "staffing": ("staffing", "人员配置"),
    "shrinkage": ("shrinkage and working time", "工时损耗与工时制度"),
    "headcount": ("heads and their novices", "话务员人数与新手"),
    "patience": ("patience and redials", "耐心与重拨"),
    "resolution": ("resolution, repeats, transfers", "解答、再次来电与转接"),
    "routing": ("who serves whom", "来电分派"),
    "tasks": ("work that can wait", "可延后工作"),
    "callback": ("callbacks", "回拨"),
    "quality": ("novices and haste", "新手与仓促"),
    "rates": ("rates and wages", "单价与工资"),
    "energy": ("energy", "能耗"),
    "counting": ("what is counted", "统计口径"),
    "horizon": ("the days' frame", "仿真日程"),
    "lines": ("telephone lines", "电话线路"),
    "greeting": ("greeting and ring", "提示音与振铃"),
}
"""What makes two scenarios differ."""

_COLUMNS: Final = {
    "amount": "金额",
    "wan": "万元",
    "total": "合计",
    "basic": "基本支出",
    "project": "项目支出",
    "personnel": "人员经费",
    "public": "公用经费",
    "fiscal": "财政拨款",
    "general": "一般公共预算",
    "fund": "政府性基金预算",
    "operating": "事业收入",
    "business": "经营收入",
    "other": "其他收入",
}
"""Columns of the department's budget."""

_PARTS: Final = {
    "rent": "房租",
    "property": "物业",
    "electricity": "电费",
    "base": "机房与楼宇",
    "water": "水费",
    "lines": "电话线路",
    "circuits": "专线",
    "internet": "互联网",
    "repairs": "维修",
    "consumables": "耗材",
    "licences": "座席许可",
    "call_platform": "话务平台",
    "work_order_system": "工单系统",
    "sign_network": "手语客服网络",
    "enterprise_service": "企业服务专席",
    "big_data": "大数据",
    "knowledge_base": "知识库",
    "security": "安全",
    "wages": "工资",
    "bonus": "年终奖",
    "insurance": "社会保险",
    "pension": "养老",
    "medical_maternity": "医疗（含生育）",
    "unemployment": "失业",
    "injury": "工伤",
    "housing_fund": "住房公积金",
    "welfare": "福利",
    "night": "夜班津贴",
    "holiday": "法定节假日加班",
    "overtime": "延时加班",
    "hiring": "招聘",
    "training": "培训",
    "management": "管理",
    "levers": "临时增援",
    "calls": "来电",
    "minutes": "分钟",
    "hours": "小时",
    "activations": "启用次数",
    "tax": "税费",
    "junior": "初级",
    "agent": "话务员",
    "agents": "话务员",
    "senior": "高级",
    "expert": "专家",
    "trainees": "培训期学员",
    "posts": "值守岗",
    "seats": "座席",
    "team_leader": "班组长",
    "shift_leader": "值班长",
    "quality_supervisor": "质检",
    "real_time_control": "现场调度",
    "platform_duty": "平台值守",
    "urgent_matters": "突发事件处置",
    "knowledge": "知识库维护",
    "analysis": "数据分析",
    "technology": "系统运维",
    "administration": "人事行政",
}
"""Words of the parts' keys; what a scenario names itself stays as it is."""


def quantity_name(name: str, lang: Lang) -> str:
    """Return what a quantity of a comparison is called: a measure, a line's cost, the chance to meet a target.

    A measure that is not shown on screen otherwise stays as its key.
    """
    zh = lang == "zh"
    if name in UNITS:
        return MEASURES[name][zh] if name in MEASURES else name
    if name.endswith(IN_WAN):
        line = name.removesuffix(IN_WAN)
        return word("cost_of", lang).format(word("total", lang) if line == "total" else line_name(line, lang))
    key = name.removesuffix(PROBABILITY)
    target = word("satisfaction", lang) if key == "satisfaction" else TARGETS[key][not zh]
    return word("chance_of", lang).format(target)


def key_called(said: str, known: Collection[str]) -> str | None:
    """Return which of some keys a planner means by it, or by what it is called on screen, in either language.

    Capitals do not matter, nor a basis in brackets after the name, nor whether a contract line's key ends in ``_wan``.
    A target's bare key means nothing: its measure and its chance are two things. None where nothing is meant.
    """
    word = _plain(said)
    for form in (word, re.sub(r"\s*\([^()]*\)$", "", word)):
        for key in known:
            line = key.removesuffix(IN_WAN)
            is_line = line == "total" or line in NAMES_ZH
            names = [any_name(line if is_line else key, "en"), any_name(line if is_line else key, "zh"), key]
            if key in UNITS or key.endswith((IN_WAN, PROBABILITY)):
                names += [quantity_name(key, "en"), quantity_name(key, "zh")]
            if form in map(_plain, [*names, *([line] if is_line else [])]):
                return key
    return None


def parted(said: str, known: Collection[str]) -> list[str]:
    """Return names that stand with commas between; a comma that is part of a name on screen parts nothing."""
    parts = re.split("[,，]", said)
    found = []
    while parts:
        reach = next((n for n in range(len(parts), 1, -1) if key_called(",".join(parts[:n]), known)), 1)
        found.append(",".join(parts[:reach]).strip())
        del parts[:reach]
    return found


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def measure_name(key: str, lang: Lang) -> str:
    """Return what a measure is called."""
    return MEASURES[key][lang == "zh"]


def measure_basis(key: str, counted: Sequence[str], lang: Lang) -> str:
    """Return whose time a measure tells and which part of it, or nothing where that is no question.

    Parameters
    ----------
    key
        The measure's.
    counted
        What the scenario's answer time counts, such as ``("queue", "ring")``.
    lang
        The language.
    """
    return _BASES[key][lang == "zh"].format(time_parts(counted, lang)) if key in _BASES else ""


def time_parts(counted: Sequence[str], lang: Lang) -> str:
    """Return which parts of a call an answer time counts, such as ``queue + ring``."""
    zh = lang == "zh"
    return ("＋" if zh else " + ").join(COUNTED[part][zh] for part in counted)


def measure_label(key: str, counted: Sequence[str], lang: Lang) -> str:
    """Return what a measure is called, with the basis it stands on (:func:`measure_basis`)."""
    basis = measure_basis(key, counted, lang)
    name = measure_name(key, lang)
    if not basis:
        return name
    return f"{name}（{basis}）" if lang == "zh" else f"{name} ({basis})"


def any_name(key: str, lang: Lang) -> str:
    """Return what a measure, a line of the contract or its total is called; the key of one that has no name."""
    if key in MEASURES:
        return measure_name(key, lang)
    if key == "total":
        return word("total", lang)
    return line_name(key, lang) if key in NAMES_ZH else key


def cause_name(key: str, lang: Lang) -> str:
    """Return what a cause is called; of joined ones, each."""
    zh = lang == "zh"
    joint = "＋" if zh else " + "
    return joint.join(_CAUSES[cause][zh] if cause in _CAUSES else cause for cause in key.split("+"))


def column_name(key: str, lang: Lang) -> str:
    """Return what a column of the department's budget is called."""
    return _COLUMNS.get(key, key) if lang == "zh" else key


def verdict_word(verdict: str, lang: Lang) -> str:
    """Return a verdict in words."""
    return VERDICTS[verdict][lang == "zh"]


def line_name(key: str, lang: Lang) -> str:
    """Return what a contract line is called; in Chinese as the document does."""
    return NAMES_ZH[key] if lang == "zh" else LINES_EN[key]


def part_name(key: str, lang: Lang) -> str:
    """Return what a part of a line is called: its key's words."""
    words = key.split(".")
    return "·".join(_PARTS.get(w, w) for w in words) if lang == "zh" else ": ".join(words).replace("_", " ")
