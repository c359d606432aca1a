"""The draws of contacts and of their durations, compiled once and called by both engines (§2)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import bare_kernel, inlined
from sim.elementary import exp, log
from sim.terms import SLOT_MS
from sim.uniforms import fold, uniform

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

# Purposes within a contact (§2). Those of the episode come first.
ARRIVAL: Final = 0
CONTAINMENT: Final = 1
TALK: Final = 2
RESOLUTION: Final = 3
WRAP: Final = 4
RETURN: Final = 5
SATISFACTION: Final = 6
REPEAT: Final = 7
PATIENCE: Final = 8
REDIAL: Final = 9
REDIAL_DELAY: Final = 10
ROUTING: Final = 11
REPEAT_DELAY: Final = 12
TRANSFER: Final = 13
CONSULT: Final = 14
CALLBACK: Final = 15

# Purposes within a task (§2).
COMES: Final = 0
RELEASE: Final = 1
TASK_HANDLING: Final = 2
REACHED: Final = 3

TYPE_SHIFT: Final = 20
SLOT_SHIFT: Final = 28
NUMBER_MASK: Final = (1 << TYPE_SHIFT) - 1
TYPE_MASK: Final = (1 << (SLOT_SHIFT - TYPE_SHIFT)) - 1

FIXED: Final = 0
EXPONENTIAL: Final = 1
LOGNORMAL: Final = 2
GAMMA: Final = 3
WEIBULL: Final = 4
UNIFORM: Final = 5
QUANTILES: Final = 6
NEVER: Final = 7

NEVER_MS: Final = 1 << 58
"""Later than any time, and still a time when it is one half of an event's key (§15)."""
_LONGEST_S: Final = 1.0e9

WHOLE: Final = 8
"""Numbers a vector unit takes at once, or more than it takes."""
ARRIVALS: Final = 4
"""Rows that :func:`draw_slot` needs: the arrivals in order, as drawn, and each one's bucket and the buckets."""

GAMMA_STEP: Final = 1.0 / 64.0
GAMMA_REACH: Final = 8.5


class Distributions(NamedTuple):
    """Distributions of durations in seconds, one a row of ``params``, as arrays a kernel can read.

    The columns of ``params`` are the family, its parameters ``a`` and ``b`` (see :func:`quantile_s`), the share that is
    zero whatever the family (§8), and the start and length of the row's part of ``table``.
    """

    params: NDArray[np.float64]
    table: NDArray[np.float64]


@inlined
def _rational(
    r: float, n0: float, n1: float, n2: float, n3: float, n4: float, n5: float, n6: float, n7: float,
    d1: float, d2: float, d3: float, d4: float, d5: float, d6: float, d7: float,
) -> float:  # fmt: skip
    top = ((((((n7 * r + n6) * r + n5) * r + n4) * r + n3) * r + n2) * r + n1) * r + n0
    return top / (((((((d7 * r + d6) * r + d5) * r + d4) * r + d3) * r + d2) * r + d1) * r + 1.0)


@inlined
def normal_quantile(u: float) -> float:
    """Return the standard normal quantile of ``u`` in (0, 1), to about 1e-16 relative.

    Wichura (1988), Algorithm AS 241 (PPND16), Applied Statistics 37, 477-484.
    """
    q = u - 0.5
    if abs(q) <= 0.425:
        return q * _rational(
            0.180625 - q * q,
            3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
            4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
            4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3, 2.1213794301586595867e4,
            3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
        )  # fmt: skip
    r = math.sqrt(-log(u if q < 0.0 else 1.0 - u))
    if r <= 5.0:
        z = _rational(
            r - 1.6,
            1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
            3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
            2.27238449892691845833e-2, 7.74545014278341407640e-4,
            2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
            1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
            1.05075007164441684324e-9,
        )  # fmt: skip
    else:
        z = _rational(
            r - 5.0,
            6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
            2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
            2.71155556874348757815e-5, 2.01033439929228813265e-7,
            5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
            7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
            2.04426310338993978564e-15,
        )  # fmt: skip
    return -z if q < 0.0 else z


@inlined
def _exponential_s(mean: float, u: float) -> float:
    return -mean * log(1.0 - u)


@inlined
def _weibull_s(scale: float, power: float, u: float) -> float:
    return scale * exp(power * log(-log(1.0 - u)))


@inlined
def _gamma_s(table: Reals, start: int, size: int, z: float) -> float:
    place = (z + GAMMA_REACH) / GAMMA_STEP
    low = min(max(int(place), 0), size // 2 - 2)
    x = place - low
    at = start + 2 * low  # pairs of value and slope times the step: a cubic through both ends
    v0, s0, v1, s1 = table[at], table[at + 1], table[at + 2], table[at + 3]
    rise = v1 - v0
    return max(0.0, v0 + x * (s0 + x * (3.0 * rise - 2.0 * s0 - s1 + x * (s0 + s1 - 2.0 * rise))))


@bare_kernel
def quantile_s(params: Reals, table: Reals, row: int, u: float) -> float:
    """Return the quantile in seconds at ``u`` of distribution ``row``, leaving its share of zeros aside."""
    kind = int(params[row, 0])
    a = params[row, 1]
    b = params[row, 2]
    if kind == FIXED:
        return a
    if kind == LOGNORMAL:  # a, b: mean and deviation of the logarithm
        return exp(a + b * normal_quantile(u))
    if kind == EXPONENTIAL:  # a: mean
        return _exponential_s(a, u)
    if kind == WEIBULL:  # a: scale, b: 1/shape
        return _weibull_s(a, b, u)
    if kind == UNIFORM:  # a: low, b: width
        return a + b * u
    start = int(params[row, 4])
    size = int(params[row, 5])
    if kind == GAMMA:
        return _gamma_s(table, start, size, normal_quantile(u))
    if kind == QUANTILES:
        place = u * (size - 1)
        low = int(place)
        return table[start + low] + (place - low) * (table[start + low + 1] - table[start + low])
    return _LONGEST_S


@inlined
def _whole_ms(seconds: float) -> int:
    return int(min(seconds, _LONGEST_S) * 1000.0 + 0.5)


@bare_kernel
def duration_ms(params: Reals, table: Reals, row: int, u: float) -> int:
    """Return the whole milliseconds of distribution ``row`` at the uniform ``u`` (§1, §8)."""
    share = params[row, 3]
    if share > 0.0:
        if u < share:
            return 0
        u = (u - share) / (1.0 - share)
    if params[row, 0] == NEVER:
        return NEVER_MS
    return _whole_ms(quantile_s(params, table, row, u))


@bare_kernel
def any_normal(params: Reals, first: int, end: int) -> bool:
    """Say whether the quantile of a distribution from ``first`` until ``end`` is a function of the normal one."""
    found = False
    for row in range(first, end):
        found |= (params[row, 0] == LOGNORMAL) | (params[row, 0] == GAMMA)
    return found


@bare_kernel
def normal_quantiles(u: Reals, z: Reals) -> None:
    """Fill ``z`` with the standard normal quantiles of ``u``."""
    for i in range(u.size):
        z[i] = normal_quantile(u[i])


@bare_kernel
def durations_ms(params: Reals, table: Reals, row: int, u: Reals, z: Reals, out: Ints) -> None:
    """Fill ``out`` with :func:`duration_ms` of each of ``u``, whose normal quantiles are ``z``.

    The law must have no share at once. Those that calls have by the million have loops of their own, simple enough for
    the vector unit.
    """
    kind = int(params[row, 0])
    a = params[row, 1]
    b = params[row, 2]
    start = int(params[row, 4])
    size = int(params[row, 5])
    if kind == LOGNORMAL:
        for i in range(u.size):
            out[i] = _whole_ms(exp(a + b * z[i]))
    elif kind == EXPONENTIAL:
        for i in range(u.size):
            out[i] = _whole_ms(_exponential_s(a, u[i]))
    elif kind == GAMMA:
        for i in range(u.size):
            out[i] = _whole_ms(_gamma_s(table, start, size, z[i]))
    elif kind == FIXED:
        out[:] = _whole_ms(a)
    else:
        for i in range(u.size):
            out[i] = duration_ms(params, table, row, u[i])


@inlined
def _beyond(share: float, u: float) -> float:
    """Return where ``u`` lies between the share of zeros and 1; 0 if it lies below."""
    return (max(u, share) - share) / (1.0 - share)


@bare_kernel
def patiences_ms(params: Reals, table: Reals, row: int, u: Reals, out: Ints) -> None:
    """Fill ``out`` with :func:`duration_ms` of each of ``u``: the usual laws of patience in loops of their own."""
    kind = int(params[row, 0])
    a = params[row, 1]
    b = params[row, 2]
    share = params[row, 3]
    if kind == EXPONENTIAL:
        for i in range(u.size):
            seconds = _exponential_s(a, _beyond(share, u[i]))
            out[i] = 0 if u[i] < share else _whole_ms(seconds)
    elif kind == WEIBULL:
        for i in range(u.size):
            seconds = _weibull_s(a, b, _beyond(share, u[i]))
            out[i] = 0 if u[i] < share else _whole_ms(seconds)
    else:
        for i in range(u.size):
            out[i] = duration_ms(params, table, row, u[i])


@bare_kernel
def number_at(contact_key: np.uint64, episode: int, attempt: int, purpose: int) -> float:
    """Return the uniform of one purpose of one attempt of one episode (both from 1) of a contact (§2)."""
    return uniform(contact_key, ((episode - 1) * 64 + attempt - 1) * 16 + purpose)


@bare_kernel
def poisson_quantile(mean: float, u: float) -> int:
    """Return the smallest count whose Poisson probability up to it reaches ``u``.

    The search begins nine deviations below the mean, where less than 1e-18 lies.
    """
    if mean <= 0.0:
        return 0
    count = max(0, int(mean - 9.0 * math.sqrt(mean)))
    p = math.exp(count * math.log(mean) - mean - math.lgamma(count + 1.0))
    below = p
    last = int(mean + 12.0 * math.sqrt(mean) + 40.0)
    while below < u and count < last:
        count += 1
        p *= mean / count
        below += p
    return count


@bare_kernel
def place_in_slot(u: float, slope: float) -> int:
    """Return the millisecond within the slot of an arrival uniform ``u``; ``slope`` is 0 for ``uniform`` (§2)."""
    if slope != 0.0:
        b = 1.0 - slope
        u = 2.0 * u / (b + math.sqrt(b * b + 4.0 * slope * u))  # the root, without a small difference
    return min(int(u * SLOT_MS), SLOT_MS - 1)


def pack(rows: Sequence[tuple[int, float, float, float, NDArray[np.float64] | None]]) -> Distributions:
    """Return :class:`Distributions` of rows (kind, a, b, at_once, table or None)."""
    tables = [row[4] if row[4] is not None else np.empty(0) for row in rows]
    sizes = np.array([table.size for table in tables], np.int64)
    starts = np.cumsum(sizes) - sizes
    laws = np.array([row[:4] for row in rows], np.float64).reshape(-1, 4)
    return Distributions(np.column_stack([laws, starts, sizes]), np.concatenate([*tables, np.zeros(1)]))


def gamma_table(mean_s: float, cv: float) -> NDArray[np.float64]:
    """Return a gamma distribution's exact quantile and slope on a grid of normal quantiles, for ``GAMMA`` rows."""
    from scipy import special

    shape = cv**-2.0
    z = np.arange(-GAMMA_REACH, GAMMA_REACH + GAMMA_STEP / 2, GAMMA_STEP)
    x = np.where(z > 0, special.gammainccinv(shape, special.ndtr(-z)), special.gammaincinv(shape, special.ndtr(z)))
    # The slope dx/dz is the ratio of the normal density to the gamma density.
    with np.errstate(divide="ignore", invalid="ignore"):
        log_gamma_density = (shape - 1.0) * np.log(x) - x - special.gammaln(shape)
        log_normal_density = -(z**2) / 2.0 - math.log(2.0 * math.pi) / 2.0
        slope = np.where(x > 1e-300, np.exp(log_normal_density - log_gamma_density), 0.0)
    return np.column_stack([x * mean_s / shape, slope * mean_s / shape * GAMMA_STEP]).ravel()


def slot_buffers(types: int, room: int) -> tuple[Ints, NDArray[np.uint64], Ints, Ints]:
    """Return what :func:`draw_slot` fills: its ``arrivals``, ``keys``, ``firsts`` and ``counts``."""
    return (
        np.empty((ARRIVALS, room), np.int64),
        np.empty(room, np.uint64),
        np.empty(types + 1, np.int64),
        np.empty(types, np.int64),
    )


@bare_kernel
def draw_slot(
    type_keys: NDArray[np.uint64],
    means: Reals,
    slopes: Reals,
    row: int,
    slot: int,
    count_keys: NDArray[np.uint64],
    grain_ms: int,
    arrivals: Ints,
    keys: NDArray[np.uint64],
    firsts: Ints,
    counts: Ints,
) -> int:
    """Draw the contacts of one slot, in the order of §15.

    Parameters
    ----------
    type_keys, count_keys
        Keys of each type's contacts and of its counts, shape ``(types,)``.
    means, slopes
        Expected contacts and relative half-slope (§2), shape ``(rows, types)``.
    row, slot
        The slot's row in ``means``, and its absolute number.
    grain_ms
        Arrivals are moved back to a multiple of this.
    arrivals
        Filled; shape ``(ARRIVALS, n)``. Its first row begins with ``(ms in slot) << 28 | type << 20 | number``,
        ascending; the others are for sorting. Times are spread over the slot, so a pass into as many buckets
        leaves little to sort.
    keys, firsts, counts
        Filled with the contacts' keys by type and number, where each type's begin, shape ``(types + 1,)``, and how
        many it has, shape ``(types,)``. A type's keys are filled up to a multiple of ``WHOLE`` with those of the
        contacts that would come next.

    Returns
    -------
    int
        How many contacts, or -1 if there is too little room.
    """
    n = 0
    firsts[0] = 0
    for kind in range(counts.size):
        count = poisson_quantile(means[row, kind], uniform(count_keys[kind], slot))
        counts[kind] = count
        firsts[kind + 1] = firsts[kind] + -(-count // WHOLE) * WHOLE
        n += count
    if firsts[counts.size] > keys.size:
        return -1
    entries, drawn, bucket, begins = arrivals[0], arrivals[1], arrivals[2], arrivals[3]
    buckets_per_ms = n / SLOT_MS
    begin = 0
    for kind in range(counts.size):
        slot_key = fold(type_keys[kind], slot)
        slope = slopes[row, kind]
        first = firsts[kind]
        for number in range(firsts[kind + 1] - first):
            keys[first + number] = fold(slot_key, number)
        for number in range(counts[kind]):
            place = place_in_slot(uniform(keys[first + number], ARRIVAL), slope)
            drawn[begin + number] = (place << SLOT_SHIFT) | (kind << TYPE_SHIFT) | number
        begin += counts[kind]
    if grain_ms > 1:
        for i in range(n):
            drawn[i] -= (drawn[i] >> SLOT_SHIFT) % grain_ms << SLOT_SHIFT
    for i in range(n):
        bucket[i] = int((drawn[i] >> SLOT_SHIFT) * buckets_per_ms)
        begins[i] = 0
    for i in range(n):
        begins[bucket[i]] += 1
    begin = 0
    for i in range(n):
        count = begins[i]
        begins[i] = begin
        begin += count
    for i in range(n):
        entries[begins[bucket[i]]] = drawn[i]
        begins[bucket[i]] += 1
    for i in range(1, n):
        entry = entries[i]
        j = i
        while j > 0 and entries[j - 1] > entry:
            entries[j] = entries[j - 1]
            j -= 1
        entries[j] = entry
    return n
