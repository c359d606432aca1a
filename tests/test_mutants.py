"""Every rule has a mutant that turns a named test red (the list is in ``mutants.py``)."""

from __future__ import annotations

import mutants
import pytest


@pytest.mark.slow
def test_every_mutant_turns_its_test_red(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = mutants.main()
    with capsys.disabled():
        print("\n" + capsys.readouterr().out)
    assert wrong == 0
