"""The words of the tables, in English and Chinese, and what the contract's lines and parts are called."""

from __future__ import annotations

from typing import Final, Literal

from sim.cost.bill import NAMES_ZH

Lang = Literal["en", "zh"]

LINES_EN: Final = {
    "operation": "basic operation",
    "platform": "platform and equipment",
    "personnel": "personnel",
    "tax": "taxes",
}

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
    "wait_p95_s": ("wait of 95 of 100 callers, at most", "95%来电的等待不超过"),
    "answered_within_15s_share": ("answered within 15 s", "15秒内接通"),
    "worst_24h_connection_rate": ("worst 24 hours' connection rate", "最差24小时接通率"),
    "redial_share": ("redials among the calls", "重拨占比"),
    "lost_share": ("contacts lost", "流失诉求"),
    "fcr_share": ("answered on the spot", "一次性解答率"),
    "work_orders": ("work orders", "工单量"),
    "aht_s": ("mean handling time", "平均处理时长"),
    "occupancy": ("agents busy, of hours on duty", "在岗忙碌率"),
    "utilisation": ("agents busy, of hours paid", "工时利用率"),
    "on_duty_h": ("hours on duty", "在岗小时"),
    "seat_capped_slots": ("quarters of an hour with too few seats", "座席不足的时段（每段15分钟）"),
}
"""The measures shown on screen; the others are in the result folder."""

_WORDS: Final = {
    "targets": ("Targets", "绩效目标"),
    "target": ("target", "目标"),
    "wanted": ("wanted", "目标值"),
    "measured": ("simulated (95 %)", "仿真值（95%区间）"),
    "probability": ("chance, %", "达标概率%（95%区间）"),
    "verdict": ("verdict", "结论"),
    "measures": ("The year in figures", "主要指标"),
    "measure": ("measure", "指标"),
    "mean": ("mean", "均值"),
    "interval": ("95 % interval", "95%区间"),
    "contract": ("Contract, 万元", "合同金额（万元）"),
    "line": ("line", "项目"),
    "published": ("published", "公布预算"),
    "priced": ("priced", "测算"),
    "difference": ("difference", "差额"),
    "share": ("share", "占比"),
    "total": ("total", "合计"),
    "per_accepted": ("元 per accepted contact, as simulated", "每件受理成本（元，按仿真受理量）"),
    "per_planned": ("元 per accepted contact, as planned", "每件受理成本（元，按计划受理量）"),
    "share_of_plan": (
        "these days' share of the whole plan, whose heads and seats they have",
        "全期计划中这些天的份额，人数与座席按全期计划",
    ),
    "calibrated": (
        "* holds a rate solved once to meet the published figure, and stored:",
        "* 含校准单价（按公布预算一次性求得并存入方案）：",
    ),
    "parts": ("What each part costs, and why", "各分项：动因 × 数量 × 单价"),
    "part": ("part", "分项"),
    "driver": ("driver", "动因"),
    "quantity": ("quantity", "数量"),
    "unit": ("unit", "单位"),
    "rate": ("rate, 元", "单价（元）"),
    "wan": ("万元", "万元"),
    "source": ("source", "来源"),
    "telephone_planned": ("telephone contacts, as planned", "来电诉求（按计划）"),
    "written_planned": ("written contacts, as planned", "书面受理（按计划）"),
    "accepted_planned": ("accepted contacts, as planned", "受理量（按计划）"),
    "within_target": ("The accepted contacts planned are within the target, about", "计划受理量在目标范围内：约"),
    "beyond_target": ("The accepted contacts planned are outside the target, about", "计划受理量超出目标范围：约"),
    "never_used": (
        "{0:,} of the {1:,} seats are never used, even at the plan's peak",
        "{1:,} 个座席中有 {0:,} 个即使在计划高峰也不会用到",
    ),
    "from_work_to_heads": ("From work to heads", "从工作量到人数"),
    "step": ("step", "步骤"),
    "how": ("how", "算法"),
    "hours": ("hours", "小时"),
    "on_duty": ("on duty: ", "在岗："),
    "roster": ("roster", "排班"),
    "step_phone_contact": ("telephone contacts", "来电（首次）"),
    "step_written_contact": ("written contacts", "书面受理"),
    "step_work_order": ("work orders", "工单"),
    "step_returned_order": ("returned orders", "退单"),
    "step_agent_hours": ("agents' hours, all work", "话务员工时合计"),
    "step_overtime": ("of them in overtime", "其中加班"),
    "step_hours_per_head": ("hours a head is at work", "每人有效工时"),
    "step_agents": ("agents", "话务员"),
    "step_trainees": ("agents in training", "培训期学员"),
    "step_heads": ("heads, everybody", "总人数"),
    "bill_by_month": ("The bill by month, 万元", "分月金额（万元）"),
    "by_month": ("By month", "分月"),
    "by_quarter": ("By quarter", "分季度"),
    "by_week": ("By week", "分周"),
    "month": ("month", "月份"),
    "quarter": ("quarter", "季度"),
    "week": ("week", "周"),
    "worst": ("◀ worst", "◀ 最差"),
    "heads": ("heads", "人数"),
    "paid_h": ("paid hours", "计薪小时"),
    "implied": ("What this reading of the budget implies", "本口径意味着"),
    "handling_s": ("mean handling time, talk and wrap-up", "平均处理时长（通话＋话后）"),
    "all_heads": ("heads, everybody", "总人数"),
    "agents": ("of them agents", "其中话务员"),
    "agents_only": ("agents", "话务员"),
    "pay_per_head_wan": ("personnel line per head and year, 万元", "人均年人员经费（万元）"),
    "base_wage": ("base wage, 元 a month", "基本月薪（元）"),
    "seats": ("seats", "座席数"),
    "seats_needed": ("seats the plan uses at its peak", "高峰所需座席"),
    "too_few_seats": ("◀ more than there are", "◀ 超过现有座席"),
    "heads_per_seat": ("heads per seat", "人座比"),
    "shrinkage": ("paid time lost (shrinkage)", "工时损耗率"),
    "phone_share": ("telephone's share of agents' hours", "话务占话务员工时"),
    "phone_paid": ("calls' share of all productive hours", "通话占全部有效工时"),
    "other_years": (
        "Years the rates were not fitted to: what this reading would say",
        "未用于校准的年份：本口径的推算",
    ),
    "year": ("year", "年份"),
    "calls_a_day": ("calls a day", "日均来电"),
    "known": ("known", "实际"),
    "modelled": ("modelled", "推算"),
    "calibration": ("Rates solved to meet the published lines", "按公布预算求得的单价"),
    "stored": ("stored", "现存"),
    "solved": ("solved", "求得"),
    "range": ("plausible range", "合理区间"),
    "outside": ("outside its range", "超出区间"),
    "inside": ("inside", "区间内"),
    "store_it": (
        "The scenario keeps its stored numbers; write a solved one under its path to use it.",
        "方案仍用现存数值；如要采用求得的数值，请写入方案文件的对应路径。",
    ),
    "replications": ("replications", "次重复"),
    "seed": ("seed", "种子"),
    "engine": ("engine", "引擎"),
    "results": ("Results in", "结果目录"),
    "key": ("key", "键"),
    "value": ("value", "数值"),
    "code": ("code", "编码"),
    "name": ("name", "名称"),
    "sums": ("Sums checked", "勾稽检查"),
    "hotline_share": ("the hotline's share of the department's budget", "热线占部门预算"),
}

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

_DRIVERS: Final = {
    "floor area of the seats": "座席用房面积",
    "manned seat-hours": "在席小时",
    "platform and building": "机房与楼宇",
    "heads": "人数",
    "telephone lines": "电话线路数",
    "leased circuits": "专线数",
    "fixed": "固定",
    "seats": "座席数",
    "agents of grade": "话务员",
    "agents in training": "培训期学员",
    "staff": "岗位",
    "wages": "工资",
    "pay within floor and cap": "上下限内的工资",
    "hours at night": "夜间小时",
    "agents' hours on statutory days": "话务员法定节假日工时",
    "posts' hours on statutory days": "值守岗法定节假日工时",
    "agents' hours in overtime": "话务员加班小时",
    "hires": "招聘人数",
    "all personnel costs above": "以上人员费用",
    "sum of the other three lines": "前三项之和",
}
_UNITS: Final = {
    "day": "天",
    "month": "月",
    "year": "年",
    "head": "人",
    "line": "线",
    "circuit": "条",
    "seat": "席",
    "hire": "人",
    "h": "小时",
}
"""Words of the parts' units."""


def word(key: str, lang: Lang) -> str:
    """Return a word of the tables."""
    return _WORDS[key][lang == "zh"]


def measure_name(key: str, lang: Lang) -> str:
    """Return what a measure is called."""
    return MEASURES[key][lang == "zh"]


def verdict_word(verdict: str, lang: Lang) -> str:
    """Return a verdict in words."""
    return VERDICTS[verdict][lang == "zh"]


def line_name(key: str, lang: Lang) -> str:
    """Return what a contract line is called; in Chinese as the document does."""
    return NAMES_ZH[key] if lang == "zh" else LINES_EN[key]


def driver_name(driver: str, lang: Lang) -> str:
    """Return what causes a part, in words."""
    if lang == "en":
        return driver
    for start in ("agents of grade", "staff"):
        if driver.startswith(start):
            return f"{_DRIVERS[start]}·{part_name(driver.removeprefix(start).lstrip(': '), lang)}"
    return _DRIVERS[driver]


def unit_name(unit: str, lang: Lang) -> str:
    """Return the unit of a part's quantity."""
    return "·".join(_UNITS.get(w, w) for w in unit.split("·")) if lang == "zh" else unit


def part_name(key: str, lang: Lang) -> str:
    """Return what a part of a line is called: its key's words."""
    words = key.split(".")
    return "·".join(_PARTS.get(w, w) for w in words) if lang == "zh" else ": ".join(words).replace("_", " ")
