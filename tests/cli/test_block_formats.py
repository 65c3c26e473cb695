# SPDX-License-Identifier: Apache-2.0
"""Block-scaled formats in lnsim numerics, against an independent generator (tests/golden/numerics/generate_block.py)."""

import json
import unittest

from program import DONE, FAILED, ROOT, ProgramTest

GOLDEN = json.loads((ROOT / "tests" / "golden" / "numerics" / "block.json").read_text())


class Blocks(ProgramTest):
    def evaluate(self, requests, code=DONE):
        self.write("requests.json", json.dumps({"schema": "lnsim.numerics/1", "requests": requests}))
        done = self.run_program("numerics", "--in", "requests.json")
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout)["results"]

    def test_golden_values(self):
        for request, wanted, got in zip(GOLDEN["requests"], GOLDEN["results"], self.evaluate(GOLDEN["requests"])):
            for key, value in wanted.items():
                self.assertEqual(got.get(key), value, f"{key} of {json.dumps(request)[:400]}: {got}")

    def test_what_is_wrong_is_said(self):
        dot = {"op": "dot_block", "format": "mxfp4_e2m1", "V": 32, "a": [1], "scales_a": [127], "b": [1], "scales_b": [127],
               "accumulator": {"type": "float", "exponent": 8, "mantissa": 23}}
        self.assertEqual(self.evaluate([dot])[0]["value"], 0.25)
        cases = [({**dot, "format": "mxfp5"}, "mxfp8_e4m3"), ({**dot, "scales_a": [255]}, "255 is not a scale"),
                 ({**dot, "a": [16]}, "16 is not an element"), ({**dot, "scales_b": []}, "0 scales of 1 blocks"),
                 ({**dot, "b": [1, 2]}, "differ in length"), ({**dot, "V": 24}, "divisor"),
                 ({**dot, "accumulator": {"type": "fixed", "bits": 24}}, "float accumulator"), ({**dot, "L": 8}, "L"),
                 ({"op": "decode_block", "format": "nvfp4", "codes": [1], "scales": [56, 56]}, "more scales"),
                 ({"op": "quantize_block", "format": {"type": "block_lns", "bits": 6, "gamma": 8, "offset_bits": 9}, "x": [1]}, "offset_bits")]
        results = self.evaluate([request for request, _ in cases], FAILED)
        for (request, part), result in zip(cases, results):
            self.assertIn(part, result.get("error", ""), request)


if __name__ == "__main__":
    unittest.main()
