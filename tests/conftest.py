"""What every test begins from."""

import pytest


@pytest.fixture(autouse=True)
def _compiled_before(monkeypatch):
    # Whether this machine has compiled the simulation before decides nothing that is tested.
    monkeypatch.setattr("sim.compiled.compiled_before", lambda: True)
