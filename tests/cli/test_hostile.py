# SPDX-License-Identifier: Apache-2.0
"""Names in input files are anybody's: they write nothing outside of --out, run nothing, and reach SQL, CSV, terminal and HTML as text."""

import contextlib
import csv
import io
import json
import pathlib
import re
import sqlite3
import unittest

from program import DONE, ROOT, ProgramTest

HOSTILE = [
    "=cmd|'/C calc'!A0",
    "@SUM(1+1)*cmd|'/C calc'!A0",
    "+1+1", "-2+3",
    "</script><script>pwned()</script>",
    "\"><img src=x onerror=pwned()>",
    "x\u001b[31m\u001b]0;title\u0007\u009b31m",
    "x\u202egnp.exe\u2028",
    "'; DROP TABLE rows; --",
    "\"; DROP TABLE rows; --",
    "$(touch pwned)", "`touch pwned`", "; touch pwned", "| touch pwned",
    "../../pwned", "/tmp/pwned", "a/../../pwned", "..",
    "line\nbreak\r\n=1+1",
    "${jndi:ldap://x}", "%s%n%p", "{{7*7}}", "<!--", "]]>", "\\u003cscript>",
]
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Hostile(ProgramTest):
    def setUp(self):
        super().setUp()
        workload = json.loads((ROOT / "workloads" / "mlp.json").read_text())
        self.workload = workload
        self.machine = json.loads((ROOT / "configs" / "accelerators" / "lns_madam.json").read_text())
        self.scheme = json.loads((ROOT / "configs" / "schemes" / "lns8.json").read_text())

    def inputs(self, text):
        """A network, a machine and a scheme whose names and descriptions are that text."""
        def named(value):
            value = json.loads(json.dumps(value))
            for key in ("name", "description", "source"):
                if isinstance(value.get(key), str):
                    value[key] = text
            return value
        network = named(self.workload)
        first = network["layers"][0]["name"]
        network = json.loads(json.dumps(network).replace(json.dumps(first), json.dumps(text)))
        self.write("w.json", json.dumps(network))
        self.write("m.json", json.dumps(named(self.machine)))
        self.write("s.json", json.dumps(named(self.scheme)))
        return ["--workload", "./w.json", "--accelerator", "./m.json", "--batch", "2", "--quiet"]

    def files(self):
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*")}

    def check_terminal(self, text):
        self.assertIsNone(UNSAFE.search(text), text)

    def check_csv(self, text):
        for row in csv.reader(io.StringIO(text)):
            for cell in row:
                number = re.fullmatch(r"[-+]?[0-9.]+(e[-+]?[0-9]+)?", cell)
                self.assertTrue(number or not cell or cell[0] not in "=+-@\t\r", cell)

    def check_html(self, text, hostile):
        for tag in ("<script>pwned", "<img src=x", "<!--"):
            if tag in hostile:
                self.assertNotIn(tag, text)
        # One script ends where the page ends it: the page has as many ends as one with harmless names.
        self.assertEqual(text.count("</script>"), self.scripts)

    def harmless_scripts(self):
        self.run_program("simulate", *self.inputs("x"), "--scheme", "./s.json", "--out", "harmless")
        self.scripts = (self.folder / "harmless" / "report.html").read_text().count("</script>")
        self.assertGreater(self.scripts, 0)

    def test_names_are_text_in_reports(self):
        self.harmless_scripts()
        taken = 0
        for hostile in HOSTILE:
            with self.subTest(hostile):
                arguments = self.inputs(hostile)
                before = self.files()
                done = self.run_program("simulate", *arguments, "--scheme", "./s.json", "--out", "out")
                self.assertIn(done.returncode, (DONE, 2))
                self.check_terminal(done.stdout + done.stderr)
                made = {name.split("/")[0] for name in self.files() - before}
                self.assertLessEqual(made, {"out"})
                if done.returncode != DONE:
                    continue
                taken += 1
                self.check_html((self.folder / "out" / "report.html").read_text(), hostile)
                for file in (self.folder / "out").glob("*.csv"):
                    self.check_csv(file.read_text())
                again = self.run_program("report", "out/report.json", "--out", "again.html")
                self.assertEqual(again.returncode, DONE, again.stderr)
                self.check_html((self.folder / "again.html").read_text(), hostile)
                self.check_csv(self.run_program("simulate", *arguments, "--scheme", "./s.json", "--format", "csv").stdout)
                compared = self.run_program("compare", *arguments, "--scheme", "./s.json,fp8", "--out", "compared")
                self.assertEqual(compared.returncode, DONE, compared.stderr)
                self.check_terminal(compared.stdout + compared.stderr)
                self.check_html((self.folder / "compared" / "report.html").read_text(), hostile)
                for file in (self.folder / "compared").glob("*.csv"):
                    self.check_csv(file.read_text())
                for folder in ("out", "compared"):
                    for file in (self.folder / folder).iterdir():
                        file.unlink()
                    (self.folder / folder).rmdir()
        self.assertGreater(taken, len(HOSTILE) // 2)
        self.assertEqual(list(pathlib.Path("/tmp").glob("pwned*")), [])

    def test_names_and_values_are_text_in_sweeps(self):
        for number, hostile in enumerate(HOSTILE):
            with self.subTest(hostile):
                self.inputs(hostile)
                store = f"s{number}.sqlite"
                before = self.files()
                spec = {"schema": "lnsim.sweep/1", "name": hostile, "description": hostile, "base": {"workload": "./w.json"},
                        "axes": [{"name": "scheme", "at": "/scheme", "values": ["./s.json", "fp8", hostile]},
                                 {"name": "network", "at": "/workload/name", "values": [hostile, "y"]}]}
                self.write("spec.json", json.dumps(spec))
                done = self.run_program("sweep", "./spec.json", "--quiet", "--store", store, "--out", "out")
                self.check_terminal(done.stdout + done.stderr)
                self.assertEqual(done.returncode, DONE, done.stderr)
                made = {name.split("/")[0] for name in self.files() - before}
                self.assertLessEqual(made, {"out", "spec.json", store, store + "-wal", store + "-shm"})
                self.check_csv((self.folder / "out" / "sweep.csv").read_text())
                results = json.loads((self.folder / "out" / "sweep.json").read_text())
                self.assertEqual(len(results["designs"]) + len(results["failed"]), 6)
                for how in ("csv", "table", "json"):
                    query = self.run_program("sweep", "./spec.json", "--store", store, "--format", how,
                                             "--query", "SELECT scheme, network, status, error FROM designs")
                    self.assertEqual(query.returncode, DONE, query.stderr)
                    if how == "csv":
                        self.check_csv(query.stdout)
                    self.check_terminal(query.stdout)
                with contextlib.closing(sqlite3.connect(self.folder / store)) as database:
                    self.assertEqual(database.execute("SELECT count(*) FROM rows").fetchone(), (6,))

    def test_axis_names_are_names(self):
        for hostile in HOSTILE:
            self.write("spec.json", json.dumps({"schema": "lnsim.sweep/1", "name": "x", "base": {"workload": "mlp"},
                                                "axes": [{"name": hostile, "at": "/batch", "values": [1]}]}))
            self.assertIn("/axes/0/name", self.refused("sweep", "./spec.json"))

    def test_the_name_of_a_sweep_names_no_file_elsewhere(self):
        for hostile in ("../pwned", "/tmp/pwned", "a/../../pwned", "..", ".", "", "x\0y", "nul\n"):
            spec = {"schema": "lnsim.sweep/1", "name": hostile, "base": {"workload": "lenet"},
                    "axes": [{"name": "batch", "at": "/batch", "values": [1]}]}
            self.write("spec.json", json.dumps(spec))
            for more in ([], ["--shard", "1/1"]):
                before = set(self.folder.parent.iterdir())
                done = self.run_program("sweep", "./spec.json", "--quiet", *more)
                self.check_terminal(done.stderr)
                self.assertLessEqual({p for p in set(self.folder.parent.iterdir()) - before if "pwned" in p.name}, set())
        self.assertEqual(list(pathlib.Path("/tmp").glob("pwned*")), [])


if __name__ == "__main__":
    unittest.main()
