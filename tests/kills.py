"""Kill the command, and a worker of it, twenty times each at random moments: the final table is the undisturbed one.

``python tests/kills.py`` prints the outcome; the suite does it a few times (``test_store.py``).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl

COMMAND = [
    sys.executable, "-c", "import sys; from sim.cli.main import main; sys.exit(main())", "run", "one-day",
    "--replications", "150", "--jobs", "2", "--quiet",
]  # fmt: skip
TIMES = 20


def table(folder: str) -> tuple[str, bytes]:
    """Return what a result holds but for times: its measures and the replications' table."""
    summary = json.loads(Path(folder, "summary.json").read_text("utf-8"))
    summary.pop("performance")
    return json.dumps(summary), pl.read_parquet(Path(folder, "replications.parquet")).write_csv().encode()


def undisturbed() -> tuple[str, bytes]:
    """Return the table of a run that nobody kills."""
    subprocess.run([*COMMAND, "--out", "whole/r"], check=True)
    return table("whole/r")


def main() -> int:
    """Print when it was killed, and how often the final table was another; return the latter."""
    from test_store import killed_at_random

    from sim.experiment.store import FILE

    wrong = 0
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        wanted = undisturbed()
        for parent in (True, False):
            differing, kept = 0, []
            for seed in range(TIMES):
                folder = f"cut-{parent}-{seed}/r"
                store = Path(folder).with_name(FILE)
                kept.append(killed_at_random([*COMMAND, "--out", folder], store, seed, parent=parent))
                if parent:
                    subprocess.run([*COMMAND, "--out", folder, "--resume"], check=True, stderr=subprocess.DEVNULL)
                differing += table(folder) != wanted
            victim = "the command" if parent else "a worker"
            print(
                f"{victim} killed {TIMES} times, with {min(kept)} to {max(kept)} of 150 replications kept: "
                f"{differing} final tables differ",
                flush=True,
            )
            wrong += differing
    return wrong


if __name__ == "__main__":
    sys.exit(main())
