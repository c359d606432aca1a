"""What is wrong with names that should be those of other tables."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sim.scenario.faults import Path, Wrong, listed, nearest


def names(path: Path, given: tuple[str, ...], known: Collection[str], what: str) -> Iterator[Wrong]:
    """Yield the names of a list that no table has, or that stand twice."""
    for place, name in enumerate(given):
        if name not in known:
            yield Wrong((*path, place), f"a {what} of this scenario: {listed(known)}", mend(name, known, what))
        elif name in given[:place]:
            yield Wrong((*path, place), f"each {what} once", f"leave out the second {name}")


def mend(name: str, known: Collection[str], what: str) -> str:
    """Return how to mend a name that no table has."""
    near = nearest(name, known)
    return f"write {near} instead of {name}" if near else f"correct the name, or add the {what} [{what}s.{name}]"
