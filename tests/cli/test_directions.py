# SPDX-License-Identifier: Apache-2.0
"""Energy and area move as scripts/directions.json says, each row a test; and the file's claims can fail."""

import pathlib
import sys
import unittest

from program import PROGRAM, ROOT

sys.path.insert(0, str(pathlib.Path(ROOT) / "scripts"))
import directions  # noqa: E402


class Directions(unittest.TestCase):
    """One test per row, added below."""


def test_of(row):
    def test(self):
        pair = directions.measure(PROGRAM, row)
        for quantity in directions.QUANTITIES:
            percent = directions.change_percent(pair, quantity)
            self.assertTrue(directions.holds(row[quantity], percent),
                            f"{quantity} {percent:+.2f} %, expected: {directions.claim_text(row[quantity])}")
    return test


for number, one in enumerate(directions.TABLE["rows"]):
    setattr(Directions, f"test_{number:02}_{one['change'].replace(' ', '_')}", test_of(one))


class Claims(unittest.TestCase):
    def test_a_claim_holds_from_its_least_change_on(self):
        self.assertTrue(directions.holds({"falls": 5}, -5.0))
        self.assertFalse(directions.holds({"falls": 5}, -4.9))
        self.assertFalse(directions.holds({"falls": 5}, 5.0))
        self.assertTrue(directions.holds({"rises": 5}, 5.1))
        self.assertFalse(directions.holds({"rises": 5}, -5.1))
        self.assertFalse(directions.holds({"stays": 0}, 0.1))

    def test_every_parameter_that_matters_has_a_row(self):
        text = " ".join(row["change"] for row in directions.TABLE["rows"])
        for what in ("accumulator 24 to 20", "gamma 8 to 16", "table 8 to 1", "vector size", "node", "supply", "buffer A", "structure"):
            self.assertIn(what, text)


if __name__ == "__main__":
    unittest.main()
