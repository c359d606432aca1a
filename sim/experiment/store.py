"""Finished replications on disk, so that none is simulated twice: after a kill, or when the same is asked again.

One SQLite file beside the result folders. Only the process that was called writes to it, a replication at a time, each
synced to the disk at once; two such processes may share it. Every replication has a checksum: what does not agree with
its own is removed and simulated again, and a file that is no longer a database is set aside.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from sim.experiment.workers import Experiment, Packed

FILE: Final = "replications.sqlite"
_WAIT_S: Final = 120.0
"""How long to wait while another process writes."""
_UNREADABLE: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BASIC: Final = 0xFF
"""The part of SQLite's code of an error that says of which kind it is."""
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS experiments (
    key TEXT PRIMARY KEY, scenario TEXT, sha256 TEXT, first TEXT, last TEXT, by TEXT, seed INTEGER, engine TEXT,
    program TEXT
);
CREATE TABLE IF NOT EXISTS replications (
    key TEXT, number INTEGER, measures BLOB, tables BLOB, sha256 TEXT, saved TEXT, PRIMARY KEY (key, number)
);
"""
_KEPT: Final = """
SELECT e.key, scenario, first, last, seed, engine, program, count(*), sum(length(measures) + length(tables)) / 1e6,
    max(saved)
FROM experiments e JOIN replications r ON e.key = r.key GROUP BY e.key ORDER BY max(saved) DESC, e.key
"""

T = TypeVar("T")


@dataclass(frozen=True)
class Kept:
    """The replications kept of one experiment: of what, how many, how large, and when the last was saved."""

    key: str
    scenario: str
    first: str
    last: str
    seed: int
    engine: str
    program: str
    replications: int
    megabytes: float
    saved: str


class NotAStoreError(Exception):
    """A file that cannot be read as a store of replications."""


def kept_in(path: Path) -> list[Kept]:
    """Return what the file at ``path`` keeps, the latest first, and write nothing; without a file there is nothing.

    Raises
    ------
    NotAStoreError
        If it cannot be read.
    """
    if not path.exists():
        return []
    # While nobody writes to it there is no log beside it, and none need be made to read it.
    alone = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    try:
        with contextlib.closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{alone}", uri=True, timeout=_WAIT_S)
        ) as database:
            return [Kept(*row) for row in database.execute(_KEPT)]
    except sqlite3.Error as error:
        raise NotAStoreError(f"{path}: {error}") from None


def opened(place: str | os.PathLike[str] | None) -> contextlib.AbstractContextManager[Store | None]:
    """Return a store that is closed in the end, or nothing where there is no ``place``.

    Parameters
    ----------
    place
        The file, ending in ``.sqlite``, or a folder that has it or is to have it, such as ``results``.

    Raises
    ------
    OSError
        As in :class:`Store`.
    """
    if place is None:
        return contextlib.nullcontext()
    path = Path(place)
    return contextlib.closing(Store(path if path.suffix == ".sqlite" else path / FILE))


class Store:
    """Finished replications in the file at ``path``, made when it is not there.

    ``found`` counts the replications taken from it, ``saved`` those put in, ``damaged`` those that did not agree with
    their checksum; ``set_aside`` is where an unreadable file went.

    Raises
    ------
    OSError
        If the file cannot be made or written to, the disk being full included; also from every method.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found = self.saved = self.damaged = 0
        self.set_aside: Path | None = None
        path.parent.mkdir(parents=True, exist_ok=True)
        self._open()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def numbers(self, key: str, *, tables: bool) -> list[int]:
        """Return which replications of an experiment are there, of ``tables`` those that have them."""
        ask = "SELECT number FROM replications WHERE key = ? AND (length(tables) > 0 OR NOT ?) ORDER BY number"
        return [number for (number,) in self._ask(ask, (key, tables))]

    def load(self, key: str, number: int, *, tables: bool) -> Packed | None:
        """Return a replication, or None if it is damaged: it is then forgotten."""
        ask = "SELECT measures, tables, sha256 FROM replications WHERE key = ? AND number = ?"
        for measures, large, checksum in self._ask(ask, (key, number)):
            if checksum == _checksum(key, number, measures, large):
                self.found += 1
                return Packed(key, number, measures, large if tables else b"")
            self.damaged += 1
            self._ask("DELETE FROM replications WHERE key = ? AND number = ?", (key, number))
        return None

    def save(self, experiment: Experiment, packed: Packed) -> None:
        """Keep a finished replication."""
        of = experiment.identity
        about = (
            packed.key, experiment.scenario.name, of["scenario"], of["first"], of["last"], of["by"], of["seed"],
            of["engine"], of["program"],
        )  # fmt: skip
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        checksum = _checksum(packed.key, packed.number, packed.measures, packed.tables)
        row = (packed.key, packed.number, packed.measures, packed.tables, checksum, now)

        def write() -> None:
            with self._database:  # both or neither
                self._database.execute(f"INSERT OR IGNORE INTO experiments VALUES ({_places(about)})", about)
                self._database.execute(f"INSERT OR REPLACE INTO replications VALUES ({_places(row)})", row)

        self._guarded(write)
        self.saved += 1

    def remove(self, keys: Sequence[str]) -> None:
        """Forget experiments, and give their room back to the disk; the file goes with the last, and is closed.

        So all can be removed from a full disk, where nothing can be changed any more.
        """
        if {key for (key,) in self._ask("SELECT key FROM experiments", ())} <= set(keys):
            self.close()
            for ending in ("", "-wal", "-shm"):
                Path(f"{self.path}{ending}").unlink(missing_ok=True)
            return
        for key in keys:
            self._ask("DELETE FROM replications WHERE key = ?", (key,))
            self._ask("DELETE FROM experiments WHERE key = ?", (key,))
        self._ask("VACUUM", ())

    def _open(self) -> None:
        def connect() -> None:
            self._database = sqlite3.connect(self.path, timeout=_WAIT_S)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = FULL")  # a power cut may not take what was said to be kept
            self._database.executescript(_TABLES)

        self._guarded(connect)

    def _ask(self, statement: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        def execute() -> list[tuple[Any, ...]]:
            found = self._database.execute(statement, values).fetchall()
            self._database.commit()
            return found

        return self._guarded(execute)

    def _guarded(self, work: Callable[[], T]) -> T:
        """Do something with the file; begin another file if it is no database any more."""
        with self._system_errors():
            try:
                return work()
            except sqlite3.DatabaseError as error:
                if getattr(error, "sqlite_errorcode", 0) & _BASIC not in _UNREADABLE:
                    raise
                self._begin_anew()
                return work()

    def _begin_anew(self) -> None:
        """Set an unreadable file aside, with what belongs to it."""
        self._database.close()
        number = 1
        while (aside := self.path.with_name(f"{self.path.name}.damaged-{number}")).exists():
            number += 1
        os.replace(self.path, aside)
        for ending in ("-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(f"{self.path}{ending}")
        self.set_aside = aside
        self._open()

    @contextlib.contextmanager
    def _system_errors(self) -> Iterator[None]:
        """Raise as ``OSError`` what SQLite tells of the system."""
        try:
            yield
        except sqlite3.OperationalError as error:
            text = str(error)
            number = errno.ENOSPC if "full" in text else errno.EBUSY if "locked" in text else errno.EIO
            raise OSError(number, f"{os.strerror(number)} ({text})", str(self.path)) from error


def _checksum(key: str, number: int, measures: bytes, tables: bytes) -> str:
    digest = hashlib.sha256(f"{key} {number} ".encode())
    digest.update(measures)
    digest.update(tables)
    return digest.hexdigest()


def _places(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
