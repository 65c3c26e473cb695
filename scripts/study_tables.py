# SPDX-License-Identifier: Apache-2.0
"""Tables of a study's results: mean and spread over the seeds, and what becomes of each expectation.

usage: study_tables.py [STUDY [RESULTS]]
"""
import json
import math
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STUDY = ROOT / "scripts" / "studies" / "training.json"
RESULTS = ROOT / "docs" / "studies" / "training.json"
FACTOR = {"train_loss": 1.0, "test_accuracy": 100.0}
UNIT = {"train_loss": "mean loss of the last epoch, nats", "test_accuracy": "test accuracy, %"}
WORSE_IS = {"train_loss": 1, "test_accuracy": -1}  # sign of a change for the worse
DIGITS = {"train_loss": 4, "test_accuracy": 2}


def values_of(results, group, configuration):
    """The metric after the last epoch, by seed; None for a run that diverged."""
    metric = group["metric"]
    return {run["seed"]: None if run["diverged"] else FACTOR[metric] * run["epochs"][-1][metric]
            for run in results["runs"] if (run["group"], run["configuration"]) == (group["name"], configuration["name"])}


def verdict(expect, metric, difference, pooled, complete):
    """The answer to an expectation; `difference`: to the reference."""
    worse_by = WORSE_IS[metric] * difference
    differs = abs(difference) > 2 * pooled
    if not complete:
        return "runs are missing"
    if expect == "reference":
        return "reference"
    if expect == "same":
        return "as claimed: within noise" if not differs else f"**contradicted**: {'worse' if worse_by > 0 else 'better'}"
    if expect == "worse":
        if differs and worse_by > 0:
            return "as claimed: worse"
        return "**contradicted**: within noise" if not differs else "**contradicted**: better"
    if expect.startswith("within "):
        points = float(expect.split()[1])
        return f"as claimed: within {points:g} point" if worse_by <= points else f"**contradicted**: {worse_by:.2f} points worse"
    return "worse" if differs and worse_by > 0 else "better" if differs else "within noise"


def rows_of(study, results, group):
    reference = next(c for c in group["configurations"] if c["name"] == group["reference"])
    base = values_of(results, group, reference)
    metric, digits = group["metric"], DIGITS[group["metric"]]
    rows = []
    for configuration in group["configurations"]:
        values = values_of(results, group, configuration)
        finite = [v for v in values.values() if v is not None]
        if len(finite) < len(values):
            rows.append([configuration["name"], f"{len(values) - len(finite)} of {len(values)} diverged", "", "", "diverged"])
            continue
        complete = set(values) == set(base) == set(study["seeds"])
        if not values or len(finite) < 2:
            rows.append([configuration["name"], "-", "", "", "runs are missing"])
            continue
        mean, spread = statistics.mean(finite), statistics.stdev(finite)
        own = [v for v in base.values() if v is not None]
        difference = mean - statistics.mean(own)
        pooled = math.sqrt((spread**2 + statistics.stdev(own)**2) / 2)
        rows.append([configuration["name"], f"{mean:.{digits}f} ± {spread:.{digits}f}", f"{difference:+.{digits}f}",
                     f"{pooled:.{digits}f}", verdict(configuration["expect"], metric, difference, pooled, complete)])
    return rows


def markdown(study, results):
    parts = []
    for group in study["groups"]:
        arguments = ", ".join(f"{name} {value}" for name, value in group["arguments"].items())
        rates = ", ".join(f"{value:g} ({name})" for name, value in group["rates"].items())
        lines = [f"**{group['name']}** ({arguments}; rates {rates}). {group['claim']}"]
        if "notes" in group:
            lines.append(group["notes"])
        lines += ["", f"| configuration | {UNIT[group['metric']]} | difference | pooled deviation | verdict |", "|---|---|---|---|---|"]
        lines += ["| " + " | ".join(row) + " |" for row in rows_of(study, results, group)]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def load(study=STUDY, results=RESULTS):
    return json.loads(Path(study).read_text(encoding="utf-8")), json.loads(Path(results).read_text(encoding="utf-8"))


if __name__ == "__main__":
    print(markdown(*load(*sys.argv[1:])))
