"""What the machine says of this process."""

from __future__ import annotations

import sys
from pathlib import Path


def peak_mb() -> float | None:
    """Return the most memory this process has had, in MB of 2**20 bytes; None where the system does not say.

    On Linux the kernel's own mark is read: ``getrusage`` of a new process begins with its parent's peak. Windows has
    neither.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024.0
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2.0**20 if sys.platform == "darwin" else peak / 1024.0
