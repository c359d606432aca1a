"""What stands in tables and figures and is said on the way, in English and Chinese."""

from __future__ import annotations

from typing import Final, Literal

Lang = Literal["en", "zh"]

_WORDS: Final = {
    "targets": ("Targets", "绩效目标"),
    "target": ("target", "目标"),
    "wanted": ("wanted", "目标值"),
    "measured": ("simulated (95 %)", "仿真值（95%区间）"),
    "year_end": ("at the year's end (95 %)", "年末预计（95%区间）"),
    "probability": ("chance, %", "达标概率%（95%区间）"),
    "verdict": ("verdict", "结论"),
    "measures": ("The year in figures", "全年主要指标"),
    "measures_of": ("{} – {} in figures", "主要指标（{} – {}）"),
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
    "from_surges": ("contacts that surges bring, as expected", "激增带来的来电诉求（预期）"),
    "work_orders_of_all": ("work orders, by telephone and written", "工单量（来电＋书面）"),
    "written_done": ("written contacts, done", "书面受理（已办）"),
    "written_planned": ("written contacts, as planned", "书面受理（按计划）"),
    "levers_simulated": (
        "Groups that are called in are paid for what the simulation had of them, on average over its replications",
        "临时增援组按仿真中实际使用量的平均值计价",
    ),
    "levers_unknown": (
        "What groups that are called in will do is known to a simulation only: it is 0 here; hotline run prices it",
        "临时增援组的使用量只有仿真才知道：此处按0计，hotline run 给出金额",
    ),
    "accepted_planned": ("accepted contacts, as planned", "受理量（按计划）"),
    "within_target": ("The accepted contacts planned are within the target, about", "计划受理量在目标范围内：约"),
    "beyond_target": ("The accepted contacts planned are outside the target, about", "计划受理量超出目标范围：约"),
    "never_used": (
        "{0:,} of the {1:,} seats are never used, even at the plan's peak",
        "{1:,} 个座席中有 {0:,} 个即使在计划高峰也不会用到",
    ),
    "from_work_to_heads": ("From work to heads", "从工作量到人数"),
    "way_of_whole": ("From work to heads, of the whole plan", "从工作量到人数（全期计划）"),
    "step": ("step", "步骤"),
    "how": ("how", "算法"),
    "hours": ("hours", "小时"),
    "on_duty": ("on duty: ", "在岗："),
    "of_them": ("of them for: ", "其中："),
    "roster": ("roster", "排班"),
    "step_telephone": ("telephone", "接听来电"),
    "step_phone_contact": ("calls answered, those who come again included", "来电（含再次来电）"),
    "step_written_contact": ("written contacts", "书面受理"),
    "step_work_order": ("work orders, by telephone and written", "工单（来电＋书面）"),
    "step_returned_order": ("returned orders", "退单"),
    "step_agent_hours": ("agents' hours, all work", "话务员工时合计"),
    "step_overtime": ("of them in overtime", "其中加班"),
    "step_hours_per_head": ("hours a head is at work", "每人有效工时"),
    "step_agents": ("agents", "话务员"),
    "step_trainees": ("agents in training", "培训期学员"),
    "step_heads": ("heads, everybody", "总人数"),
    "tasks": ("Work that can wait", "可延后工作"),
    "kind": ("kind", "种类"),
    "released": ("came in", "产生量"),
    "waited": ("waits, mean", "平均等待"),
    "overdue": ("overdue", "逾期率"),
    "backlog_max": ("waiting, at most", "最大积压"),
    "oldest": ("oldest", "最久等待"),
    "left": ("left at the end", "期末未办"),
    "worst_of_all": (
        "mean of the replications; in brackets the worst one's",
        "各次重复的均值；括号内为最差的一次",
    ),
    "task_hours": ("hours", "工时"),
    "levers": ("Groups that are called in", "临时增援"),
    "group": ("group", "组"),
    "on_duty_h": ("hours on duty", "在岗小时"),
    "taken": ("calls taken", "接听量"),
    "lever_basis": (
        "Hours on duty as simulated, calls that outlast the roster included; 万元 as in the bill, before tax",
        "在岗小时为仿真值，含超出排班的通话；金额同合同测算，税前",
    ),
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
    "seats_short": (
        "{0:,} seats short of the plan's peak ({1:,} of {2:,}); the bill counts {2:,}",
        "比计划高峰所需少 {0:,} 个座席（需 {1:,}，现有 {2:,}）；金额按 {2:,} 个座席计",
    ),
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
    "seconds": ("s", "秒"),
    "engine_fast": ("engine fast", "快速引擎"),
    "engine_reference": ("engine reference", "参考引擎"),
    "results": ("Results in", "结果目录"),
    "key": ("key", "键"),
    "value": ("value", "数值"),
    "code": ("code", "编码"),
    "name": ("name", "名称"),
    "sums": ("Sums checked", "勾稽检查"),
    "note": ("note: ", "提示："),
    "day": ("day", "日"),
    "validation": ("The simulator against theory and published results", "仿真与理论值、公布结果的对照"),
    "case": ("case", "算例"),
    "expected": ("expected", "应为"),
    "simulated": ("simulated (95 % interval)", "仿真值（95%区间）"),
    "row_pass": ("pass", "通过"),
    "row_fail": ("fail", "未通过"),
    "row_known": ("known", "已知偏差"),
    "row_info": ("info", "仅供参考"),
    "tells_info": (
        "info: shown for comparison only, no verdict is given",
        "仅供参考：只作对照，不作判定",
    ),
    "tells_known": (
        "known: a deviation that is explained: the published number is itself off the exact one, which the "
        "simulation meets",
        "已知偏差：原因已查明，公布值本身偏离精确值，而仿真与精确值相符",
    ),
    "tells_beside": (
        "† passes although the expected value lies outside the printed interval, which is the simulation's alone: the "
        "rule also counts the published number's own error and its rounding; an exact number is held against the "
        "interval that holds for all rows together, and its rounding",
        "† 应为值落在所列区间之外仍判通过：所列区间只含仿真误差，判定规则还计入公布值自身的误差及其四舍五入；"
        "精确值则按各行联合区间及其四舍五入判定",
    ),
    "tells_names": (
        "A case named by four numbers, such as 48, 1, 1/2, 50: calls a minute, calls that one agent handles a minute, "
        "callers who hang up a minute for each who waits (0: nobody), and agents",
        "以四个数命名的算例（如 48, 1, 1/2, 50）依次为：每分钟来电数、每名话务员每分钟处理数、"
        "每位等待者每分钟的挂断率（0：无人放弃）、话务员数",
    ),
    "result_folders": ("Result folders", "结果目录"),
    "kept": ("Replications kept, by experiment", "已保存的重复（按实验）"),
    "scenario": ("scenario", "方案"),
    "days": ("days", "日期"),
    "runs": ("replications", "重复次数"),
    "made": ("made", "完成时间"),
    "room_mb": ("MB", "占用（MB）"),
    "engine": ("engine", "引擎"),
    "saved": ("last saved", "最近保存"),
    "program": ("version", "程序版本"),
    "this_program": ("this one", "当前版本"),
    "other_program": ("another", "其他版本"),
    "kind_run": ("run", "仿真"),
    "kind_compare": ("comparison", "对比"),
    "kind_sweep": ("sweep", "参数扫描"),
    "kind_sensitivity": ("sensitivity", "敏感性分析"),
    "side_by_side": ("Side by side", "并列对照"),
    "b_less_a": ("B less A", "B减A"),
    "cost_of": ("cost, {}", "{}金额"),
    "chance_of": ("chance, {}", "达标概率：{}"),
    "satisfaction": ("satisfaction", "满意度"),
    "sweep": ("{}: {} cases", "{}：{}个方案"),
    "tornado": ("{}: {} in the base case", "{}：基准方案为 {}"),
    "parameter": ("assumption", "假设"),
    "bounds": ("now, low – high", "现值，下限–上限"),
    "at_low": ("at low", "取下限"),
    "at_high": ("at high", "取上限"),
    "swing": ("swing", "变动幅度"),
    "tornado_note": (
        "Differences from the base case with the same citizens, 95 % intervals in brackets; rosters made by rule are "
        "made anew; shares in points of 100",
        "与基准方案相比（同一批市民），括号内为95%区间；按规则生成的排班随之重排；比例以百分点计",
    ),
    "sobol": ("{}: share of the variance", "{}：方差占比"),
    "first_order": ("alone (95 %)", "单独作用（95%区间）"),
    "total_order": ("with others (95 %)", "含交互作用（95%区间）"),
    "nothing_varies": ("no case differs", "各方案无差别"),
    "definitions": ("Targets as they may be meant; ◀ as the scenario means them", "目标的不同口径（◀为方案所用）"),
    "counts": ("what counts", "统计口径"),
    "average": ("average", "平均方式"),
    "of_year": ("of totals", "全年合计之比"),
    "of_months": ("of months", "各月平均"),
    "own_definition": ("◀ own", "◀ 方案"),
    "hotline_share": ("the hotline's share of the department's budget", "热线占部门预算"),
    "against": ("{} against {}", "{} 与 {} 对比"),
    "base": ("base", "基准"),
    "differences": ("Differences in the measures", "指标差异"),
    "differences_basis": (
        "Paired: replication by replication, with the same citizens in both. Dim: the interval holds 0",
        "配对差异：每次重复两方案面对相同的市民；灰色表示区间含0，差异不显著",
    ),
    "no_intervals": ("One replication, so no intervals", "仅1次重复，无区间"),
    "line_differences": ("Differences in the contract, 万元", "合同金额差异（万元）"),
    "chance_base": ("chance in the base, %", "基准达标概率%"),
    "chance": ("chance, %", "达标概率%"),
    "no_longer_met": ("replications no longer met", "不再达标的次数"),
    "newly_met": ("newly met", "新达标的次数"),
    "causes": ("What makes the difference", "差异的成因"),
    "cause": ("cause", "成因"),
    "changed_keys": ("keys", "键"),
    "all_causes": ("together", "合计"),
    "causes_exact": (
        "Each cause counts on average over all orders in which the causes may come (Shapley values); they sum to the "
        "difference. What a staffing rule makes of a cause counts with that cause",
        "各成因取所有先后次序的平均影响（Shapley值），合计等于总差异；排班规则对某成因的反应计入该成因",
    ),
    "causes_in_order": (
        "More than six causes: each counts on average over two orders, the one shown and its reverse; they sum to the "
        "difference. What a staffing rule makes of a cause counts with that cause",
        "成因超过六个：各成因取所列次序与其倒序的平均影响，合计等于总差异；排班规则对某成因的反应计入该成因",
    ),
    "causes_joined": (
        "{} could not be parted: with one and without the other there is no sound scenario",
        "{} 不能拆开：只改其一得不到合理的方案",
    ),
    "causes_none": ("No key that moves a measure or the contract differs", "没有影响指标或金额的键不同"),
    "targets_left_out": (
        "Targets differ too, which moves no measure: {}",
        "绩效目标也不同，但不影响任何指标：{}",
    ),
    "ranking": ("Ranked by {}", "排名：按{}"),
    "case_name": ("scenario", "方案"),
    "best_share": ("best in, % of the simulated years", "最优的仿真次数占比（%）"),
}

_PROGRESS: Final = {
    "simulating": ("simulating {}", "正在仿真 {}"),
    "validating": ("validating", "正在验证"),
    "comparing": ("simulating {} scenarios", "正在仿真 {} 个方案"),
    "splitting": (
        "{0}: {1} causes ({2}) are told apart by {3} scenarios between the two, which are simulated too; --no-causes "
        "leaves them out",
        "{0}：为区分 {1} 个成因（{2}），另需仿真两者之间的 {3} 个方案；--no-causes 可略去",
    ),
    "splitting_in_order": (
        "{0}: {1} causes ({2}); to look at all mixtures of so many would take too long, so they change one after the "
        "other, in this order and in its reverse: {3} scenarios between the two are simulated too; --no-causes leaves "
        "them out",
        "{0}：共 {1} 个成因（{2}）；全部组合过多，故按此次序及其倒序逐个改变，另需仿真两者之间的 {3} 个方案；"
        "--no-causes 可略去",
    ),
    "compiling": (
        "compiling the simulation once, about a minute; later runs start at once",
        "首次运行需编译仿真程序，约一分钟；以后立即开始",
    ),
    "warning": ("warning: ", "警告："),
    "nothing_kept": (
        "--resume: there was nothing to go on from, {} held no finished replication of this; all were simulated",
        "--resume：没有可续的结果，{} 中没有这次计算已完成的重复；全部重新模拟",
    ),
    "imprecise": (
        "--precision: stopped at {:,} replications, the most there may be; the intervals say what is known",
        "--precision：已达{:,}次重复的上限，停止；实际精度见区间",
    ),
    "stopping": (
        "stopping after the replications in hand; press Ctrl-C again to stop at once",
        "完成手头的重复后停止；再按一次 Ctrl-C 立即停止",
    ),
    "store_damaged": (
        "{} kept replications in {} did not agree with their checksums; they were simulated again",
        "{} 个已保存的重复（{}）与校验和不符，已重新模拟",
    ),
    "store_set_aside": (
        "{} could not be read as a store of replications and was set aside as {}; what it held is simulated again",
        "{} 无法作为重复结果库读取，已移为 {}；其中内容重新模拟",
    ),
    "nothing_there": (
        "{}: no results yet; hotline run one-day makes the first",
        "{}：尚无结果；运行 hotline run one-day 即得第一个",
    ),
    "unreadable_store": (
        "{}: no store of replications; the next run sets it aside",
        "{}：不是重复结果库；下次运行时会移开",
    ),
    "others_kept": (
        "Replications of another version of the program are not taken up again: hotline results remove --kept",
        "其他程序版本的重复不会再用到，可删除：hotline results remove --kept",
    ),
    "other_days": (
        "A and B are of different days: counts, hours and money do not compare and are not subtracted",
        "A与B的日期不同：数量、小时和金额不可比，不作相减",
    ),
    "of_pairs": (
        "Differences of shares are in percentage points. Their intervals are of the {} replications that both have, "
        "each with the same citizens in A and B; one without 0 in it is more than chance",
        "比例之差以百分点计。区间由双方共有的{}次重复逐一配对求得，每对的来电市民相同；区间不含0即非偶然",
    ),
    "no_pairs": (
        "Differences of shares are in percentage points. They have no intervals: that takes two replications or more "
        "of the same seed and days in A and B",
        "比例之差以百分点计。无区间：需A与B种子和日期相同且各有两次以上重复",
    ),
    "of_some": (
        "The differences too are of these alone: replications that only one of the two has are not in them",
        "差额同样只含这些重复，不含仅一方才有的重复",
    ),
    "removed_folder": ("removed {}", "已删除 {}"),
    "removed_kept": (
        "removed {}: kept replications of {}, {} of them",
        "已删除 {}：{} 的已保存重复，共{}次",
    ),
    "room": ("room given back: {} MB", "腾出空间：{} MB"),
    "nothing_to_remove": ("nothing to remove", "没有可删除的内容"),
    "cases": (
        "{} cases, replications of each: {}",
        "共{}个方案，每个重复{}次",
    ),
    "cases_precise": ("{} cases, each until it is known closely enough", "共{}个方案，各自达到精度为止"),
    "no_font": (
        "figures: no Chinese font is installed here, so their labels are English; install one, such as Noto Sans CJK "
        "SC or WenQuanYi Zen Hei, and run again",
        "图中文字为英文：本机没有中文字体；请安装 Noto Sans CJK SC 或 WenQuanYi Zen Hei 等字体后重新运行",
    ),
}

_FIGURES: Final = {
    "workday_calls": ("calls offered on an average workday", "平均工作日呼入量"),
    "day_calls": ("calls offered on an average day", "日均呼入量"),
    "mean_of_one": ("one replication", "1次重复"),
    "mean_of": ("mean of {} replications", "{}次重复的均值"),
    "calls_per": ("calls per {} minutes", "每{}分钟呼入量"),
    "busy": ("busy (ring, talk, wrap-up)", "忙碌（振铃、通话、话后）"),
    "at_tasks": ("at work that can wait", "可延后工作"),
    "on_duty": ("on duty", "在岗"),
    "agents": ("agents", "话务员（人）"),
    "hour": ("hour of the day", "时刻（时）"),
    "hour_came": ("hour of the day in which the call came", "来电时刻（时）"),
    "asa": ("mean answer time, s ({})", "平均接电时长（秒；{}）"),
    "asa_scale": (
        "Colour: white at {0:g} s, the target for the year as a whole; blue is faster, orange slower, full at 0 and at "
        "{1:g} s and more",
        "颜色：白色为{0:g}秒，即全年平均的目标；蓝色更快，橙色更慢，0秒和{1:g}秒及以上最深",
    ),
    "asa_scale_free": (
        "Colour: from 0 to {1:g} s, the longest shown; the scenario has no target for it",
        "颜色：0秒至{1:g}秒（图中最长）；方案未设此目标",
    ),
    "backlog": ("tasks that wait", "待办积压"),
    "backlog_days": ("{}; at the end of each day", "{}；每日末"),
    "backlog_hours": ("{}; at the end of each interval", "{}；各时段末"),
    "backlog_day": ("on an average workday", "平均工作日"),
    "backlog_any_day": ("on an average day", "平均每日"),
    "tasks": ("tasks", "任务数"),
    "other_kinds": ("{} other kinds", "其他{}种"),
    "month_calls": ("calls offered in a month", "各月呼入量"),
    "bars": ("{} replications; bars are 95 % intervals of the mean", "{}次重复；误差线为均值的95%区间"),
    "no_bars": ("one replication, so no intervals", "仅1次重复，无区间"),
    "rate": ("connection rate, % of {}", "接通率（%，按{}）"),
    "rate_goal": ("target for the year ≥ {:.10g} %", "目标 ≥ {:.10g}%（全年）"),
    "asa_goal": ("target for the year ≤ {:g} s", "目标 ≤ {:g}秒（全年）"),
    "attempts": ("attempts", "全部呼入"),
    "queued": ("attempts that queued", "进入排队的呼入"),
    "excluding_short": ("attempts, short ones left out", "剔除短时放弃的呼入"),
    "contacts": ("contacts", "诉求"),
    "bill": ("the contract by line and part, {}", "合同金额：项目与分项（{}）"),
    "in_all": ("{} in all", "合计 {}"),
    "published_in_all": ("{} in all, published {}", "合计 {}，公布预算 {}"),
    "published": ("published", "公布预算"),
    "others": ("{} others: {}", "其他{}项：{}"),
    "parts_of": ("{} ({} parts)", "{}（{}项）"),
    "wan": ("万元 (10,000 yuan)", "万元"),
    "waterfall": ("{}: from {} to {}", "{}：从 {} 到 {}"),
    "waterfall_basis": (
        "{}; green is better, orange is worse",
        "{}；绿色为改善，橙色为变差",
    ),
    "at_ends": (
        "● at the high end, ○ at the low end; bars are paired 95 % intervals",
        "●取上限，○取下限；误差线为配对的95%区间",
    ),
    "from_base": ("difference from the base case, {}", "与基准方案之差（{}）"),
    "points": ("points of 100", "百分点"),
    "first_order": ("alone", "单独作用"),
    "total_order": ("with others", "含交互作用"),
    "variance": ("share of the variance; bars are 95 % intervals", "方差占比；误差线为95%区间"),
    "bars_cases": ("bars are 95 % intervals of the mean", "误差线为均值的95%区间"),
    "weekdays": ("Mon Tue Wed Thu Fri Sat Sun", "周一 周二 周三 周四 周五 周六 周日"),
}
"""What stands in the figures."""


def word(key: str, lang: Lang) -> str:
    """Return a word of the tables."""
    return _WORDS[key][lang == "zh"]


def figure_word(key: str, lang: Lang) -> str:
    """Return a word of the figures; some have places for numbers."""
    return _FIGURES[key][lang == "zh"]


def told(key: str, lang: Lang) -> str:
    """Return a sentence of progress or a warning."""
    return _PROGRESS[key][lang == "zh"]
