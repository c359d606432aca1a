"""What is said of earlier results, listed, compared and removed, in English and Chinese."""

from __future__ import annotations

from typing import Final

from sim.report.words import Lang

_SENTENCES: Final = {
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
    "no_sums": (
        "Times and shares have none: A or B was made by an earlier version; run it again",
        "时间和比例无区间：A或B由旧版本生成，请重新运行",
    ),
    "of_some": (
        "The differences too are of these alone: replications that only one of the two has are not in them",
        "差额同样只含这些重复，不含仅一方才有的重复",
    ),
    "removed_folder": ("removed {}", "已删除 {}"),
    "removed_kept": ("removed {}: kept replications of {}, {} of them", "已删除 {}：{} 的已保存重复，共{}次"),
    "room": ("room given back: {} MB", "腾出空间：{} MB"),
    "nothing_to_remove": ("nothing to remove", "没有可删除的内容"),
    "left_attempts": (
        "attempts of a run that was stopped, or goes on still; --resume takes them up",
        "已停止（或仍在进行）的运行留下的逐通记录；--resume 可续用",
    ),
    "left_damaged": (
        "a store of replications that could not be read and was set aside; nothing takes it up again",
        "无法读取而移开的重复结果库；不会再用到",
    ),
    "left_remedy": ("Of no more use? hotline results remove NAME", "不再需要时可删除：hotline results remove 名称"),
    "same_scenario": (
        "A and B do not differ in what a simulation or a bill reads (names, sources, ranges, shifts, tours, labour and "
        "lead_weeks are not)",
        "A与B的方案相同（仿真和账单不读取的名称、来源、范围、班次、轮班、劳动规则、招聘提前期不计）",
    ),
    "more_keys": ("and {} keys more; --json has all", "另有{}个键；--json 列出全部"),
}


def results_word(key: str, lang: Lang) -> str:
    """Return a sentence; some have places for names and numbers."""
    return _SENTENCES[key][lang == "zh"]
