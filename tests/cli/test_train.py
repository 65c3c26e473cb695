# SPDX-License-Identifier: Apache-2.0
"""lnsim train: results, checkpoints that survive a kill, and what it refuses."""

import csv
import io
import json
import os
import pathlib
import signal
import subprocess
import time
import unittest

from program import DONE, FAILED, PROGRAM, ProgramTest

QUICK = ("train", "--dataset", "synthetic", "--epochs", "3", "--quiet")


class Train(ProgramTest):
    def answer(self, *more):
        done = self.run_program(*QUICK, "--format", "json", *more)
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        return json.loads(done.stdout)

    def test_json_csv_and_table_say_the_same(self):
        answer = self.answer("--scheme", "lns8,fp8")
        self.assertEqual(answer["schema"], "lnsim.training/1")
        self.assertEqual([run["scheme"] for run in answer["schemes"]], ["lns8", "fp8"])
        rows = list(csv.DictReader(io.StringIO(
            self.run_program(*QUICK, "--scheme", "lns8,fp8", "--format", "csv").stdout)))
        table = self.run_program(*QUICK, "--scheme", "lns8,fp8").stdout
        at = 0
        for run in answer["schemes"]:
            self.assertEqual(len(run["epochs"]), 3)
            for epoch in run["epochs"]:
                self.assertEqual((rows[at]["scheme"], int(rows[at]["epoch"])), (run["scheme"], epoch["epoch"]))
                for name in ("train_loss", "test_loss", "test_accuracy"):
                    self.assertEqual(float(rows[at][name]), epoch[name])
                at += 1
            self.assertEqual(run["test_accuracy"], run["epochs"][-1]["test_accuracy"])
            self.assertIn(f"{100 * run['test_accuracy']:.1f} %", table)
        self.assertEqual(at, len(rows))

    def test_the_optimizer_is_the_schemes_own(self):
        runs = self.answer("--scheme", "lns8,fp8")["schemes"]
        self.assertEqual([run["optimizer"] for run in runs], ["madam", "sgd_momentum"])
        adam = self.answer("--scheme", "fp8", "--workload", "transformer_digits")["schemes"][0]
        self.assertEqual(adam["optimizer"], "adam")

    def test_the_energy_is_that_of_simulate(self):
        answer = self.answer("--scheme", "lns8", "--batch", "32")
        run = answer["schemes"][0]
        report = json.loads(self.run_program("simulate", "--workload", "mlp_digits", "--batch", "32", "--samples", "1024",
                                             "--epochs", "3", "--format", "json", "--quiet").stdout)
        self.assertEqual(run["iteration"]["cycles"], report["totals"]["cycles"])
        self.assertEqual(run["iteration"]["energy_j"], report["totals"]["energy_j"])
        for name in ("iterations", "kwh", "total_g"):
            self.assertEqual(run["run"][name], report["totals"]["run"][name])
        self.assertEqual(run["run"]["iterations"], 3 * 1024 / 32)

    def test_threads_do_not_change_a_byte(self):
        self.assertEqual(self.answer("--jobs", "1"), self.answer("--jobs", "3"))

    def test_files_of_out(self):
        self.assertEqual(self.run_program(*QUICK, "--out", "out").returncode, DONE)
        self.assertEqual(sorted(os.listdir(self.folder / "out")), ["curves.csv", "report.html", "training.json"])
        again = self.run_program("report", "out/training.json", "--out", "page.html")
        self.assertEqual(again.returncode, DONE, again.stderr)
        self.assertEqual((self.folder / "page.html").read_bytes(), (self.folder / "out" / "report.html").read_bytes())

    def test_a_run_killed_at_any_moment_goes_on_and_ends_the_same(self):
        arguments = ("train", "--dataset", "synthetic", "--epochs", "12", "--quiet", "--format", "json")
        wanted = self.run_program(*arguments).stdout
        kept = arguments + ("--checkpoint", "kept", "--checkpoint-steps", "3", "--resume")
        for delay in (0.05, 0.12, 0.2, 0.3):
            process = subprocess.Popen([PROGRAM, *kept], cwd=self.folder, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            process.wait()
            left = sorted(os.listdir(self.folder / "kept")) if (self.folder / "kept").exists() else []
            whole = [name for name in left if name == "lns8.checkpoint"]
            self.assertEqual([name for name in left if name.endswith(".checkpoint")], whole)
        done = self.run_program(*kept)
        self.assertEqual((done.returncode, done.stdout), (DONE, wanted), done.stderr)
        # A finished run is not trained again.
        self.assertEqual(self.run_program(*kept).stdout, wanted)

    def test_a_checkpoint_of_other_settings_says_what_differs(self):
        self.assertEqual(self.run_program(*QUICK, "--checkpoint", "kept").returncode, DONE)
        message = self.refused(*QUICK, "--checkpoint", "kept", "--resume", "--seed", "7")
        self.assertIn("kept/lns8.checkpoint: a run with \"seed\": 1, expected \"seed\": 7", message)

    def test_a_damaged_checkpoint_is_named(self):
        self.assertEqual(self.run_program(*QUICK, "--checkpoint", "kept").returncode, DONE)
        path = self.folder / "kept" / "lns8.checkpoint"
        whole = path.read_bytes()
        for broken in (whole[:100], whole[:-1], whole[:5000] + b"x" + whole[5001:], b"", b"{}"):
            path.write_bytes(broken)
            self.assertIn("kept/lns8.checkpoint: ", self.refused(*QUICK, "--checkpoint", "kept", "--resume"))

    def test_divergence_names_step_and_tensor_and_keeps_the_checkpoint(self):
        more = ("--scheme", "fp32,fp8", "--learning-rate", "1e3", "--checkpoint", "kept", "--checkpoint-steps", "1")
        done = self.run_program(*QUICK, *more, "--format", "json")
        self.assertEqual(done.returncode, FAILED)
        self.assertRegex(done.stderr, r"lnsim: fp32 diverged: step \d+: .* not finite")
        runs = json.loads(done.stdout)["schemes"]
        self.assertRegex(runs[0]["diverged"], r"step \d+: .*fc\d")
        self.assertFalse(runs[0]["pareto"])
        self.assertTrue((self.folder / "kept" / "fp32.checkpoint").exists())


class Refused(ProgramTest):
    def test_numbers_out_of_range(self):
        for option, value in (("--learning-rate", "0"), ("--learning-rate", "x"), ("--momentum", "1.5"),
                              ("--weight-decay", "-1"), ("--loss-scale", "3"), ("--epochs", "0"), ("--batch", "0")):
            with self.subTest(f"{option} {value}"):
                self.assertIn(option, self.refused(*QUICK[:-3], "--quiet", option, value))

    def test_a_batch_larger_than_the_data(self):
        self.assertIn("at most the 1024 training samples", self.refused(*QUICK, "--batch", "1025"))

    def test_an_unknown_data_set_gets_a_suggestion(self):
        self.assertIn("\"digits\"", self.refused("train", "--dataset", "digit"))

    def test_data_that_is_missing_or_damaged_is_named(self):
        self.assertIn("nowhere", self.refused("train", "--dataset", "idx:nowhere"))
        self.write("digits.csv", "1,2,3\n")
        self.assertIn("digits.csv: line 1: 1,2,3", self.refused("train", "--dataset", "digits:digits.csv"))

    def test_a_network_that_does_not_fit_the_data(self):
        self.assertIn("those of a sample of synthetic", self.refused(*QUICK, "--workload", "cnn_fashion"))

    def test_a_network_that_cannot_be_trained(self):
        self.assertIn("embedding", self.refused(*QUICK, "--workload", "gpt2_small", "--batch", "1"))

    def test_resume_needs_a_folder(self):
        self.assertIn("--checkpoint DIR", self.refused(*QUICK, "--resume"))


class Digits(ProgramTest):
    def test_one_seed_of_the_study_gives_the_committed_result(self):
        """docs/studies/training.json, group digits: the run of LNS8 with seed 1, bit for bit."""
        root = pathlib.Path(__file__).resolve().parents[2]
        study = json.loads((root / "scripts" / "studies" / "training.json").read_text())
        results = json.loads((root / "docs" / "studies" / "training.json").read_text())
        (group,) = [g for g in study["groups"] if g["name"] == "digits"]
        (wanted,) = [r for r in results["runs"] if (r["group"], r["configuration"], r["seed"]) == ("digits", "lns8, update 16", 1)]
        arguments = [word for option, value in group["arguments"].items() for word in (f"--{option}", str(value))]
        done = self.run_program("train", "--scheme", "lns8", "--seed", "1", "--learning-rate", str(group["rates"]["madam"]),
                                *arguments, "--quiet", "--format", "json")
        epochs = json.loads(done.stdout)["schemes"][0]["epochs"]
        self.assertEqual([e["train_loss"] for e in epochs], [e["train_loss"] for e in wanted["epochs"]])
        self.assertEqual([e["test_accuracy"] for e in epochs], [e["test_accuracy"] for e in wanted["epochs"]])


if __name__ == "__main__":
    unittest.main()
