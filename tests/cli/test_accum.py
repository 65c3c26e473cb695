# SPDX-License-Identifier: Apache-2.0
"""lnsim accum: one answer in three forms, and what it refuses."""

import csv
import io
import json
import unittest

from program import DONE, ROOT, ProgramTest

LENET = ("accum", "--workload", "lenet")


class Accum(ProgramTest):
    def answer(self, *more):
        done = self.run_program(*LENET, "--format", "json", *more)
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        return json.loads(done.stdout)

    def test_json_has_every_gemm_of_every_pass(self):
        answer = self.answer("--batch", "64")
        self.assertEqual(answer["schema"], "lnsim.accumulation/1")
        lengths = {(row["name"], row["pass"]): row["n"] for row in answer["layers"]}
        self.assertEqual(lengths[("conv2", "forward")], 6 * 25)
        self.assertEqual(lengths[("conv2", "input_grad")], 16 * 25)
        self.assertEqual(lengths[("conv2", "weight_grad")], 64 * 10 * 10)
        self.assertNotIn(("conv1", "input_grad"), lengths)  # nothing before it is trained

    def test_csv_and_table_say_the_same_as_json(self):
        rows = self.answer()["layers"]
        table = self.run_program(*LENET).stdout
        lines = list(csv.DictReader(io.StringIO(self.run_program(*LENET, "--format", "csv").stdout)))
        self.assertEqual(len(lines), len(rows))
        for line, row in zip(lines, rows):
            self.assertEqual((line["name"], line["pass"], int(line["n"])), (row["name"], row["pass"], row["n"]))
            self.assertEqual(int(line["min_m_acc"]), row["plain"]["min_m_acc"])
            self.assertEqual(float(line["chunked_vrr"]), row["chunked"]["vrr"])
            self.assertRegex(table, rf"{row['name']} +{row['pass']} +{row['n']:,} +{row['plain']['min_m_acc']} ")

    def test_it_agrees_with_numerics(self):
        rows = self.answer("--nzr", "0.5", "--product-mantissa", "7", "--chunk", "32")["layers"]
        requests = [{"op": "min_m_acc", "m_p": 7, "n": row["n"], "nzr": 0.5, "chunk": 32} for row in rows]
        self.write("in.json", json.dumps({"schema": "lnsim.numerics/1", "requests": requests}))
        results = json.loads(self.run_program("numerics", "--in", "in.json").stdout)["results"]
        self.assertEqual([row["chunked"] for row in rows], results)

    def test_measured_beside_predicted(self):
        measure = ("--passes", "forward", "--layers", "fc*", "--measure", "--trials", "300")
        nearest = self.answer(*measure)
        self.assertEqual(nearest["measurement"], {"exponent": 8, "rounding": "nearest", "trials": 300, "seed": 1})
        self.assertEqual(nearest, self.answer(*measure))
        zero = self.answer(*measure, "--rounding", "zero")
        for near, cut in zip(nearest["layers"], zero["layers"]):
            kept, lost = near["plain"]["measured"], cut["plain"]["measured"]
            self.assertGreater(kept["half_width"], 0)
            self.assertLess(lost["vrr"] + lost["half_width"], kept["vrr"] - kept["half_width"])
        self.assertIn(" +- ", self.run_program(*LENET, *measure).stdout)

    def test_a_scheme_is_measured_on_its_operands(self):
        answer = self.answer("--scheme", "lns8", "--operand-trials", "32")
        self.assertEqual(answer["scheme"]["name"], "lns8")
        self.assertEqual(answer["scheme"]["least"]["type"], "fixed")
        for row in answer["layers"]:
            self.assertAlmostEqual(row["scheme"]["own"]["vrr"], 1, delta=0.01)
            self.assertLessEqual(row["scheme"]["least"]["bits"], answer["scheme"]["least"]["bits"])
        table = self.run_program(*LENET, "--scheme", "lns8", "--operand-trials", "32").stdout
        least = answer["scheme"]["least"]
        self.assertIn(f"least for all: {least['bits']} bits, guard {least['guard']}", table)
        lines = list(csv.DictReader(io.StringIO(self.run_program(*LENET, "--scheme", "lns8", "--operand-trials", "32",
                                                                 "--format", "csv").stdout)))
        self.assertEqual([int(line["scheme_least_bits"]) for line in lines],
                         [row["scheme"]["least"]["bits"] for row in answer["layers"]])
        floats = self.answer("--scheme", "fp8", "--operand-trials", "32")
        self.assertEqual(floats["scheme"]["least"]["type"], "float")

    def test_files_of_out(self):
        self.assertEqual(self.run_program(*LENET, "--scheme", "int8", "--out", "out").returncode, DONE)
        names = sorted(path.name for path in (self.folder / "out").iterdir())
        self.assertEqual(names, ["accumulation.csv", "accumulation.json", "report.html"])
        again = self.run_program("report", "out/accumulation.json", "--out", "page.html")
        self.assertEqual(again.returncode, DONE, again.stderr)
        self.assertEqual((self.folder / "page.html").read_bytes(), (self.folder / "out" / "report.html").read_bytes())

    def test_auto_takes_the_least_accumulator_and_it_costs_less(self):
        scheme = json.loads((ROOT / "configs" / "schemes" / "lns8.json").read_text())
        scheme["name"] = "tailored"
        scheme["dot_product"]["accumulator"] = "auto"
        self.write("tailored.json", json.dumps(scheme))
        done = self.run_program("compare", "--workload", "lenet", "--scheme", "lns8,./tailored.json", "--format", "json",
                                "--quiet")
        self.assertEqual(done.returncode, DONE, done.stderr)
        full, tailored = json.loads(done.stdout)["reports"]
        chosen = tailored["config"]["scheme"]["dot_product"]["accumulator"]
        self.assertLess(chosen["bits"], full["config"]["scheme"]["dot_product"]["accumulator"]["bits"])
        self.assertEqual(chosen["bits"], self.answer("--scheme", "lns8")["scheme"]["least"]["bits"])
        self.assertLess(tailored["totals"]["energy_j"], full["totals"]["energy_j"])
        self.assertIn("least one for lenet at batch 64", tailored["config"]["scheme"]["description"])
        self.assertEqual(self.run_program("validate", "tailored.json").returncode, DONE)
        self.assertIn("tailored.json: /dot_product/accumulator: \"auto\"", self.refused("explain", "--scheme", "./tailored.json"))

    def test_without_measure_nothing_is_measured(self):
        answer = self.answer()
        self.assertNotIn("measurement", answer)
        self.assertNotIn("measured", answer["layers"][0]["plain"])

    def test_selections(self):
        answer = self.answer("--passes", "forward", "--layers", "fc*")
        self.assertEqual([row["name"] for row in answer["layers"]], ["fc1", "fc2", "fc3"])

    def test_bad_values_are_named(self):
        for ratio in ("1.5", "-0.1", "nan", "half", "0.5x", ""):
            self.assertIn("--nzr", self.refused(*LENET, "--nzr", ratio))
        self.assertIn("--product-mantissa", self.refused(*LENET, "--measure", "--product-mantissa", "53"))
        self.assertIn("--trials", self.refused(*LENET, "--measure", "--trials", "1"))
        self.assertIn("--nzr", self.refused(*LENET, "--measure", "--nzr", "0"))
        self.assertIn("all products", self.refused(*LENET, "--measure", "--nzr", "1e-9"))
        self.assertIn("--chunk", self.refused(*LENET, "--chunk", "0"))
        self.assertIn("update", self.refused(*LENET, "--passes", "update"))
        self.assertIn("--layers", self.refused(*LENET, "--layers", "nothing"))


if __name__ == "__main__":
    unittest.main()
