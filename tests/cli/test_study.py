# SPDX-License-Identifier: Apache-2.0
"""lnsim study base: what it says, the scheme that it writes, and measured tensors."""

import json
import random
import struct
import unittest

from program import BAD_INPUT, DONE, ProgramTest

WORKLOAD = {"schema": "lnsim.workload/1", "name": "small", "family": "cnn", "batch": 2,
            "layers": [{"name": "fc1", "linear": {"in_features": 64, "out_features": 32}},
                       {"name": "fc2", "linear": {"in_features": 32, "out_features": 16}}]}


def npy(values):
    header = repr({"descr": "<f8", "fortran_order": False, "shape": (len(values),)}).encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + struct.pack(f"<{len(values)}d", *values)


class Study(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("small.json", json.dumps(WORKLOAD))

    def study(self, *words, code=DONE):
        done = self.run_program("study", "base", "--workload", "small.json", *words)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def test_the_scheme_is_taken_by_the_others(self):
        made = json.loads(self.study("--budget", "0.9", "--format", "json", "--out", "mine.json").stdout)
        self.assertLessEqual(made["best"]["energy_fj_per_mac"], 0.9 * made["reference"]["energy_fj_per_mac"])
        scheme = json.loads((self.folder / "mine.json").read_text())
        for role in ("weight", "activation", "gradient"):
            chosen = made["best"]["formats"][role]
            self.assertEqual((scheme["formats"][role]["bits"], scheme["formats"][role]["gamma"]), (chosen["bits"], chosen["gamma"]))
        weight, update = scheme["formats"]["weight"], scheme["formats"]["update"]
        # Madam's copy has the range of the weights: as many octaves.
        self.assertEqual(update["bits"], 16)
        self.assertEqual(update["gamma"] >> (16 - weight["bits"]), weight["gamma"])
        for words in (["validate", "mine.json"], ["compare", "--workload", "small.json", "--scheme", "lns8,./mine.json", "--quiet"],
                      ["simulate", "--workload", "small.json", "--scheme", "./mine.json", "--data", "--quiet"],
                      ["train", "--scheme", "./mine.json", "--epochs", "1", "--quiet"]):
            done = self.run_program(*words)
            self.assertEqual(done.returncode, DONE, f"{words}: {done.stderr}")

    def test_json_csv_and_table_agree(self):
        made = json.loads(self.study("--format", "json").stdout)
        rows = self.study("--format", "csv").stdout.splitlines()
        self.assertEqual(len(rows) - 1, len(made["tensors"]) * len(made["bases"]))
        self.assertIn("best within the budget", self.study().stdout)
        for tensor in made["tensors"]:
            self.assertEqual(len(tensor["snr_db"]), len(made["bases"]))

    def test_measured_tensors_are_used(self):
        (self.folder / "tensors").mkdir()
        rng = random.Random(1)
        # All of the form 2^(-n/4): exact in any base with 4 steps per octave and the range.
        values = [rng.choice([-1, 1]) * 2.0 ** (-rng.randrange(20) / 4) for _ in range(64 * 32)]
        (self.folder / "tensors" / "fc1.weight.npy").write_bytes(npy(values))
        made = json.loads(self.study("--tensors", "tensors", "--format", "json").stdout)
        measured = [tensor for tensor in made["tensors"] if tensor["measured"]]
        self.assertEqual([(tensor["layer"], tensor["tensor"]) for tensor in measured], [("fc1", "weight")])
        snr = dict(zip(((base["bits"], base["gamma"]) for base in made["bases"]), measured[0]["snr_db"]))
        self.assertTrue(snr[(6, 4)] is None or snr[(6, 4)] > 250)
        self.assertLess(snr[(6, 2)], 30)

    def test_the_same_for_the_same_seed(self):
        one = self.study("--format", "json", "--seed", "3").stdout
        self.assertEqual(one, self.study("--format", "json", "--seed", "3").stdout)
        self.assertNotEqual(one, self.study("--format", "json", "--seed", "4").stdout)

    def test_wrong_words(self):
        for words, part in ((["--bits", "8"], "LEAST:MOST"), (["--bits", "9:4"], "--bits"), (["--budget", "0.01"], "--budget"),
                            (["--budget", "x"], "--budget"), (["--scheme", "fp8"], "LNS with a zero code")):
            self.assertIn(part, self.study(*words, code=BAD_INPUT).stderr)
        done = self.run_program("study", "width")
        self.assertEqual(done.returncode, BAD_INPUT)


if __name__ == "__main__":
    unittest.main()
