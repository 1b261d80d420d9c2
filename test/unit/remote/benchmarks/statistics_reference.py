"""Reference figures for statistics.test.ts, by SciPy: python3 statistics_reference.py > statistics_reference.json

SciPy 1.10 or newer. Bootstrap intervals depend on chance, so the test allows them a margin; all else is exact.
"""

import json
import sys

import numpy as np
import scipy
from scipy import stats

SAMPLES = {
    "clear": ([10.1, 10.4, 9.9, 10.2, 10.3], [11.0, 11.3, 10.8, 11.1, 11.2]),
    "overlapping": ([16.59, 16.19, 15.78, 16.9, 16.4, 16.05], [16.3, 16.7, 15.9, 16.5, 16.1, 16.8]),
    "unequal sizes": ([385.6, 384.8, 388.0, 386.1], [390.2, 384.9, 387.7, 391.3, 389.5, 386.6, 388.8]),
    "skewed": ([1.0, 1.1, 1.0, 1.2, 1.05, 5.0, 1.1, 1.0], [1.3, 1.2, 1.4, 1.25, 9.0, 1.3, 1.2, 1.35]),
    "ties": ([2, 2, 3, 3], [3, 3, 4, 2]),
}


def far(x, y, axis):
    return np.abs(np.mean(x, axis=axis) - np.mean(y, axis=axis))


def ratio_of_means(x, y, axis):
    return np.mean(y, axis=axis) / np.mean(x, axis=axis)


def ratio_of_medians(x, y, axis):
    return np.median(y, axis=axis) / np.median(x, axis=axis)


def tail(a, b, confidence=0.95):
    """Hesterberg's expansion of the percentile interval, by the formula in bootstrap.ts but with SciPy's functions."""
    v = [np.var(x, ddof=1) / len(x) / np.mean(x) ** 2 for x in (a, b)]
    n = [len(a), len(b)]
    degrees = sum(v) ** 2 / sum(vi**2 / (ni - 1) for vi, ni in zip(v, n))
    narrow = np.sqrt(sum(v) / sum(vi * (ni - 1) / ni for vi, ni in zip(v, n)))
    return float(stats.norm.cdf(-narrow * stats.t.ppf(0.5 + confidence / 2, degrees)))


def interval(a, b, statistic, confidence):
    found = stats.bootstrap(
        (a, b), statistic, method="percentile", confidence_level=confidence, n_resamples=200_000,
        vectorized=True, rng=np.random.default_rng(1), batch=10_000,
    ).confidence_interval
    return [float(found.low), float(found.high)]


def sample(a, b):
    expanded = tail(a, b)
    test = stats.permutation_test(
        (a, b), far, permutation_type="independent", alternative="greater", n_resamples=np.inf, vectorized=True
    )
    t = stats.t.interval(0.95, len(a) - 1, loc=np.mean(a), scale=stats.sem(a))
    return {
        "a": a,
        "b": b,
        "sd": float(np.std(a, ddof=1)),
        "median": float(np.median(a)),
        "meanInterval": [float(t[0]), float(t[1])],
        "p": float(test.pvalue),
        "tail": expanded,
        "ratioOfMeans": interval(a, b, ratio_of_means, 1 - 2 * expanded),
        "ratioOfMedians": interval(a, b, ratio_of_medians, 1 - 2 * expanded),
    }


json.dump(
    {
        "scipy": scipy.__version__,
        "normalCdf": [[x, float(stats.norm.cdf(x))] for x in (-6, -3.3, -1.96, -0.5, 0, 0.1, 1, 2.5758, 5)],
        "studentQuantile": [
            [p, d, float(stats.t.ppf(p, d))]
            for p in (0.6, 0.8, 0.975, 0.995, 0.99995)
            for d in (1, 1.7, 4, 8.3, 30, 1000, 100000)
        ],
        "samples": {name: sample(a, b) for name, (a, b) in SAMPLES.items()},
    },
    sys.stdout,
    indent=1,
)
print()
