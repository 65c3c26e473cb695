# SPDX-License-Identifier: Apache-2.0
"""lnsim from Python and notebooks: runs the program, returns its JSON, and its tables as rows or pandas frames.

    import lnsim                                     # this folder on sys.path, or PYTHONPATH
    report = lnsim.simulate(workload="resnet50", scheme="fp8", batch=8)
    report["totals"]["energy_j"]
    lnsim.layers(report)                             # a pandas.DataFrame, or a list of dicts where there is no pandas
    lnsim.compare(["lns8", "fp8", "bf16"], workload="bert_base_seq128")["reports"]
    lnsim.designs(lnsim.sweep({"schema": "lnsim.sweep/1", ...}))

Keywords are the program's options: `micro_batches=4` is --micro-batches 4, True a switch, a list words with commas.
Standard library only; pandas is used if it is there. The program is $LNSIM, else build/release/bin/lnsim of this source
tree, else the one that was installed with this file (share/lnsim/python), else `lnsim` on the PATH.
"""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

__all__ = ["LnsimError", "program", "run", "simulate", "compare", "energy", "sweep", "query", "layers", "designs", "table"]


class LnsimError(RuntimeError):
    """The program refused its input or failed: `code` is its exit code, the text its message."""

    def __init__(self, code, message):
        super().__init__(message.strip() or f"lnsim ended with code {code}")
        self.code = code


def program():
    """Path of the program; raises LnsimError where there is none."""
    here = pathlib.Path(__file__).resolve()
    candidates = [os.environ.get("LNSIM"), here.parents[1] / "build" / "release" / "bin" / "lnsim",
                  here.parents[3] / "bin" / "lnsim" if len(here.parents) > 3 else None, shutil.which("lnsim")]
    for candidate in candidates:
        if candidate and os.access(candidate, os.X_OK):
            return str(candidate)
    raise LnsimError(127, "no lnsim found: build it with scripts/run, or name it in $LNSIM")


def words(options):
    """Options of the program from keywords."""
    found = []
    for name, value in options.items():
        if value is None or value is False:
            continue
        found.append("--" + name.replace("_", "-"))
        if value is not True:
            found.append(",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value))
    return found


def run(subcommand, *operands, allowed=(0,), **options):
    """Runs `lnsim SUBCOMMAND ...` and returns what it printed; raises LnsimError with its message otherwise."""
    done = subprocess.run([program(), subcommand, *words(options), *map(str, operands)], capture_output=True,
                          encoding="utf-8", check=False)
    if done.returncode not in allowed:
        raise LnsimError(done.returncode, done.stderr)
    return done.stdout


def simulate(**options):
    """The report of one training iteration (docs/reports.md) as a dict."""
    return json.loads(run("simulate", format="json", quiet=True, **options))


def compare(schemes, **options):
    """The comparison of several schemes: "reports" has one per scheme."""
    return json.loads(run("compare", scheme=list(schemes), format="json", quiet=True, **options))


def energy(trace, **options):
    """A stored trace.json priced again, as a report."""
    return json.loads(run("energy", trace=trace, format="json", **options))


def sweep(spec, **options):
    """Results of a sweep: `spec` is a file, the name of a shipped sweep, or a dict. Without `store` nothing is kept."""
    with tempfile.TemporaryDirectory(prefix="lnsim-") as folder:
        if isinstance(spec, dict):
            path = pathlib.Path(folder) / "sweep.json"
            path.write_text(json.dumps(spec), encoding="utf-8")
            spec = path
        options.setdefault("store", pathlib.Path(folder) / "sweep.sqlite")
        return json.loads(run("sweep", spec, format="json", quiet=True, **options))


def query(spec, sql, store, **options):
    """Rows of a SELECT over the designs of a sweep's store."""
    return table(json.loads(run("sweep", spec, query=sql, store=store, format="json", **options)))


def table(rows):
    """Dicts as a pandas.DataFrame if pandas is there, else as they are."""
    try:
        import pandas  # pylint: disable=import-outside-toplevel
    except ImportError:
        return rows
    return pandas.DataFrame(rows)


def layers(report):
    """A row per layer and pass: its numbers, with the energy of each component as energy_j.NAME."""
    rows = []
    for layer in report["layers"]:
        row = {key: value for key, value in layer.items() if isinstance(value, (int, float, str, bool))}
        row.update({f"energy_j.{name}": joules for name, joules in layer.get("energy_j", {}).items()})
        rows.append(row)
    return table(rows)


def designs(results):
    """A row per design of a sweep: number, axes, metrics, and whether it is on the front."""
    front = set(results["pareto"]["designs"])
    return table([{"number": design["number"], **design["axes"], **design["metrics"], "front": design["number"] in front}
                  for design in results["designs"]])
