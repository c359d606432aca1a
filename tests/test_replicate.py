"""One replication: it is refused if it does not balance, and is counted as the scenario says."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from waiting_work import waiting_work

from sim.engine import fast, reference
from sim.engine import tally as t
from sim.experiment.gather import Settings
from sim.experiment.run import run
from sim.scenario import load


@pytest.mark.parametrize(("name", "engine"), [("fast", fast), ("reference", reference)])
def test_a_run_refuses_a_tally_that_does_not_balance(
    name: str, engine: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate = engine.simulate

    def one_contact_too_many(*given: object, **more: object) -> object:
        counts, *rest = simulate(*given, **more)
        counts.contacts[0, 0, t.STARTED] += 1
        return counts, *rest

    monkeypatch.setattr(engine, "simulate", one_contact_too_many)
    with pytest.raises(AssertionError, match="contacts are not resolved"):
        run(load("one-day"), Settings(replications=1, jobs=1, engine=name))


def test_the_backlog_of_an_interval_is_what_waits_when_it_ends() -> None:
    """All that was released until then, less all that was started until then; two quarters an interval."""
    found = run(waiting_work(), Settings(replications=1, jobs=1, engine="reference"))
    released, _, _, started, backlog = np.moveaxis(found.tasks, -1, 0)
    assert backlog.max() > 0
    assert np.array_equal(backlog, np.cumsum(released - started, axis=0))


def test_a_run_counts_calls_back_as_its_scenario_says() -> None:
    """The same calls either way: waited, those called back bring their waits and their number to the others'."""
    apart, waited = (
        run(waiting_work(f"callback.counts={counts}"), Settings(replications=1, jobs=1, engine="reference")).pairs
        for counts in ("apart", "waited")
    )
    assert apart["callback_wait_s"].min() > 0
    for name in ("wait_s", "asa_queue_s"):
        assert waited[name] == pytest.approx(apart[name] + apart["callback_wait_s"])
    assert waited["wait_s"][0, 1] == apart["answered"][0, 0] + apart["abandoned"][0, 0]
