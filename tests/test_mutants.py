"""Every rule has a mutant that turns a named test red (the list is in ``mutants.py``)."""

from __future__ import annotations

import mutants
import pytest


@pytest.mark.slow
def test_every_mutant_turns_its_test_red() -> None:
    assert mutants.main() == 0


def test_every_mutants_text_stands_once_and_its_test_exists() -> None:
    for mutant in mutants.MUTANTS:
        assert (mutants.ROOT / "sim" / mutant.file).read_text("utf-8").count(mutant.text) == 1, mutant
        file, name = mutant.test.split("::")
        assert f"def {name}(" in (mutants.ROOT / "tests" / file).read_text("utf-8"), mutant
