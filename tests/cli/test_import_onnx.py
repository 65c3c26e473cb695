# SPDX-License-Identifier: Apache-2.0
"""lnsim import of ONNX models: MACs against an independent count, networks against shipped ones, and what is refused.

Models and counts: tests/golden/onnx/make_models.py.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

LNSIM = os.environ["LNSIM_PROGRAM"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = ROOT / "tests" / "golden" / "onnx"
GOLDEN = json.loads((MODELS / "macs.json").read_text())


def run(*words):
    return subprocess.run([LNSIM, *map(str, words)], capture_output=True, text=True, timeout=120)


def dims_of(name):
    sizes = GOLDEN[name]["dims"]
    return ["--dim", ",".join(f"{key}={size}" for key, size in sizes.items())] if sizes else []


class Onnx(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def imported(self, name, *words):
        out = self.folder / (name + ".json")
        done = run("import", MODELS / (name + ".onnx"), *dims_of(name), *words, "--out", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(out.read_text()), done.stdout

    def layers(self, name, *words):
        made, _ = self.imported(name, *words)
        return {layer["name"]: layer for layer in made["layers"]}

    def test_macs_are_those_that_onnx_counts(self):
        for name, golden in GOLDEN.items():
            with self.subTest(name):
                _, summary = self.imported(name)
                self.assertIn(f"{golden['macs']:,} MACs forward per sample", summary)

    def test_resnet18_is_the_shipped_one(self):
        made, _ = self.imported("resnet18", "--batch", 32)
        shipped = run("export", "--workload", ROOT / "workloads" / "resnet18.json", "--to", "lnsim")
        self.assertEqual(shipped.returncode, 0, shipped.stderr)
        wanted = json.loads(shipped.stdout)
        self.assertEqual(made["layers"], wanted["layers"])
        self.assertEqual((made["batch"], made["family"]), (wanted["batch"], wanted["family"]))

    def test_every_model_simulates_with_all_passes(self):
        for name in GOLDEN:
            with self.subTest(name):
                self.imported(name)
                done = run("simulate", "--workload", self.folder / (name + ".json"), "--format", "json", "--quiet")
                self.assertEqual(done.returncode, 0, done.stderr)
                passes = {layer["pass"] for layer in json.loads(done.stdout)["layers"]}
                self.assertLessEqual({"forward", "input_grad", "weight_grad", "update"}, passes)

    def test_pieces_become_norms_gelus_and_heads(self):
        layers = self.layers("encoder")
        kinds = [next(key for key in layer if key not in ("name", "inputs", "repeat")) for layer in layers.values()]
        self.assertEqual(kinds.count("layer_norm"), 2)
        self.assertEqual(kinds.count("gelu"), 1)
        self.assertEqual(kinds.count("move"), 0)
        scores = layers["scores"]["matmul"]
        self.assertEqual((scores["count"], scores["a_layout"], scores["b_layout"], scores["transpose_b"]),
                         (4, "batch_inside", "batch_inside", True))
        self.assertEqual(layers["context"]["matmul"]["out_layout"], "batch_inside")
        self.assertTrue(layers["up"]["linear"]["bias"])
        self.assertEqual(layers["embedded"]["affine"]["parameters"], 32 * 64)
        self.assertEqual(layers["masked"]["inputs"], ["previous", "outside"])

    def test_hard_swish_and_silu_are_one_layer_each(self):
        functions = [layer["unary"]["function"] for layer in self.layers("ocr_rec").values() if "unary" in layer]
        self.assertEqual(functions.count("hard_swish"), 28)
        self.assertEqual(functions.count("silu"), 7)
        self.assertNotIn("sigmoid", functions)

    def test_a_fixed_batch_and_a_turned_image(self):
        made, summary = self.imported("keras_like")
        self.assertEqual(made["batch"], 8)
        self.assertIn("reshapes that fix the batch", summary)
        layers = self.layers("keras_like")
        self.assertEqual(layers["conv"]["conv2d"]["padding"], [1, 1, 2, 2])
        self.assertNotIn("nchw", layers)
        self.assertEqual(layers["pool"]["avg_pool"]["padding"], [0, 0, 1, 1])
        self.assertEqual(layers["dense"]["linear"]["bias"], True)

    def test_batch_of_a_symbol(self):
        made, _ = self.imported("resnet18", "--dim", "batch=16")
        self.assertEqual(made["batch"], 16)

    def test_a_star_is_every_other_open_size(self):
        for name, size in (("resnet18", "1,814,073,344"), ("encoder", "1,703,936")):
            done = run("import", MODELS / (name + ".onnx"), "--dim", "*=32", "--out", self.folder / "out.json")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(size + " MACs", done.stdout)  # neither channels nor the batch
            self.assertEqual(json.loads((self.folder / "out.json").read_text())["batch"], 1)

    def test_an_open_size_is_named(self):
        done = run("import", MODELS / "encoder.onnx")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--dim sequence=N", done.stderr)

    def test_a_size_that_no_input_has(self):
        done = run("import", MODELS / "resnet18.onnx", "--dim", "time=4")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--dim time", done.stderr)

    def test_wrong_words_for_sizes(self):
        for words in ("time", "=4", "time=0", "a=1,a=2"):
            done = run("import", MODELS / "resnet18.onnx", "--dim", words)
            self.assertEqual(done.returncode, 2, words)

    def test_an_unknown_operator_is_named_or_listed(self):
        model = bytearray((MODELS / "keras_like.onnx").read_bytes())
        at = model.find(b"\x22\x04Clip")  # op_type, of four letters
        self.assertGreater(at, 0)
        model[at + 2:at + 6] = b"Warp"
        path = self.folder / "warp.onnx"
        path.write_bytes(model)
        done = run("import", path)
        self.assertEqual(done.returncode, 2)
        self.assertIn('Warp node "relu6"', done.stderr)
        self.assertIn("--allow-unknown", done.stderr)
        done = run("import", path, "--allow-unknown", "--out", self.folder / "warp.json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('left out, and not paid for: Warp node "relu6"', done.stdout)

    def test_no_model(self):
        path = self.folder / "none.onnx"
        for content in (b"", b"hello", (MODELS / "resnet18.onnx").read_bytes()[:5000]):
            path.write_bytes(content)
            done = run("import", path)
            self.assertEqual(done.returncode, 2, content[:10])
            self.assertIn("none.onnx", done.stderr)


if __name__ == "__main__":
    unittest.main()
