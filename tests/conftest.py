"""What every test begins from, and which tests a process keeps together."""

import pytest

SIMULATES_NOTHING = (
    "test_actuals.py", "test_budget.py", "test_calendar.py", "test_cost.py", "test_demand_factors.py",
    "test_demand_rates.py", "test_elementary.py", "test_headcount.py", "test_headcount_faults.py", "test_names.py",
    "test_ranges.py", "test_roster_command.py", "test_scenario_distributions.py", "test_scenario_faults.py",
    "test_scenario_fuzz.py", "test_scenario_merge.py", "test_scenario_text.py", "test_scenario_work_faults.py",
    "test_scheduling.py", "test_targets.py", "test_theory.py", "test_tours.py", "test_workload.py",
)  # fmt: skip
"""Kept together, and first, so that one of two processes compiles the simulation while the other does all this."""
BUT = ("test_names.py::test_a_ranking_takes_a_name", "test_the_scenario_written_runs_with_the_rosters_hours")
SHARES = (
    "test_figures.py", "test_heads_command.py", "test_report.py", "test_staff_command.py", "test_staffing.py",
    "test_store.py", "test_traces.py", "test_validation.py",
)  # fmt: skip
"""Each kept together, since its tests share what takes long to make."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        """Gives a process all tests of a scope; the largest scope comes first."""

        def _split_scope(self, nodeid):
            if nodeid.endswith(BUT):
                return nodeid
            file = nodeid.partition("::")[0].rpartition("/")[2]
            return "no simulation" if file in SIMULATES_NOTHING else file if file in SHARES else nodeid

    return Together(config, log)


@pytest.fixture(autouse=True)
def _compiled_before(monkeypatch):
    # Whether this machine has compiled the simulation before decides nothing that is tested.
    monkeypatch.setattr("sim.compiled.compiled_before", lambda: True)
