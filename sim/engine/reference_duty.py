"""The reference engine's groups: which calls they take (§7), and which are on duty only while called (§14)."""

from __future__ import annotations

from collections import deque

from sim.compiled import as_written
from sim.engine import ahead, given, rules
from sim.engine.entities import Call, Group, Skill
from sim.engine.given import Activation, Centre

activated = as_written(rules.activated)


class Standby:
    """Which groups are off, called and on, from slot to slot."""

    def __init__(self, activation: Activation) -> None:
        self.activation = activation
        groups = range(activation.trigger.size)
        self.trigger, self.over, self.source = (
            column.tolist() for column in (activation.trigger, activation.over, activation.source)
        )
        self.triggered = [group for group in groups if self.trigger[group] != given.NO_TRIGGER]
        self.phase = [rules.OFF for _ in groups]
        self.since = [0 for _ in groups]
        # How many attempts had been offered at each of the last slot starts; none before the run.
        self.offered = deque([0] * rules.TRIGGER_SLOTS, rules.TRIGGER_SLOTS)

    def on_duty(self, roster: list[int], row: int, offered: int, waiting: int, longest_ms: int) -> list[int]:
        """Return who is on duty of a row's roster.

        Parameters
        ----------
        roster
            The agents that each group has.
        row
            Which opens now.
        offered, waiting, longest_ms
            How many attempts have been offered since the run began; how many calls wait, and for how long the first
            of them has.
        """
        seen = {
            rules.OFFERED: offered - self.offered[0],
            rules.WAITING: waiting,
            rules.LONGEST_WAIT: longest_ms,
        }
        self.offered.append(offered)
        out = roster.copy()
        for group in self.triggered:
            holds = seen[self.trigger[group]] >= self.over[group]
            phase, since = activated(self.activation, group, self.phase[group], self.since[group], row, holds)
            self.phase[group], self.since[group] = phase, since
            if phase != rules.ON:
                out[group] = 0
        for group in self.triggered:
            source = self.source[group]
            if source >= 0:
                out[group] = min(out[group], out[source])
                out[source] -= out[group]
        return out


def skills(
    centre: Centre, groups: list[Group], waiting: list[deque[Call]]
) -> tuple[list[list[Skill]], list[list[Skill]]]:
    """Return each type's skills by preference, at once and later; each group is given its own."""
    at_once: list[list[Skill]] = [[] for _ in waiting]
    later: list[list[Skill]] = [[] for _ in waiting]
    priority = centre.priority.tolist()
    for kind, order in enumerate(centre.order.tolist()):
        for place, index in enumerate(index for index in order if index >= 0):
            group, join_ms = groups[index], int(centre.join_ms[kind, index])
            column = ahead.HANDLING + ahead.PER_GROUP * place
            skill = Skill(waiting[kind], priority[kind], group, int(centre.need[kind, index]), join_ms, column)
            (later if join_ms > 0 else at_once)[kind].append(skill)
            group.skills.append(skill)
    return at_once, later
