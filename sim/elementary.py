"""The logarithm and the exponential, written so that a loop over many runs on the processor's vector unit.

A compiled loop that calls the machine's mathematical library takes its numbers one at a time. These are plain
arithmetic, so the compiler turns such a loop into one over eight numbers; and as they are plain arithmetic, every
machine gives the same bits.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.compiled import inlined

_LN2_HIGH: Final = 6.93147180369123816490e-01
_LN2_LOW: Final = 1.90821492927058770002e-10
_LOG2_E: Final = 1.4426950408889634
_MANTISSA: Final = np.uint64((1 << 52) - 1)
_MANTISSA_BITS: Final = np.uint64(52)
_BIAS: Final = 1023
_ROOT_HALF: Final = np.uint64(0x3FE6A09E00000000)
_UP_TO_ONE: Final = np.uint64(0x3FF0000000000000 - 0x3FE6A09E00000000)
_ROUNDER: Final = 6755399441055744.0
"""1.5 × 2**52: adding and taking it away again rounds to a whole number."""
_FARTHEST: Final = 700.0


@inlined
def log(x: float) -> float:
    """Return the natural logarithm of a positive normal number, to less than one unit in the last place.

    The method and constants are those of ``e_log.c`` in FDLIBM (Sun Microsystems 1993): ``x = 2**k (1 + f)``
    with ``1 + f`` between the roots of 1/2 and 2.
    """
    bits = np.float64(x).view(np.uint64) + _UP_TO_ONE
    k = np.float64(np.int64(bits >> _MANTISSA_BITS) - _BIAS)
    f = np.uint64((bits & _MANTISSA) + _ROOT_HALF).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    odd = z * (
        6.666666666666735130e-01
        + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01))
    )
    half = 0.5 * f * f
    return k * _LN2_HIGH - ((half - (s * (half + even + odd) + k * _LN2_LOW)) - f)


@inlined
def exp(x: float) -> float:
    """Return the exponential, to about one unit in the last place; beyond ±700 that of ±700.

    ``x = k ln 2 + r`` with ``|r|`` at most ``ln 2 / 2``, where 13 terms of the series leave less than 1e-17.
    """
    x = min(max(x, -_FARTHEST), _FARTHEST)
    k = (x * _LOG2_E + _ROUNDER) - _ROUNDER
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    series = 1.0 / 6227020800.0
    series = series * r + 1.0 / 479001600.0
    series = series * r + 1.0 / 39916800.0
    series = series * r + 1.0 / 3628800.0
    series = series * r + 1.0 / 362880.0
    series = series * r + 1.0 / 40320.0
    series = series * r + 1.0 / 5040.0
    series = series * r + 1.0 / 720.0
    series = series * r + 1.0 / 120.0
    series = series * r + 1.0 / 24.0
    series = series * r + 1.0 / 6.0
    series = series * r + 0.5
    series = series * r + 1.0
    series = series * r + 1.0
    return series * np.uint64((np.int64(k) + _BIAS) << 52).view(np.float64)
