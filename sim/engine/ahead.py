"""What attempts and tasks will do if it comes to it, drawn ahead by the rules' own functions, many at a time.

The reference engine is Python; a call into compiled code costs it as much as ten lines. So it asks once for all first
attempts of some slots, and for all that is to come of redials, repeats and tasks when the first of them comes. Numbers
are functions of their keys (§2): asking early changes none. What depends on what happens later is kept as drawn, or
drawn for each way it can go; a delay that never comes to pass is ``NEVER``.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.compiled import bare_kernel
from sim.demand import draws
from sim.demand.draws import NEVER_MS, number_at
from sim.engine import rules
from sim.engine.given import Centre, Run
from sim.engine.structures import Ints

NEVER: Final = -1
"""Below any delay. Python keeps small numbers ready, and most of these delays never come."""

# Columns of what is drawn for an attempt.
CONTAINED: Final = 0
PATIENCE_MS: Final = 1
ACCEPTS: Final = 2
"""Whether a callback would be accepted (§13)."""
REDIAL_MS: Final = 3
"""From a failure to the next attempt (§10)."""
REPEAT_MS: Final = 4
"""From the end of a call to the next episode, after an answer on the spot; in the next column, after a work order."""
CONSULT_MS: Final = 6
AGENT_CONSULT_MS: Final = 7
"""How long the three consult, and how long the agent stays (§9); 0 without a transfer."""
HANDLING: Final = 8
"""The first of three columns for each group of the type, by preference: talk, wrap-up (ms at speed 1) and marks.
They are followed by one for each link: from the end of the agent's job to the release of the link's task, if that event
happens (§12)."""
PER_GROUP: Final = 3

# Marks of an answer.
ON_THE_SPOT: Final = 1
RETURNED: Final = 2
RETURNED_IF_HASTY: Final = 4
TRANSFERRED: Final = 8
HASTY: Final = 16
# What becomes of the contact when an attempt has failed or an episode was answered (§10, §11).
OPEN: Final = 32
COMES_AGAIN: Final = 64

# Columns of what is drawn for a task.
TASK_MS: Final = 0
"""At speed 1."""
REACHED: Final = 1
WRITTEN_ORDER: Final = 2
WRITTEN_RETURNED: Final = 3
"""Whether a written contact becomes a work order, and whether that comes back (§12)."""
SATISFIED: Final = 4
"""Whether the written contact, which the task is or goes back to, is satisfied."""
DUE: Final = 5
TASK_LINKS: Final = 6
"""The first of one column for each link: from the task's end to the release of the next, if one comes."""


@bare_kernel
def draw_ahead(
    centre: Centre,
    contact_keys: NDArray[np.uint64],
    contacts: Ints,
    episodes: Ints,
    attempts: Ints,
    moments: Ints,
    drawn: Ints,
) -> None:
    """Fill ``drawn`` for attempts, shape (attempts, HANDLING + PER_GROUP × the most groups that a type has + links).

    The marks are those of an agent found in the week of the attempt's ``moments``.
    """
    order, links = centre.order, centre.tasks.link_kind.size
    hasty = centre.quality.haste_waiting
    for i in range(contacts.size):
        kind, episode, attempt = rules.type_of(contacts[i]), episodes[i], attempts[i]
        key = rules.key_of(contact_keys, contacts[i])
        drawn[i, CONTAINED] = rules.is_contained(centre.contained, key, episode)
        drawn[i, PATIENCE_MS] = rules.patience_ms(centre, kind, key, episode, attempt)
        drawn[i, ACCEPTS] = rules.is_offered(centre.callback, NEVER_MS, kind, key, episode, attempt)
        drawn[i, REDIAL_MS] = max(NEVER, rules.redial_ms(centre, kind, key, episode, attempt, 0, NEVER_MS))
        drawn[i, REPEAT_MS] = max(NEVER, rules.repeat_ms(centre, kind, key, episode, True, 0, NEVER_MS))
        drawn[i, REPEAT_MS + 1] = max(NEVER, rules.repeat_ms(centre, kind, key, episode, False, 0, NEVER_MS))
        brings = rules.drawn_handling(centre, key, kind, episode, attempt)
        week = rules.week_of(moments[i])
        for place in range((drawn.shape[1] - HANDLING - links) // PER_GROUP):
            group = order[kind, place]
            if group < 0:
                break
            done = rules.handling(centre, brings, key, kind, episode, attempt, group, week, 1000, 0, 0)
            drawn[i, CONSULT_MS] = done.consult_ms
            drawn[i, AGENT_CONSULT_MS] = done.agent_consult_ms
            at = HANDLING + PER_GROUP * place
            drawn[i, at] = done.talk_ms
            drawn[i, at + 1] = done.wrap_ms
            marks = ON_THE_SPOT * done.on_the_spot + RETURNED * done.returned + TRANSFERRED * done.transferred
            if hasty > 0:
                in_haste = rules.handling(centre, brings, key, kind, episode, attempt, group, week, 1000, 0, hasty)
                marks += RETURNED_IF_HASTY * in_haste.returned
            drawn[i, at + 2] = marks
        for link in range(links):
            comes = (centre.tasks.link_event[link] < rules.TASK_DONE) & centre.tasks.link_sources[link, kind]
            delay = max(NEVER, rules.link_release_ms(centre, link, key, episode, 0)) if comes else NEVER
            drawn[i, drawn.shape[1] - links + link] = delay


@bare_kernel
def draw_tasks(centre: Centre, run: Run, tasks: Ints, released: Ints, drawn: Ints) -> None:
    """Fill ``drawn``, shape ``(tasks, TASK_LINKS + links)``, for tasks with these ids and times of release (§12)."""
    links = centre.tasks
    for i in range(tasks.size):
        contact, kind, episode = rules.contact_of(tasks[i]), rules.kind_of(tasks[i]), rules.episode_of_task(tasks[i])
        key = rules.key_of(run.contact_keys, contact)
        drawn[i, DUE] = rules.due_ms(centre, run, kind, released[i])
        drawn[i, TASK_MS] = rules.task_handling_ms(centre, kind, key, episode, 1000)
        drawn[i, REACHED] = rules.is_reached(centre, kind, key, episode)
        source = rules.type_of(contact) - centre.priority.size  # the kind of a written contact
        is_written = source == kind
        order = returned = False
        if is_written:
            order, returned = rules.written_ends(centre, kind, key)
        drawn[i, WRITTEN_ORDER] = order
        drawn[i, WRITTEN_RETURNED] = returned
        drawn[i, SATISFIED] = source >= 0 and rules.is_writer_satisfied(centre, source, key)
        for link in range(links.link_kind.size):
            event = links.link_event[link]
            if event >= rules.TASK_DONE:
                happens = event == rules.TASK_DONE + kind
            elif event == rules.RETURN:
                happens = returned
            else:
                happens = is_written and order == (event == rules.WORK_ORDER)
            happens = happens and links.link_sources[link, rules.type_of(contact)]
            delay = max(NEVER, rules.link_release_ms(centre, link, key, episode, 0)) if happens else NEVER
            drawn[i, TASK_LINKS + link] = delay


@bare_kernel
def find_satisfied(
    centre: Centre,
    contact_keys: NDArray[np.uint64],
    contacts: Ints,
    episodes: Ints,
    attempts: Ints,
    on_the_spot: NDArray[np.bool_],
    waits: Ints,
    satisfied: NDArray[np.bool_],
) -> None:
    """Fill ``satisfied``: whether each of these answered contacts is (§18)."""
    for i in range(contacts.size):
        kind = rules.type_of(contacts[i])
        key = rules.key_of(contact_keys, contacts[i])
        attempt = attempts[i] if centre.new_handling[kind] else 1
        adds = rules.waited_adds(centre.quality, kind, waits[i])
        if not on_the_spot[i]:
            adds += rules.order_adds(centre, key, kind, episodes[i])
        chance = rules.satisfied_chance(centre.quality, kind, on_the_spot[i], adds)
        satisfied[i] = number_at(key, episodes[i], attempt, draws.SATISFACTION) < chance
