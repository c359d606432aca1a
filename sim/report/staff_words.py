"""What the certificate of a plan, the frontier and their figures say, in English and Chinese."""

from __future__ import annotations

from typing import Final

from sim.report.words import Lang

_WORDS: Final = {
    "stage_given": ("shifts of the other groups", "其他各组排班"),
    "stage_prices": ("weeks at several prices of bad service", "按不同定价排周"),
    "stage_agents": ("weeks of whole agents", "整数人数排周"),
    "stage_years": ("years of the search", "搜索用仿真年份"),
    "stage_proof": ("years of the proof", "验证用仿真年份"),
    "stage_buys": ("what the next and the last 10 万元 buy", "再增、再减 10 万元的效果"),
    "stage_rivals": ("other ways to plan", "对照排法"),
    "days": ("{} – {} · search with seed {} · proof with seed {}", "{} – {} · 搜索种子 {} · 验证种子 {}"),
    "asked": (
        "Asked: in {:g} % of the years at least, all targets that agents on duty can reach; at the least cost",
        "要求：以最低成本，使在岗话务员所能左右的全部目标在至少 {:g}% 的年份达标",
    ),
    "asked_budget": (
        "Asked: for {:,.10g} 万元 at most, all targets that agents on duty can reach in as many years as possible",
        "要求：合同不超过 {:,.10g} 万元，使在岗话务员所能左右的全部目标在尽可能多的年份达标",
    ),
    "asked_floor": (
        "In the year planned for, every half-hour answers {:g} % of its calls at least",
        "在计划所按的年份，每个半小时至少接通 {:g}% 的来电",
    ),
    "asked_floor_day": (
        "In the year planned for, of the calls of any 24 hours in a row {:g} % are answered at least",
        "在计划所按的年份，任意连续 24 小时的来电至少接通 {:g}%",
    ),
    "found": (
        "Found: they held in {} of {} simulated years, {:.0f} % (95 % interval {:.0f}–{:.0f} %). The search used none "
        "of these years",
        "结果：{1} 个仿真年份中有 {0} 个全部达标，占 {2:.0f}%（95%区间 {3:.0f}–{4:.0f}%）。这些年份均未用于搜索",
    ),
    "found_under": (
        "That is less than was asked, beyond chance: ask for more with --probability",
        "低于要求，且超出偶然误差：可用 --probability 提高要求",
    ),
    "found_within": (
        "The {:g} % asked for is inside the interval; --years narrows it",
        "所要求的 {:g}% 在区间之内；--years 可缩窄区间",
    ),
    "service": ("Targets that agents on duty can reach", "在岗话务员所能左右的目标"),
    "others": ("The other targets, as they come out with this plan", "其余目标在本方案下的结果"),
    "why_not": ("Not in the chance above: ", "未计入上述达标概率："),
    "why_accepted": ("how many call is the citizens' doing", "受理量取决于市民"),
    "why_money": (
        "money by contact follows from what the plan costs",
        "每件受理成本随方案成本而定",
    ),
    "why_energy": ("energy follows from seats and hours", "能耗随座席与工时而定"),
    "why_rank": ("a rank is decided by another city's figures too", "排名还取决于其他城市的指标"),
    "heads": (
        "{:,.0f} heads, {:,.0f} of them agents; {:,} seats, the most that are used at once (the scenario has {:,})",
        "总人数 {:,.0f} 人，其中话务员 {:,.0f} 人；座席 {:,} 个，即同时使用的最大值（原方案 {:,} 个）",
    ),
    "heads_there": (
        "Its roster takes {:,.0f} heads; expected on the floor are {:,.0f}, mean of the weeks, and {:,.0f} in the week "
        "with the fewest: in such weeks some places stay empty, which the simulated years count",
        "排班需要 {:,.0f} 人；预计在岗人数各周平均 {:,.0f} 人，最少一周 {:,.0f} 人：这些周有空缺，仿真已计入",
    ),
    "people": ("Who works: agents in a week, by kind of tours", "各组各类轮班的每周人数"),
    "people_group": ("group", "组"),
    "people_kind": ("tours", "轮班"),
    "people_agents": ("agents, mean week", "人数（各周平均）"),
    "people_range": ("from – to", "最少–最多"),
    "people_paid_h": ("paid hours, mean week", "计薪工时（各周平均）"),
    "binding": (
        "What binds: {}, missed sooner than the others. By theory and the search's own years, a standard error "
        "taken off: {}",
        "约束目标：{}，最先不达标。按理论与搜索用年份（已减一个标准误），达标概率：{}",
    ),
    "binding_one": ("{} {:.1f} %", "{} {:.1f}%"),
    "binding_all": ("all together", "全部同时"),
    "gap": (
        "With bad service priced as here, no other choice of shifts is cheaper by more than {:.1f} % of what the "
        "shifts cost, {:,.1f} 万元",
        "按此处对等待与流失的定价，其他排法最多再省班次成本的 {:.1f}%，即 {:,.1f} 万元",
    ),
    "one_fewer": (
        "One agent fewer, in any one of the {:,} tours in typical weeks of the groups whose agents are chosen: in {:,} "
        "it is forbidden (minimum, --floor or max_share)",
        "在所选各组各典型周的 {:,} 个轮班中任减一人：其中 {:,} 个不允许（minimum、--floor 或 max_share）",
    ),
    "one_fewer_surest": (
        "; in the others, by theory and the search's own years, these targets would all hold with a probability of "
        "{:.2f} % at most (the plan itself: {:.2f} %)",
        "；其余情形，按理论与搜索用年份，上述目标全部达标的概率至多 {:.2f}%（本方案 {:.2f}%）",
    ),
    "limits_note": (
        "Searches of weeks also end by time limits: on a slower or busier machine the same command may find another "
        "plan, some thousandths dearer or cheaper. Its proof is the proof of that plan",
        "各周的搜索另有时间上限：在较慢或较忙的机器上，同一命令可能得到另一方案，成本相差千分之几；其验证即该方案的验证",
    ),
    "against": ("Other ways to plan, with the same shifts and rules", "与其他排法对照（班次与规则相同）"),
    "way": ("way", "排法"),
    "plan": ("this plan", "本方案"),
    "interval_erlang": ("Erlang in every half-hour", "逐半小时 Erlang"),
    "flat": ("the same agents all day", "全天同一人数"),
    "total_wan": ("contract, 万元", "合同（万元）"),
    "personnel_wan": ("personnel, 万元", "人员经费（万元）"),
    "chance": ("all targets hold, %", "全部达标%（95%区间）"),
    "saving_wan": ("this plan saves, 万元", "本方案节省（万元）"),
    "saving": ("%", "%"),
    "against_note": (
        "The first way has in every half-hour the fewest agents that meet the targets there, the second the fewest, "
        "the same at all hours with calls, whose year meets them; both for the year that the plan is for. They are "
        "simulated with the first of the proof's years. Where one holds its targets in more of them, what is saved is "
        "not at equal service",
        "前者在每个半小时取满足目标的最少人数，后者在有来电的时段全天取同一最少人数；均按同一计划年份，并用验证年份中靠前的一部分仿真。"
        "对照排法达标比例更高的，所节省的金额并非在同等服务水平之下",
    ),
    "buys": ("What the next and the last 10 万元 of each contract line buy", "各合同科目再增、再减 10 万元的效果"),
    "buys_wan": ("万元", "万元"),
    "buys_rank": ("rank", "排序"),
    "buys_line": ("line", "科目"),
    "buys_what": ("what it is", "内容"),
    "buys_asa_s": ("answer time, s", "接电时长（秒）"),
    "buys_connection": ("connection, points", "接通率（百分点）"),
    "buys_probability": ("all targets hold, points", "全部达标（百分点）"),
    "buys_contract_wan": ("contract, 万元", "合同（万元）"),
    "buys_agents": (
        "{:+,.1f} agent hours a week on duty, {:+.1f} seats at the peak with them",
        "每周在岗 {:+,.1f} 人时，高峰座席随之 {:+.1f} 个",
    ),
    "buys_seats": (
        "{1:+.1f} seats; weeks at the peak bought anew for as much personnel money as finds seats, {0:+,.1f} agent "
        "hours a week",
        "座席 {1:+.1f} 个；触及上限的各周按同样人员经费（以座席可容为限）重排，每周 {0:+,.1f} 人时",
    ),
    "buys_spare": (
        "{1:+.1f} seats, more than are used at once: they buy nothing",
        "座席 {1:+.1f} 个，超出同时使用的最大值：无作用",
    ),
    "buys_follows": ("follows the other lines, buys nothing of its own", "随其他科目而定，本身无作用"),
    "buys_heads": (
        "heads, who are paid whatever the shifts: this search takes them as given",
        "人员编制，不随班次变化：本搜索视为既定",
    ),
    "buys_nothing": ("nothing that is simulated", "仿真中无对应内容"),
    "buys_all": ("cannot be: all seats together cost less", "不可行：全部座席的费用不足此数"),
    "buys_floor": (
        "cannot be: with less no plan holds the floors, the other groups as they are",
        "不可行：其他各组不变时，再少则无法满足最低接通要求",
    ),
    "buys_most": ("cannot be: there is no room for more agents", "不可行：已无可增加的人数"),
    "buys_note": (
        "Money of the line itself; the contract also moves by taxes and by what seats and agents cost in other lines "
        "(a seat costs in operation and in platform). Changes are of a mean year, about, by theory as simulation "
        "corrects it. Ranked by the probability that all targets hold. What else these lines pay (electricity, water, "
        "circuits, fixed platforms, offices) changes nothing that is simulated",
        "金额为该科目自身；合同总额还随税费以及座席、人员在其他科目的费用变动（每个座席同时计入运行与平台两科目）。"
        "变化量为平均年份的约数，按经仿真修正的理论值；按全部达标的概率排序。科目中的其余支出（水电、专线、固定平台、办公）"
        "不影响仿真结果",
    ),
    "buys_lines": (
        "Telephone lines: {:,}; {:,.1f} calls a simulated year find all of them taken",
        "中继线 {:,} 条；每个仿真年份有 {:,.1f} 个来电遇全部占线",
    ),
    "run": ("To simulate it: hotline run {}", "仿真该方案：hotline run {}"),
    "again": (
        "To repeat the proof: hotline run {} --seed {} --replications {}",
        "重复验证：hotline run {} --seed {} --replications {}",
    ),
    "frontier": ("Cost against service", "成本与服务水平"),
    "asa_s": ("answer time, s", "接电时长（秒）"),
    "asa_high_s": ("1 in 20 above", "二十年一遇"),
    "connection": ("connection, %", "接通率（%）"),
    "connection_low": ("1 in 20 below", "二十年一遇"),
    "probability": ("all targets hold, %", "全部达标%"),
    "next_second_wan": ("next second,\n万元", "再快1秒\n（万元）"),
    "next_point_wan": ("next point,\n万元", "再提1点\n（万元）"),
    "first_sure": ("◀ as asked", "◀ 达到要求"),
    "frontier_note": (
        "A row is what one price of bad service (waiting, or calls lost) buys, in fractions of agents, by theory "
        "corrected by simulation: in a mean year, and in one that one year in twenty is worse than; from the "
        "probability a standard error is taken off. Next: what the way "
        "to the row below costs, by second of answer time or by percentage point of connection, in a mean year",
        "每行为对等待或流失的一个定价所买到的服务（人数可为小数），按经仿真修正的理论值：平均年份，以及二十年一遇的差年份；达标概率已减一个标准误；"
        "再快、再提：在平均年份到下一行所需费用，按每秒接电时长、每个百分点接通率计",
    ),
    "frontier_plan": (
        "The plan in whole agents that is as sure as asked: {:,.2f} 万元; in {:.0f} % ({:.0f}–{:.0f} %) of {} "
        "simulated years all targets hold that agents on duty can reach. Its shifts: hotline staff {}, with the same "
        "options",
        "达到要求的整数人数方案：{0:,.2f} 万元；{4} 个仿真年份中，在岗话务员所能左右的目标全部达标的占 "
        "{1:.0f}%（{2:.0f}–{3:.0f}%）。班次见 hotline staff {5}（选项相同）",
    ),
    "frontiers": ("The cheapest plan of each scenario that is as sure as asked", "各方案中达到要求且成本最低的排班"),
    "case": ("scenario", "方案"),
    "called_in_wan": ("called in, 万元", "增援（万元）"),
    "more_wan": ("more than the first, 万元", "比首行多（万元）"),
    "no_plan": ("no plan", "无可行排班"),
    "no_plan_why": ("[{}] {}, {}: {}; needed: {}", "[{}] {}，{}：{}；需要：{}"),
    "no_plan_missing": ("[{}] {}, {}: needed: {}", "[{}] {}，{}：需要：{}"),
    "frontiers_note": (
        "All simulated with the citizens of the same {} years; probability with its 95 % interval; answer time and "
        "connection are means of these years. More than the first: than the first scenario here that has a plan",
        "均以相同的 {} 个仿真年份的市民仿真；达标概率附95%区间；接电时长与接通率为这些年份的均值。"
        "比首行多：与首个有可行排班的方案相比",
    ),
    "called_in_note": (
        "Called in: what of personnel is paid for groups that are called in when their trigger holds, as simulated, "
        "before tax; the others are on duty, and paid, all year",
        "增援：人员经费中为触发条件成立时召集的增援组支付的部分，按仿真，税前；其余人员全年在岗、全年计费",
    ),
    "day": ("agents and calls on {}, typical week {}", "{}的人数与来电，典型周 {}"),
    "day_note": (
        "calls as expected in a mean year, those who come again included",
        "来电为平均年份的预期值，含再次来电",
    ),
    "calls": ("calls by half-hour", "每半小时来电"),
    "agents": ("agents", "人数"),
    "hour": ("hour of the day", "时刻"),
    "on_duty": ("this plan, on duty", "本方案在岗"),
    "needs": ("{}, required", "{}，所需"),
    "ways": ("three ways to plan", "三种排法"),
    "others_wan": ("operation, platform, taxes", "运行、平台与税费"),
    "personnel": ("personnel", "人员经费"),
    "asked_line": ("asked for: {:g} %", "要求 {:g}%"),
    "bars": ("bars: 95 % intervals", "误差线为95%区间"),
    "frontier_figure": ("cost against service", "成本与服务水平"),
    "frontiers_figure": ("cost against service, by scenario", "各方案的成本与服务水平"),
    "target_or_asked": ("target, or probability asked for", "目标或要求的概率"),
    "curves": (
        "curves: mean year; marks: the plan as sure as asked, in the simulated years of its proof, with 95 % interval",
        "曲线：平均年份；标记：达到要求的排班在验证年份中的结果，附95%区间",
    ),
    "band": (
        "mean year; band to the year of which one in twenty is worse",
        "平均年份；色带至每二十年才有一年更差的水平",
    ),
    "target": ("target", "目标"),
    "beyond": ("{}: {:,.0f}, beyond the edge", "{}：{:,.0f}，超出图右"),
    "contract": ("contract, 万元", "合同（万元）"),
}
_WHY: Final = {
    "accepted": "why_accepted",
    "economic": "why_money",
    "sustainable": "why_money",
    "environmental": "why_energy",
    "rank": "why_rank",
}


def staff_word(key: str, lang: Lang) -> str:
    """Return a word or sentence; some have places for numbers."""
    return _WORDS[key][lang == "zh"]


def why_not(keys: list[str], lang: Lang) -> str:
    """Return why targets do not count that agents on duty cannot reach."""
    reasons = dict.fromkeys(staff_word(_WHY[key], lang) for key in keys)
    return staff_word("why_not", lang) + ("；" if lang == "zh" else "; ").join(reasons)
