"""The counter-based generator: every random number is a pure function of its key (§2).

SplitMix64 (Steele, Lea and Flood 2014) used as a counter-based generator: a key is folded from words by the
mixing function, and the n-th number of a key is the mixed sum of the key and n steps of the golden gamma. No
state is kept anywhere, so a number does not depend on which engine, process or order asked for it.
"""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.compiled import inlined, kernel

_GAMMA: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2: Final = np.uint64(0x94D049BB133111EB)
_ONE: Final = np.uint64(1)
_R27: Final = np.uint64(27)
_R30: Final = np.uint64(30)
_R31: Final = np.uint64(31)
_R12: Final = np.uint64(12)
_STEP: Final = 2.0**-52

YEAR: Final = 1
DAY: Final = 2
SLOT: Final = 3
COUNT: Final = 4
ABSENCE_RATE: Final = 5
ABSENT: Final = 6
CONTACTS: Final = 7
HEADS: Final = 10
"""Purposes: the first word folded after the stream's key, so that no two kinds of number share a key."""

TASKS: Final = 8
ORDER: Final = 9
"""Words folded after a contact's key: for its tasks (§12), and for its work orders' time in the departments (§18)."""


@inlined
def mix(word: np.uint64) -> np.uint64:
    """Return SplitMix64's output function of ``word``."""
    word = (word ^ (word >> _R30)) * _MIX_1
    word = (word ^ (word >> _R27)) * _MIX_2
    return word ^ (word >> _R31)


@inlined
def fold(key: np.uint64, word: int) -> np.uint64:
    """Return the key of the sub-stream ``word`` of ``key``: SplitMix64's output number ``word``."""
    return mix(key + _GAMMA * (np.uint64(word) + _ONE))


@inlined
def uniform(key: np.uint64, index: int) -> float:
    """Return number ``index`` of the stream ``key``: one of 2**52 equally likely values inside (0, 1).

    The ends are left out, so that a quantile function is always finite.
    """
    return (np.float64(fold(key, index) >> _R12) + 0.5) * _STEP


@kernel
def uniforms(key: np.uint64, purpose: int, indices: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the numbers ``indices`` of the stream ``key`` for ``purpose``.

    Parameters
    ----------
    key
        A stream key, from :func:`stream_key` or folded from one.
    purpose
        One of the purposes of this module.
    indices
        Which numbers, shape ``(n,)``.

    Returns
    -------
    numpy.ndarray
        Uniform numbers in (0, 1), shape ``(n,)``.
    """
    stream = fold(key, purpose)
    out = np.empty(indices.size)
    for i in range(indices.size):
        out[i] = uniform(stream, indices[i])
    return out


def sub_key(key: np.uint64, *words: int) -> np.uint64:
    """Return ``key`` folded with each word in turn (for Python callers: numba gives plain integers back)."""
    for word in words:
        key = np.uint64(fold(key, word))
    return key


def stream_key(seed: int, replication: int) -> np.uint64:
    """Return the key of one replication of one seed."""
    return sub_key(np.uint64(0), seed, replication)


def name_word(name: str) -> int:
    """Return the 63-bit word that stands for a type's or a group's name in a key."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1
