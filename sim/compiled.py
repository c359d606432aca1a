"""Where compiled kernels are cached, and the one way to declare a kernel.

Numba decides its cache folder when a kernel is defined, and checks only the file that holds the kernel, not
the files it calls. So the folder is the user's own (or a temporary one) and its name carries a hash of every
source file that holds kernels: edit one, and all are compiled afresh.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import platformdirs

_ROOT = Path(__file__).parent
KERNEL_FILES = (
    "compiled.py",
    "terms.py",
    "theory.py",
    "uniforms.py",
    "elementary.py",
    "demand/draws.py",
    "engine/given.py",
    "engine/rules.py",
    "engine/tally.py",
    "engine/routing.py",
    "engine/wheel.py",
    "engine/structures.py",
    "engine/drawn.py",
    "engine/backlog.py",
    "engine/calls.py",
    "engine/kernel.py",
    "engine/ahead.py",
    "staffing/curves.py",
    "staffing/whole_week.py",
    "bench/drawing.py",
    "validation/replay.py",
)

F = TypeVar("F", bound=Callable[..., Any])


def cache_folder() -> Path:
    """Return a writable folder for compiled kernels, one for each state of their source."""
    digest = hashlib.sha256()
    for name in KERNEL_FILES:
        path = _ROOT / name
        if path.exists():
            digest.update(path.read_bytes())
    name = f"kernels-{digest.hexdigest()[:16]}"
    folder = Path(platformdirs.user_cache_dir("hotline-sim")) / name
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="hotline-sim-"))


os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder()))

import numba  # noqa: E402  (the cache folder must be set first)

_COUNTED: Any = {"cache": True, "nogil": True}
_BARE: Any = {**_COUNTED, "_nrt": False, "error_model": "numpy"}
_INLINED: Any = {**_BARE, "forceinline": True}
_CALLED: Any = {**_BARE, "cache": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_PART: Any = {**_CALLED, "forceinline": True}


def compiled_before() -> bool:
    """Say whether the event loop is in the folder that numba keeps it in, ours or one that the user names."""
    return any(Path(os.environ["NUMBA_CACHE_DIR"] or _ROOT).rglob("kernel.*.nbi"))


def kernel(function: F) -> F:
    """Compile ``function`` with numba on its first call; ``fastmath`` stays off (§16)."""
    compiled: F = numba.njit(**_COUNTED)(function)
    return compiled


def bare_kernel(function: F) -> F:
    """Compile a ``function`` that allocates nothing, without numba's counting of references to arrays.

    Counting costs an atomic instruction for every array passed to every part of the event loop: half of its time.
    A function that does allocate is refused when it is compiled. Division by zero is not an error, but gives infinity:
    with a test at every division no loop could run on the vector unit.
    """
    compiled: F = numba.njit(**_BARE)(function)
    return compiled


def inlined(function: F) -> F:
    """Compile ``function``, which allocates nothing, into each kernel that calls it: for parts of the event loop."""
    compiled: F = numba.njit(**_INLINED)(function)
    return compiled


def part(function: F) -> F:
    """Compile ``function`` as :func:`inlined` does, to be called from bare kernels only: half of its compile time.

    A kernel that counts references must not pass arrays to it: they would be let go too early.
    """
    compiled: F = numba.njit(**_PART)(function)
    return compiled


def called(function: F) -> F:
    """Compile ``function`` as :func:`part` is, but to be called rather than inlined: for what is rare and long."""
    compiled: F = numba.njit(**_CALLED)(function)
    return compiled


def as_written(function: F) -> F:
    """Return a compiled function as the Python function it was written as: for numbers too few to pay for a call."""
    written: F = getattr(function, "py_func", function)
    return written
