"""Reference figures for density.test.ts, by SciPy: python3 density_reference.py > density_reference.json

SciPy 1.10 or newer. The bandwidth of Sheather and Jones runs over all pairs here, without bins. For the 70 values of R's
data set `precip` it gives 3.94, and R's own bw.SJ, over bins, 3.94.
"""

import json
import sys

import numpy as np
import scipy
from scipy.optimize import brentq
from scipy.stats import gaussian_kde, norm


def van_der_corput(count, base):
    index = np.arange(1, count + 1)
    result = np.zeros(count)
    unit = np.ones(count)
    while index.any():
        unit = unit * base
        result += (index % base) / unit
        index = index // base
    return result


def two_peaks():
    first = 1000 * np.exp(0.15 * norm.ppf(van_der_corput(400, 2)))
    second = 4000 * np.exp(0.1 * norm.ppf(van_der_corput(400, 3)))
    return np.round(np.where(np.arange(1, 401) % 4 == 0, second, first))


def spread(x, divisor):
    high, low = np.percentile(x, [75, 25])
    return min(x.std(ddof=1), (high - low) / divisor)


def silverman(x):
    return 0.9 * spread(x, 1.34) * len(x) ** -0.2


def density(x, bandwidth, at):
    return gaussian_kde(x, bw_method=bandwidth / x.std(ddof=1))(at)


def sheather_jones(x):
    n = len(x)
    distance = x[:, None] - x[None, :]
    s = spread(x, 1.349)

    def fourth(h):
        t = distance / h
        return ((t**4 - 6 * t**2 + 3) * norm.pdf(t)).sum() / (n * (n - 1) * h**5)

    def sixth(h):
        t = distance / h
        return ((t**6 - 15 * t**4 + 45 * t**2 - 15) * norm.pdf(t)).sum() / (n * (n - 1) * h**7)

    alpha = 1.357 * (fourth(1.24 * s * n ** (-1 / 7)) / -sixth(1.23 * s * n ** (-1 / 9))) ** (1 / 7)
    largest = 1.144 * s * n**-0.2
    constant = 1 / (2 * np.sqrt(np.pi) * n)
    return brentq(lambda h: (constant / fourth(alpha * h ** (5 / 7))) ** 0.2 - h, 0.1 * largest, largest)


values = two_peaks()
logs = np.log10(values)
at_log = np.linspace(2.8, 3.8, 11)
at_linear = np.array([0, 250, 500, 900, 1000, 1500, 3000, 4000, 5000.0])
near = np.array([0, 0, 5, 12, 20, 41, 60, 90, 130, 155, 200, 260, 300, 410, 600.0])
at_near = np.array([0, 50, 100, 300, 600.0])

json.dump(
    {
        "source": f"NumPy {np.__version__}, SciPy {scipy.__version__}",
        "values": values.astype(int).tolist(),
        "silvermanOfLogs": silverman(logs),
        "silverman": silverman(values),
        "sheatherJonesOfLogs": sheather_jones(logs),
        "atLogs": at_log.tolist(),
        "densityOfLogs": density(logs, silverman(logs), at_log).tolist(),
        "at": at_linear.tolist(),
        "density": density(values, silverman(values), at_linear).tolist(),
        "reflected": {
            "values": near.astype(int).tolist(),
            "bandwidth": 80,
            "at": at_near.tolist(),
            "density": (density(near, 80, at_near) + density(near, 80, -at_near)).tolist(),
        },
    },
    sys.stdout,
    indent=2,
)
print()
