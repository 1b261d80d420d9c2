# Writes featureScores_reference.json: what scikit-learn and SciPy make of a small table. Run with scikit-learn 1.9:
#   python3 featureScores_reference.py > featureScores_reference.json
import json
import warnings

import numpy as np
from sklearn.feature_selection import f_classif
from sklearn.metrics import mutual_info_score

warnings.simplefilter("ignore")
random = np.random.default_rng(20)
rows = 60
labels = (random.random(rows) < 0.3).astype(int)
columns = {
    "unrelated": random.integers(0, 1000, rows),
    "shifted": random.integers(0, 1000, rows) + 700 * labels,
    "few values": random.integers(0, 4, rows) + labels,
    "flag": random.integers(0, 2, rows),
    "skewed": np.floor(np.exp(random.normal(8, 3, rows))).astype(int) * (1 + labels),
    "times": 417_688_989_618 + np.cumsum(random.integers(0, 40_000, rows)),
    "below zero": random.integers(-500, 500, rows) - 100 * labels,
    "constant": np.full(rows, 417_688_989_618),
    "the label": labels * 3 + 5,
}
BINS = 5


def binned(values):
    if len(np.unique(values)) <= BINS:
        return values
    shares = np.arange(1, BINS) / BINS
    return np.searchsorted(np.quantile(values, shares, method="inverted_cdf"), values, side="left")


result = {"bins": BINS, "labels": labels.tolist(), "columns": []}
for name, values in columns.items():
    # f_classif sums squares, which large times do not survive; where the origin lies changes nothing.
    f, p = f_classif((values - values[0]).reshape(-1, 1).astype(np.float64), labels)
    nats = mutual_info_score(labels, binned(values))
    told = lambda value: None if np.isnan(value) else "Infinity" if np.isinf(value) else float(value)
    result["columns"].append(
        {"name": name, "values": values.tolist(), "f": told(f[0]), "p": told(p[0]), "nats": float(nats)}
    )
print(json.dumps(result, indent=2))
