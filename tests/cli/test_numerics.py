# SPDX-License-Identifier: Apache-2.0
"""lnsim numerics: files in, files out, exit codes. The arithmetic itself is tested in tests/unit/numerics."""

import json
import os
import unittest

from program import DONE, FAILED, ROOT, ProgramTest

GOOD = {"op": "quantize", "format": "int8", "x": 3.4}
BAD = {"op": "quantize", "format": "int99", "x": 3}


class Numerics(ProgramTest):
    def requests(self, *requests):
        return self.write("in.json", json.dumps({"schema": "lnsim.numerics/1", "requests": requests}))

    def test_answers_on_stdout(self):
        done = self.run_program("numerics", "--in", self.requests(GOOD))
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        answer = json.loads(done.stdout)
        self.assertEqual(answer["schema"], "lnsim.numerics/1")
        self.assertEqual(answer["results"][0]["value"], 3)

    def test_answers_in_a_file(self):
        done = self.run_program("numerics", "--in", self.requests(GOOD), "--out", "out.json")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (DONE, "", ""))
        answer = json.loads((self.folder / "out.json").read_text())
        self.assertEqual(len(answer["results"]), 1)
        self.assertEqual(sorted(os.listdir(self.folder)), ["in.json", "out.json"])

    def test_a_bad_request_leaves_the_others_answered(self):
        done = self.run_program("numerics", "--in", self.requests(GOOD, BAD, GOOD))
        self.assertEqual(done.returncode, FAILED)
        first, second, third = json.loads(done.stdout)["results"]
        self.assertEqual(first, third)
        self.assertEqual(list(second), ["error"])

    def test_madam_follows_the_golden_trajectories(self):
        golden = [line.split(",") for line in (ROOT / "tests/golden/numerics/madam.csv").read_text().splitlines()
                  if line and not line.startswith("#")]
        requests = []
        for bits, gamma, zero, update_bits, rate, weights, gradients, *_ in golden:
            w0 = [float.fromhex(word) for word in weights.split()]
            flat = [float.fromhex(word) for word in gradients.split()]
            steps = [flat[at:at + len(w0)] for at in range(0, len(flat), len(w0))]
            requests.append({"op": "madam", "BU": int(update_bits), "lr": float.fromhex(rate), "w0": w0, "grads": steps,
                             "format": {"type": "lns", "bits": int(bits), "gamma": int(gamma), "zero": zero}})
        done = self.run_program("numerics", "--in", self.requests(*requests))
        self.assertEqual(done.returncode, DONE, done.stderr)
        results = json.loads(done.stdout)["results"]
        self.assertGreater(len(results), 10)
        for request, result, (*_, scale, e0, sign, e, _, forward) in zip(requests, results, golden):
            last = str(len(request["grads"]))
            self.assertEqual(result["scale"], float.fromhex(scale))
            self.assertEqual(result["e0"], [int(word) for word in e0.split()])
            self.assertEqual(result["sign"], [int(word) for word in sign.split()])
            self.assertEqual(result["e"][last], [int(word) for word in e.split()])
            self.assertEqual(result["forward"][last], [int(word) for word in forward.split()])

    def test_no_requests_no_results(self):
        done = self.run_program("numerics", "--in", self.requests())
        self.assertEqual(done.returncode, DONE)
        self.assertEqual(json.loads(done.stdout)["results"], [])

    def test_the_same_bytes_every_time(self):
        file = self.requests(GOOD, BAD)
        outputs = {self.run_program("numerics", "--in", file, environment={"LC_ALL": locale}).stdout
                   for locale in ["C", "de_DE.UTF-8"]}
        self.assertEqual(len(outputs), 1)

    def test_no_input(self):
        self.assertEqual(self.refused("numerics"), "--in: expected a file of requests")

    def test_a_file_of_another_kind(self):
        self.write("x.json", '{"schema": "lnsim.scheme/1"}')
        self.assertEqual(self.refused("numerics", "--in", "x.json"),
                         'x.json: /schema: "lnsim.scheme/1", expected "lnsim.numerics/1"')

    def test_requests_that_are_no_array(self):
        self.write("x.json", '{"schema": "lnsim.numerics/1", "requests": {}}')
        self.assertEqual(self.refused("numerics", "--in", "x.json"),
                         "x.json: /requests: an empty object, expected an array of requests")

    def test_an_output_that_cannot_be_written_is_refused_without_traces(self):
        for out, message in [("none/out.json", "No such file or directory"), (".", "a directory")]:
            self.assertIn(message, self.refused("numerics", "--in", self.requests(GOOD), "--out", out))
        self.assertEqual(os.listdir(self.folder), ["in.json"])

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full here")
    def test_a_full_disk_is_a_failure(self):
        done = self.run_program("numerics", "--in", self.requests(GOOD), "--out", "/dev/full")
        self.assertEqual(done.returncode, FAILED)
        self.assertIn("writing /dev/full: No space left on device", done.stderr)


if __name__ == "__main__":
    unittest.main()
