# SPDX-License-Identifier: Apache-2.0
"""Prices and carbon data that are not sound are refused with the file and the place in it, exit code 2."""

import json
import shutil
import unittest

from program import ROOT, ProgramTest

SMALL = ["--workload", "mlp", "--batch", "1"]


class BadData(ProgramTest):
    def changed(self, file, change):
        """Puts a copy of the shipped technologies in which one file was changed into the folder."""
        shutil.copytree(ROOT / "configs" / "technology", self.folder / "technology")
        path = self.folder / "technology" / file
        json_value = json.loads(path.read_text())
        change(json_value)
        path.write_text(json.dumps(json_value))

    def complaint(self, technology, file, change):
        """The message of pricing with a technology after a change of one file."""
        self.changed(file, change)
        return self.refused("simulate", *SMALL, "--technology", f"technology/{technology}.json")

    def test_a_price_without_unit(self):
        message = self.complaint("45nm", "45nm.json", lambda t: t["wire"].pop("unit"))
        self.assertIn("technology/45nm.json: /wire: no \"unit\"", message)

    def test_a_price_in_a_wrong_unit(self):
        message = self.complaint("45nm", "45nm.json", lambda t: t["wire"].update(unit="furlong"))
        self.assertIn("technology/45nm.json: /wire/unit: \"furlong\", expected", message)

    def test_a_price_without_source(self):
        message = self.complaint("45nm", "45nm.json", lambda t: t["dram"][0]["read"].pop("source"))
        self.assertIn("technology/45nm.json: /dram/0/read: no \"source\"", message)

    def test_an_unknown_primitive(self):
        message = self.complaint("45nm", "data/primitives_45nm.json", lambda t: t["primitives"][0].update(name="addr"))
        self.assertIn("technology/data/primitives_45nm.json: /primitives/0/name: \"addr\", expected \"adder\"", message)

    def test_a_negative_price(self):
        message = self.complaint("45nm", "data/primitives_45nm.json",
                                 lambda t: t["primitives"][0]["points"][0].update(energy_fj=-1))
        self.assertIn("technology/data/primitives_45nm.json: /primitives/0/points/0/energy_fj: -1", message)

    def test_a_node_that_the_scaling_set_does_not_have(self):
        message = self.complaint("16nm_stillmaker", "16nm_stillmaker.json", lambda t: t["scaling"].update(to="HP5"))
        self.assertIn("technology/16nm_stillmaker.json: /scaling/to: \"HP5\", expected", message)

    def test_a_node_that_is_not_that_of_its_scaling(self):
        message = self.complaint("16nm_stillmaker", "16nm_stillmaker.json", lambda t: t.update(node_nm=5))
        self.assertIn("technology/16nm_stillmaker.json: /scaling: HP45 to HP16, expected nodes of 45.0 nm and 5.0 nm", message)

    def test_memories_of_two_sources(self):
        message = self.complaint("45nm", "45nm.json", lambda t: t["sram"].update(static_family="op_table"))
        self.assertIn("technology/45nm.json: /sram/static_family: \"op_table\"", message)

    def test_an_unknown_grid(self):
        self.assertEqual(self.refused("simulate", *SMALL, "--grid", "Germny"), "--grid: \"Germny\", expected \"Germany\"")

    def test_a_table_of_grids_with_a_negative_intensity(self):
        shutil.copytree(ROOT / "configs", self.folder / "data" / "configs")
        shutil.copytree(ROOT / "workloads", self.folder / "data" / "workloads")
        table = self.folder / "data" / "configs" / "grids" / "grid_intensity.csv"
        lines = table.read_text().splitlines()
        lines[2] = lines[2].replace("132.53", "-132.53")
        table.write_text("\n".join(lines) + "\n")
        message = self.refused("simulate", *SMALL, "--data-dir", "data")
        self.assertIn("grid_intensity.csv: line 3: g_per_kwh -132.53, expected", message)

    def test_embodied_data_without_a_part(self):
        embodied = json.loads((ROOT / "configs" / "carbon" / "embodied.json").read_text())
        for part in ("yield", "package", "utilization", "lifetime_years"):
            self.write("embodied.json", json.dumps({k: v for k, v in embodied.items() if k != part}))
            message = self.refused("simulate", *SMALL, "--embodied", "embodied.json")
            self.assertIn(f"embodied.json: no \"{part}\"", message)

    def test_a_page_of_a_comparison_whose_budget_is_broken(self):
        self.run_program("compare", *SMALL, "--scheme", "lns8,fp8", "--iso", "area", "--out", "out", "--quiet")
        comparison = json.loads((self.folder / "out" / "comparison.json").read_text())
        comparison["iso"]["limit"] = "much"
        self.write("broken.json", json.dumps(comparison))
        self.assertIn("broken.json: /iso/limit: \"much\", expected a number", self.refused("report", "broken.json"))


if __name__ == "__main__":
    unittest.main()
