# SPDX-License-Identifier: Apache-2.0
"""scripts/lnsim.py and the example notebook."""

import json
import os
import subprocess
import sys
import unittest

from program import PROGRAM, ROOT, ProgramTest

os.environ["LNSIM"] = PROGRAM
sys.path.insert(0, str(ROOT / "scripts"))
import lnsim  # noqa: E402

SPEC = {"schema": "lnsim.sweep/1", "name": "x", "base": {"workload": "lenet"},
        "axes": [{"name": "batch", "at": "/batch", "values": [1, 2, 4]}]}


def rows_of(table):
    return table if isinstance(table, list) else table.to_dict("records")


class Python(ProgramTest):
    def test_a_report_is_that_of_the_program(self):
        report = lnsim.simulate(workload="lenet", batch=8, scheme="fp8", passes=["forward", "update"])
        printed = self.run_program("simulate", "--workload", "lenet", "--batch", "8", "--scheme", "fp8", "--passes", "forward,update",
                                   "--format", "json", "--quiet").stdout
        self.assertEqual(report, json.loads(printed))
        rows = rows_of(lnsim.layers(report))
        self.assertEqual(len(rows), len(report["layers"]))
        self.assertEqual(sum(row["cycles"] for row in rows), report["totals"]["cycles"])
        self.assertEqual(rows[0]["energy_j.lanes"], report["layers"][0]["energy_j"]["lanes"])

    def test_a_comparison_has_a_report_per_scheme(self):
        reports = lnsim.compare(["lns8", "fp8"], workload="lenet")["reports"]
        self.assertEqual([report["scheme"] for report in reports], ["lns8", "fp8"])

    def test_a_trace_is_priced_again(self):
        report = lnsim.simulate(workload="lenet", out=self.folder / "out")
        self.assertEqual(lnsim.energy(self.folder / "out" / "trace.json")["totals"]["energy_j"], report["totals"]["energy_j"])

    def test_sweeps_and_queries(self):
        results = lnsim.sweep(SPEC)
        rows = rows_of(lnsim.designs(results))
        self.assertEqual([row["batch"] for row in rows], [1, 2, 4])
        self.assertEqual({row["number"] for row in rows if row["front"]}, set(results["pareto"]["designs"]))
        self.write("x.json", json.dumps(SPEC))
        store = self.folder / "s.sqlite"
        lnsim.sweep(self.folder / "x.json", store=store)
        found = rows_of(lnsim.query(self.folder / "x.json", "SELECT batch FROM designs WHERE batch > 1", store))
        self.assertEqual([row["batch"] for row in found], [2, 4])

    def test_what_the_program_refuses_is_an_exception_with_its_message(self):
        with self.assertRaises(lnsim.LnsimError) as raised:
            lnsim.simulate(workload="resnet5")
        self.assertEqual(raised.exception.code, 2)
        self.assertIn("resnet50", str(raised.exception))

    def test_without_pandas_tables_are_lists(self):
        code = "import sys; sys.modules['pandas'] = None; import lnsim; print(lnsim.table([{'a': 1}]))"
        done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT / "scripts")}, capture_output=True,
                              text=True, check=True)
        self.assertEqual(done.stdout.strip(), "[{'a': 1}]")

    def test_the_example_runs(self):
        done = subprocess.run([sys.executable, ROOT / "scripts" / "examples" / "formats.py"], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("lns8", done.stdout)
        self.assertIn("9 designs", done.stdout)


if __name__ == "__main__":
    unittest.main()
