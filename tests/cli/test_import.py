# SPDX-License-Identifier: Apache-2.0
"""lnsim import and export: SCALE-Sim topologies as their users write them, and what is refused."""

import csv
import io
import json
import math
import unittest

from program import BAD_INPUT, DONE, ROOT, ProgramTest

TOPOLOGY = (ROOT / "workloads" / "topologies" / "resnet50_v1.csv").read_text()
ROWS = [[name, *map(int, numbers)] for name, *numbers, _ in csv.reader(TOPOLOGY.splitlines()[1:])]
CONV = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n"


class Import(ProgramTest):
    def imported(self, text, *more):
        """The workload and the summary."""
        self.write("t.csv", text)
        done = self.run_program("import", "t.csv", "--out", "t.json", *more)
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        self.assertEqual(self.run_program("validate", "t.json").returncode, DONE)
        return json.loads((self.folder / "t.json").read_text()), done.stdout

    def layer(self, line, *more):
        return self.imported(CONV + line, *more)[0]["layers"][0]["conv2d"]

    def macs(self, summary):
        return int(summary.split(" layers, ")[1].split(" MACs")[0].replace(",", ""))

    def test_resnet50_has_the_macs_that_scale_sim_counts(self):
        network, summary = self.imported(TOPOLOGY)
        counted = 0
        for _, h, w, r, s, c, k, stride in ROWS:  # as its topology_utils does: outputs are rounded up
            counted += math.ceil((h - r + stride) / stride) * math.ceil((w - s + stride) / stride) * r * s * c * k
        self.assertEqual(self.macs(summary), counted)
        self.assertEqual(counted, 3_479_536_384)
        self.assertEqual(len(network["layers"]), 54)
        self.assertIn("17 layers with filters above 1x1 and no padding", summary)

    def test_same_padding_gives_the_outputs_of_the_real_network(self):
        network, summary = self.imported(TOPOLOGY, "--padding", "same")
        self.assertEqual(self.macs(summary), 3_857_973_248)  # the v1 network, stride in the first 1x1: He et al. say 3.8e9
        self.assertEqual(network["layers"][0]["conv2d"]["padding"], [2, 2, 3, 3])

    def test_an_imported_network_trains(self):
        self.imported(TOPOLOGY, "--padding", "same", "--batch", "2")
        report = json.loads(self.run_program("simulate", "--workload", "./t.json", "--format", "json", "--quiet").stdout)
        self.assertEqual(report["batch"], 2)
        passes = {layer["pass"] for layer in report["layers"]}
        self.assertLessEqual({"forward", "input_grad", "weight_grad", "update"}, passes)
        self.assertNotIn(("Conv1", "input_grad"), {(layer["name"], layer["pass"]) for layer in report["layers"]})

    def test_what_users_files_look_like(self):
        plain, _ = self.imported(CONV + "a,8,8,3,3,4,16,1\nb,8,8,1,1,16,4,2\n")
        for text in ("\ufeff" + CONV + "a, 8, 8, 3, 3, 4, 16, 1,\nb,8,8,1,1,16,4,2,\n",
                     (CONV + "\n\na,8,8,3,3,4,16,1,\n,,,,,,,,\n  \t\nb,8,8,1,1,16,4,2").replace("\n", "\r\n"),
                     "Layer,h,w\n\ta ,8,8,3,3,4,16,1,,,Eh,9\n b,8,8,1,1,16,4,2,#dw\n"):
            self.assertEqual(self.imported(text)[0], plain)
        _, summary = self.imported("x\na,8,8,3,3,4,16,1,,,Eh,9\n")
        self.assertIn("2 spare cells", summary)

    def test_a_file_without_header_is_repaired(self):
        network, summary = self.imported("a,8,8,3,3,4,16,1\nb,8,8,1,1,16,4,2\n")
        self.assertEqual(len(network["layers"]), 2)
        self.assertIn("no header line", summary)

    def test_names_that_are_missing_or_taken(self):
        network, summary = self.imported(CONV + "a,8,8,1,1,4,4,1\na,8,8,1,1,4,4,1\n,8,8,1,1,4,4,1\n")
        self.assertEqual([layer["name"] for layer in network["layers"]], ["a", "a_2", "layer3"])
        self.assertIn("repaired: 1 layer without a name", summary)

    def test_depthwise_by_name(self):
        for cells, channels, filters in (("32,32", 32, 32), ("32,1", 32, 32), ("1,32", 32, 32), ("8,16", 8, 16)):
            conv = self.layer(f"dw_DP,8,8,3,3,{cells},1\n")
            self.assertEqual((conv["in_channels"], conv["out_channels"], conv["groups"]), (channels, filters, channels))
        self.write("t.csv", CONV + "x_DP,8,8,3,3,8,12,1\n")
        self.assertIn("a multiple of its 8 channels", self.refused("import", "t.csv"))

    def test_sparsity_is_noted(self):
        _, summary = self.imported(CONV + "a,8,8,3,3,4,16,1,2:4\n")
        self.assertIn("1 layer with a sparsity N:M, which is computed densely", summary)

    def test_gemms(self):
        network, summary = self.imported("Layer, M, N, K,\nqkt,1024,512,64,\nff,7,9,11,2:4,\n")
        linear = network["layers"][0]["linear"]
        self.assertEqual((linear["rows"], linear["out_features"], linear["in_features"]), (1024, 512, 64))
        self.assertEqual(self.macs(summary), 1024 * 512 * 64 + 7 * 9 * 11)
        self.assertIn("sparsity", summary)

    def test_without_out_the_workload_is_printed_and_the_summary_is_beside_it(self):
        self.write("t.csv", CONV + "a,8,8,3,3,4,16,1\n")
        done = self.run_program("import", "t.csv", "--name", "n")
        self.assertEqual(json.loads(done.stdout)["name"], "n")
        self.assertIn("1 layers", done.stderr)

    def test_wrong_files(self):
        for text, part in ((CONV + "a,8,8,3,3,4,16\n", "line 2, column 8: nothing, expected stride"),
                           (CONV + "a,8,8,3,3,4,16,x\n", 'line 2, column 8: "x"'), (CONV + "a,8,8,0,3,4,16,1\n", "filter height"),
                           (CONV + "a,8,8,-3,3,4,16,1\n", 'column 4: "-3"'), (CONV + "a,8.5,8,3,3,4,16,1\n", '"8.5"'),
                           (CONV + "a,99999999999999999999,8,3,3,4,16,1\n", "column 2"), (CONV + "a,3,3,5,5,4,16,1\n", "--padding same"),
                           (CONV, "no layers"), ("", "no layers"), (b"\xff\xfe", "UTF-8"), (CONV.encode() + b"a\0b,1,1,1,1,1,1,1\n", "line 2"),
                           (CONV + "a,16777217,8,3,3,4,16,1\n", "t.csv"), ("l,m,n,k\na,1,2\n", "column 4: nothing, expected K")):
            self.write("t.csv", text)
            self.assertIn(part, self.refused("import", "t.csv"), text)
        self.assertIn("no such file", self.refused("import", "nosuch.csv"))
        self.assertIn("one file", self.refused("import"))
        self.assertEqual(self.run_program("import", ".").returncode, BAD_INPUT)


class Export(ProgramTest):
    def rows(self, *arguments):
        done = self.run_program("export", *arguments)
        self.assertEqual(done.returncode, DONE, done.stderr)
        return list(csv.reader(io.StringIO(done.stdout)))[1:], done.stderr

    def test_resnet50_comes_back_with_its_macs(self):
        self.assertEqual(self.run_program("export", "--workload", "resnet50", "--out", "e.csv").returncode, DONE)
        done = self.run_program("import", "e.csv", "--out", "e.json")
        self.assertIn("4,089,184,256 MACs", done.stdout)

    def test_every_shipped_network_can_be_written_and_read(self):
        for name in ("alexnet", "bert_base_seq128", "gpt2_small", "lenet", "mlp", "resnet18"):
            for form in ("scale-sim", "scale-sim-gemm"):
                self.assertEqual(self.run_program("export", "--workload", name, "--to", form, "--out", "e.csv").returncode, DONE)
                done = self.run_program("import", "e.csv", "--out", "e.json")
                self.assertEqual(done.returncode, DONE, f"{name} {form}: {done.stderr}")

    def test_the_gemms_of_training_are_those_of_the_trace(self):
        rows, _ = self.rows("--workload", "lenet", "--to", "scale-sim-gemm", "--batch", "4")
        macs = sum(int(m) * int(n) * int(k) * int(times) for _, m, n, k, times, _ in rows)
        report = json.loads(self.run_program("simulate", "--workload", "lenet", "--batch", "4", "--format", "json", "--quiet").stdout)
        self.assertEqual(macs, report["totals"]["macs"])

    def test_what_the_format_cannot_say_is_listed(self):
        self.write("w.json", json.dumps({"schema": "lnsim.workload/1", "name": "w", "family": "cnn", "layers": [
            {"name": "a,b", "conv2d": {"in_channels": 8, "out_channels": 8, "height": 9, "width": 9, "kernel": [3], "groups": 8, "padding": [1]}},
            {"name": "DP", "conv2d": {"in_channels": 8, "out_channels": 4, "height": 9, "width": 9, "kernel": [3], "groups": 2}},
            {"name": "two", "conv2d": {"in_channels": 4, "out_channels": 4, "height": 7, "width": 7, "kernel": [3], "stride": [1, 2]}},
            {"name": "r", "relu": {"shape": [5, 3, 4]}}]}))
        rows, summary = self.rows("--workload", "./w.json")
        self.assertEqual([row[0] for row in rows], ["a_b_DP", "Dp_g1", "Dp_g2"])
        self.assertEqual(rows[0][1:8], ["11", "11", "3", "3", "1", "8", "1"])
        self.assertIn("left out: two (two strides)", summary)
        self.assertIn("left out: r", summary)
        self.write("e.csv", "\n".join([CONV.strip(), *(",".join(row) for row in rows)]))
        self.assertIn(f"{9 * 9 * 9 * 8 + 7 * 7 * 9 * 4 * 4:,} MACs", self.run_program("import", "e.csv", "--out", "e.json").stdout)


if __name__ == "__main__":
    unittest.main()
