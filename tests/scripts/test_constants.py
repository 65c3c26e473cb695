# SPDX-License-Identifier: Apache-2.0
"""Every constant of configs/technology, configs/carbon, configs/grids and energy/ has a unit, a source and a year.

JSON: a number's unit is in its key ("leak_mw"), beside it ("unit") or in the table of units above it; source and year are
beside it or above it. CSV: units in the header, source and year in the row or where a technology names the file. C++: a
constant ends with a comment `// [unit] what it is; source, year`, or `// [unit] what it is; definition` where it is a fact
of arithmetic or of the design itself.
"""

import csv
import json
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TECHNOLOGY = ROOT / "configs" / "technology"
YEAR = re.compile(r"(19|20)\d\d")

# Unit at the end of a key.
UNITS = ("nm", "v", "c", "k", "fj", "pj", "pj_per_bit", "mw", "nw", "um2", "mm2", "ns", "mhz", "hz", "g", "kwh", "kwh_per_cm2", "g_per_cm2",
         "g_per_kwh", "g_per_gb", "per_cm2", "years", "bytes", "bits", "pct", "fj_per_mac", "um2_per_mac", "nw_per_mac", "db", "nm_target")
# Numbers without dimension or in units that the file states in words, and identifiers.
PLAIN = {
    "default", "width", "pue", "utilization", "value", "area", "factor", "trust",
    "e0", "e1", "e2", "d0", "d1", "d2", "d3", "p0", "p1", "p2",  # polynomials of Stillmaker and Baas, in volts
}


# What a technology is made for and not a fact about it; the index of the usual PUE.
CHOICES = {"node_nm", "voltage_v", "temperature_c", "from_voltage_v", "default"}
SHARES = {"yield", "utilization"}  # their "value" has no dimension


def unit_of(key, siblings, above, parent=""):
    if key in PLAIN and (key != "value" or "unit" in siblings or parent in SHARES):
        return True
    if key in ("low", "mid", "high"):
        return unit_of(parent, siblings, above)
    if any(key == unit or key.endswith("_" + unit) for unit in UNITS):
        return True
    return any("unit" in level or "units" in level for level in [siblings, *above])


def problems_of(json_value, name):
    """A line for each number without unit, source or year."""
    found = []

    def walk(value, key, levels, place, parent=""):
        if isinstance(value, dict):
            for inner, part in value.items():
                walk(part, inner, [value, *levels], f"{place}/{inner}", key)
        elif isinstance(value, list):
            for index, part in enumerate(value):
                walk(part, key, levels, f"{place}/{index}")
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and key != "year":
            lacks = []
            if not unit_of(key, levels[0], levels[1:], parent):
                lacks.append("unit")
            if key in CHOICES and not lacks:
                return
            if not any(level.get("source") or level.get("library") for level in levels):
                lacks.append("source")
            if not any(isinstance(level.get("year"), int) or YEAR.search(str(level.get("source", ""))) for level in levels):
                lacks.append("year")
            if lacks:
                found.append(f"{name}{place}: {value} has no {', '.join(lacks)}")

    walk(json_value, "", [], "")
    return found


def cpp_problems(text, name):
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        constant = re.match(r"\s*(?:inline |static )*constexpr (?:double|unsigned|int|std::(?:u?int\d+|size)_t) (k\w+) = (.*)$", line)
        if not constant or not re.search(r"\d", constant[2].split("//")[0]):
            continue
        comment = line.split("//", 1)[1] if "//" in line else ""
        if not re.search(r"\[[^\]]+\] .+; (definition|.*(19|20)\d\d)", comment):
            found.append(f"{name}:{number}: {constant[1]} has no `// [unit] what it is; source, year`")
    return found


class Json(unittest.TestCase):
    def test_technologies_and_their_data(self):
        found = []
        for path in sorted([*TECHNOLOGY.glob("*.json"), *TECHNOLOGY.glob("data/*.json")]):
            found += problems_of(json.loads(path.read_text()), str(path.relative_to(ROOT)))
        self.assertEqual(found, [])

    def test_carbon_data(self):
        found = []
        for path in sorted([*(ROOT / "configs" / "carbon").glob("*.json"), *(ROOT / "configs" / "grids" / "data").glob("*.json")]):
            found += problems_of(json.loads(path.read_text()), str(path.relative_to(ROOT)))
        self.assertEqual(found, [])

    def test_a_number_that_lacks_something_is_found(self):
        good = {"price": {"value": 1, "unit": "fJ", "source": "a paper", "year": 2020}}
        self.assertEqual(problems_of(good, ""), [])
        for key in ("unit", "source", "year"):
            bad = {"price": {k: v for k, v in good["price"].items() if k != key}}
            self.assertEqual(len(problems_of(bad, "")), 1, key)
        self.assertEqual(len(problems_of({"widgets": 3, "source": "x", "year": 2020}, "")), 1)


class Tables(unittest.TestCase):
    def test_memory_tables_have_units_in_their_header_and_are_named_with_source_and_year(self):
        named = {}
        for path in TECHNOLOGY.glob("*.json"):
            sram = json.loads(path.read_text()).get("sram", {})
            if "file" in sram:
                named[sram["file"]] = sram
        tables = sorted(TECHNOLOGY.glob("data/*.csv"))
        self.assertTrue(tables)
        for path in tables:
            sram = named.get(f"data/{path.name}")
            self.assertIsNotNone(sram, f"no technology names {path.name}")
            self.assertTrue(sram["source"] and sram["units"] and isinstance(sram["year"], int), path.name)
            with path.open() as stream:
                for column in next(csv.reader(stream)):
                    self.assertTrue(column == "device_type" or unit_of(column, {}, []), f"{path.name}: {column}")

    def test_every_grid_has_a_source_and_a_year_unless_its_source_gives_none(self):
        yearless = {"cloud_region", "cloud_region_old", "generation_source"}  # as configs/grids/data/README.md says
        with (ROOT / "configs" / "grids" / "grid_intensity.csv").open() as stream:
            for row in csv.DictReader(stream):
                self.assertTrue(row["source"], row)
                if row["kind"] not in yearless:
                    self.assertRegex(row["year"], YEAR)


class Code(unittest.TestCase):
    def test_constants_of_the_energy_model(self):
        found = []
        for path in sorted([*(ROOT / "energy").rglob("*.cpp"), *(ROOT / "energy").rglob("*.hpp")]):
            found += cpp_problems(path.read_text(), str(path.relative_to(ROOT)))
        self.assertEqual(found, [])

    def test_a_constant_that_lacks_something_is_found(self):
        self.assertEqual(cpp_problems("constexpr double kX = 2;  // [pJ] of an access; Someone, 2014", ""), [])
        self.assertEqual(cpp_problems("constexpr double kX = 8;  // [bit] of a byte; definition", ""), [])
        for line in ("constexpr double kX = 2;", "  constexpr unsigned kX = 2;  // of an access; Someone, 2014",
                     "inline constexpr std::uint64_t kX = 2;  // [pJ] of an access; Someone"):
            self.assertEqual(len(cpp_problems(line, "")), 1, line)


if __name__ == "__main__":
    unittest.main()
