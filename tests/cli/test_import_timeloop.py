# SPDX-License-Identifier: Apache-2.0
"""lnsim import and export of Timeloop problems."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

LNSIM = os.environ["LNSIM_PROGRAM"]

FLAT = """# A layer as Timeloop's first exercises have it.
problem:
  R: 3
  S: 5
  P: 16
  Q: 14
  C: 8
  K: 32
  N: 4
  Wstride: 2
"""

HYPHENS = """problem:
  shape:
    name: "CNN Layer"
    dimensions: [ C, M, R, S, N, P, Q ]
    coefficients:
    - {name: Wstride, default: 1}
    - {name: Hstride, default: 1}
    - {name: Wdilation, default: 1}
    - {name: Hdilation, default: 1}
    data-spaces:
    - name: Weights
      projection:
      - [ [C] ]
      - [ [M] ]
      - [ [R] ]
      - [ [S] ]
    - name: Inputs
      projection:
      - [ [N] ]
      - [ [C] ]
      - [ [R, Wdilation], [P, Wstride] ]
      - [ [S, Hdilation], [Q, Hstride] ]
    - name: Outputs
      projection:
      - [ [N] ]
      - [ [M] ]
      - [ [Q] ]
      - [ [P] ]
      read-write: True
  instance:
    {C: 3, M: 96, R: 11, S: 11, N: 1, P: 55, Q: 55, Wstride: 4, Hstride: 4}
"""

GEMM = """problem:
  version: 0.4
  shape:
    name: "gemm"
    dimensions: [M, N, K]
    data_spaces:
    - name: Weights
      projection: [[[M]], [[K]]]
    - name: Inputs
      projection: [[[K]], [[N]]]
    - name: Outputs
      projection: [[[M]], [[N]]]
      read_write: true
  instance: {M: 30, N: 40, K: 50}
"""

DEPTHWISE = HYPHENS.replace("C, M, R", "C, R").replace("      - [ [M] ]\n      - [ [R] ]", "      - [ [R] ]").replace(
    "[ [M] ]", "[ [C] ]").replace("M: 96, ", "")


class Timeloop(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_on(self, *texts, words=()):
        paths = []
        for i, text in enumerate(texts):
            path = self.folder / f"layer{i}.yaml"
            path.write_text(text)
            paths.append(str(path))
        return subprocess.run([LNSIM, "import", *paths, *words], capture_output=True, text=True, timeout=60)

    def layers(self, *texts, words=()):
        done = self.run_on(*texts, words=words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def refused(self, text, *parts):
        done = self.run_on(text)
        self.assertEqual(done.returncode, 2, done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr)

    def test_sizes_without_a_shape(self):
        made = self.layers(FLAT)
        conv = made["layers"][0]["conv2d"]
        self.assertEqual(made["batch"], 4)
        self.assertEqual((conv["in_channels"], conv["out_channels"], conv["kernel"]), (8, 32, [3, 5]))
        # R and P with Wstride: (16 - 1) * 2 + 3; S and Q: (14 - 1) + 5.
        self.assertEqual((conv["height"], conv["width"], conv["stride"]), (33, 18, [2, 1]))

    def test_a_shape_with_hyphens(self):
        made = self.layers(HYPHENS)
        conv = made["layers"][0]["conv2d"]
        self.assertEqual(made["layers"][0]["name"], "CNN Layer")
        self.assertEqual((conv["height"], conv["width"], conv["kernel"], conv["stride"]), (227, 227, [11, 11], [4, 4]))

    def test_a_gemm_with_weights_is_linear(self):
        linear = self.layers(GEMM)["layers"][0]["linear"]
        self.assertEqual((linear["out_features"], linear["rows"], linear["in_features"]), (30, 40, 50))

    def test_a_gemm_of_activations_is_a_matmul(self):
        matmul = self.layers(GEMM.replace("Weights", "A"))["layers"][0]["matmul"]
        self.assertEqual((matmul["m"], matmul["n"], matmul["k"]), (30, 40, 50))

    def test_a_dimension_of_all_three_is_a_group(self):
        conv = self.layers(DEPTHWISE)["layers"][0]["conv2d"]
        self.assertEqual((conv["groups"], conv["in_channels"], conv["out_channels"]), (3, 3, 3))

    def test_a_file_per_layer(self):
        made = self.layers(HYPHENS, FLAT.replace("N: 4", "N: 1"), words=["--name", "two"])
        self.assertEqual([layer["name"] for layer in made["layers"]], ["layer0", "layer1"])
        self.assertEqual(made["name"], "two")

    def test_batches_that_differ(self):
        done = self.run_on(HYPHENS, FLAT)
        self.assertEqual(done.returncode, 2)
        self.assertIn("layer1.yaml: a batch of 4", done.stderr)

    def test_what_is_refused_names_its_place(self):
        self.refused("problem: [1, 2", "line 1")
        self.refused("a: 1", "neither K nor M")
        self.refused("", "no problem")
        self.refused(GEMM.replace("K: 50", "K: x"), "line 5", "no size of K")
        self.refused(GEMM.replace("K: 50", "K: 0"), "no size of K")
        self.refused(GEMM.replace("read_write: true", ""), "not one data space that is written")
        self.refused(GEMM.replace("[[[K]], [[N]]]", "[[[K]], [[N, Q]]]"), "line 10", '"Q"')
        self.refused(GEMM.replace("[[[K]], [[N]]]", "[[[K]], [[N], [M]]]"), "expected a convolution or a GEMM")
        self.refused(HYPHENS.replace("[ [Q] ]", "[ [Q], [S] ]"), "expected a convolution or a GEMM")
        self.refused(FLAT.replace("C: 8", "C: 18446744073709551615"), "in_channels", "1..2147483647")
        self.refused(FLAT.replace("P: 16", "P: 18446744073709551615"), "64 bits")
        self.refused("problem:\n  shape: mttkrp\n  A: 3\n", "line 2", '"mttkrp"')
        self.refused("[" * 20000, "layer0.yaml")

    def test_what_is_exported_comes_back(self):
        for workload in ("resnet18", "alexnet", "bert_base_seq128"):
            with self.subTest(workload):
                folder = self.folder / workload
                done = subprocess.run([LNSIM, "export", "--workload", workload, "--to", "timeloop", "--batch", "1",
                                       "--out", str(folder)], capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, 0, done.stderr)
                files = sorted(str(path) for path in folder.iterdir())
                back = self.folder / (workload + ".json")
                again = subprocess.run([LNSIM, "import", *files, "--out", str(back)], capture_output=True, text=True,
                                       timeout=60)
                self.assertEqual(again.returncode, 0, again.stderr)
                wanted = subprocess.run([LNSIM, "simulate", "--workload", workload, "--batch", "1", "--passes",
                                         "forward", "--format", "json", "--quiet"], capture_output=True, text=True)
                made = json.loads(back.read_text())["layers"]
                macs = [layer["macs"] for layer in json.loads(wanted.stdout)["layers"] if layer["macs"] > 0]
                self.assertEqual(len(made), len(macs))
                got = subprocess.run([LNSIM, "simulate", "--workload", str(back), "--batch", "1", "--passes", "forward",
                                      "--format", "json", "--quiet"], capture_output=True, text=True)
                self.assertEqual([layer["macs"] for layer in json.loads(got.stdout)["layers"]], macs)

    def test_problems_need_a_folder(self):
        for words in ((), ("--out", str(self.folder))):
            (self.folder / "there").write_text("")
            done = subprocess.run([LNSIM, "export", "--workload", "lenet", "--to", "timeloop", *words],
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 2)
            self.assertIn("--out", done.stderr)


if __name__ == "__main__":
    unittest.main()
