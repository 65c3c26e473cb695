# SPDX-License-Identifier: Apache-2.0
"""lnsim sweep: what it evaluates, that it resumes after a kill, and what it refuses."""

import csv
import io
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import unittest

from program import BAD_INPUT, DONE, INTERRUPTED, PROGRAM, ROOT, ProgramTest

SPEC = {
    "schema": "lnsim.sweep/1", "name": "small", "base": {"workload": "lenet", "batch": 16},
    "axes": [
        {"name": "lanes", "at": "/accelerator/pe/lanes", "values": [8, 16, 32]},
        {"name": "scheme", "at": "/scheme", "values": ["lns8", "fp8"]},
        {"name": "batch", "at": "/batch", "values": [8, 16]}],
}


def spec_with(**changes):
    return json.dumps({**SPEC, **changes})


def children_of(parent):
    """Processes whose parent that is (proc(5): the fourth field of stat, behind the name in parentheses)."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(path.parent.name))
    return found


class SweepTest(ProgramTest):
    def sweep(self, *more, spec=None):
        self.write("spec.json", spec or json.dumps(SPEC))
        return self.run_program("sweep", "./spec.json", "--quiet", *more)

    def results(self, *more, spec=None):
        done = self.sweep("--format", "json", *more, spec=spec)
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        return json.loads(done.stdout)


class Sweep(SweepTest):
    def test_each_design_has_the_figures_of_simulate(self):
        results = self.results()
        self.assertEqual((results["size"], len(results["designs"]), results["failed"]), (12, 12, []))
        accelerator = json.loads(self.run_program("simulate", "--workload", "lenet", "--format", "json", "--quiet").stdout)
        accelerator = accelerator["config"]["accelerator"]
        for design in results["designs"][::5]:
            axes = design["axes"]
            accelerator["pe"]["lanes"] = axes["lanes"]
            self.write("machine.json", json.dumps(accelerator))
            report = json.loads(self.run_program("simulate", "--workload", "lenet", "--accelerator", "./machine.json",
                                                 "--scheme", axes["scheme"], "--batch", str(axes["batch"]),
                                                 "--format", "json", "--quiet").stdout)
            for metric, value in (("cycles", report["totals"]["cycles"]), ("energy_j", report["totals"]["energy_j"]),
                                  ("area_mm2", report["totals"]["area_mm2"]), ("total_g", report["totals"]["run"]["total_g"])):
                self.assertEqual(design["metrics"][metric], value)

    def test_table_and_csv_say_the_same(self):
        results = self.results()
        lines = list(csv.DictReader(io.StringIO(self.sweep("--format", "csv").stdout)))
        self.assertEqual([float(line["energy_j"]) for line in lines], [d["metrics"]["energy_j"] for d in results["designs"]])
        self.assertEqual([line["scheme"] for line in lines], [d["axes"]["scheme"] for d in results["designs"]])
        table = self.sweep("--top", "area_mm2", "--count", "2").stdout
        self.assertIn("small: 12 designs, 12 evaluated", table)
        self.assertIn("Best in area_mm2", table)

    def test_the_number_of_processes_does_not_matter(self):
        one = self.results("--store", "one.sqlite", "--jobs", "1")
        self.assertEqual(one, self.results("--store", "three.sqlite", "--jobs", "3"))

    def test_constraints_exclude(self):
        results = self.results(spec=spec_with(constraints=["lanes * batch <= 256", "energy_j < 0.02"]))
        for design in results["designs"]:
            self.assertLessEqual(design["axes"]["lanes"] * design["axes"]["batch"], 256)
            self.assertLess(design["metrics"]["energy_j"], 0.02)
        self.assertEqual(len(results["designs"]) + results["excluded"], 12)
        self.assertGreaterEqual(results["excluded"], 2)

    def test_a_design_that_fails_is_a_row_and_stops_nothing(self):
        axes = SPEC["axes"][:2] + [{"name": "held", "at": "/accelerator/pe/hold_rows", "values": [16, 0]}]
        spec = spec_with(axes=axes)
        results = self.results(spec=spec)
        self.assertEqual((len(results["designs"]), len(results["failed"])), (6, 6))
        for design in results["failed"]:
            self.assertIn("/pe/hold_rows: 0", design["error"])
        self.assertIn("hold_rows: 0", self.sweep(spec=spec).stdout)

    def test_a_design_that_cannot_be_made_is_a_row_however_far_the_sweep_was(self):
        spec = spec_with(axes=[{"name": "scheme", "at": "/scheme", "values": ["lns8", "nosuch"]}])
        first = self.results(spec=spec)
        self.assertEqual((len(first["designs"]), len(first["failed"])), (1, 1))
        self.assertEqual(self.results("--again", spec=spec), first)

    def test_a_sweep_killed_at_any_moment_goes_on_and_ends_the_same(self):
        wanted = self.sweep("--store", "whole.sqlite", "--format", "json").stdout
        for delay in (0.02, 0.05, 0.08, 0.12, 0.16):
            process = subprocess.Popen([PROGRAM, "sweep", "./spec.json", "--quiet", "--store", "killed.sqlite"],
                                       cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.assertEqual(self.sweep("--store", "killed.sqlite", "--format", "json").stdout, wanted)

    def test_a_worker_that_is_killed_costs_one_design_at_most(self):
        axes = [{"name": "lanes", "at": "/accelerator/pe/lanes", "values": [8, 16, 32]},
                {"name": "batch", "at": "/batch", "range": {"from": 1, "to": 40}}]
        self.write("spec.json", spec_with(axes=axes))
        process = subprocess.Popen([PROGRAM, "sweep", "./spec.json", "--quiet", "--jobs", "2", "--format", "json"],
                                   cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.15)
        killed = 0
        for child in children_of(process.pid)[:1]:
            try:
                os.kill(child, signal.SIGKILL)
                killed += 1
            except ProcessLookupError:
                pass
        out, _ = process.communicate(timeout=120)
        results = json.loads(out)
        self.assertEqual(process.returncode, DONE)
        self.assertLessEqual(len(results["failed"]), killed)
        self.assertEqual(len(results["designs"]) + len(results["failed"]), 120)
        for design in results["failed"]:
            self.assertIn("signal 9", design["error"])
        again = self.run_program("sweep", "./spec.json", "--quiet", "--again", "--format", "json")
        self.assertEqual(json.loads(again.stdout)["failed"], [])

    def test_ctrl_c_stops_within_a_second_and_says_how_to_go_on(self):
        axes = [{"name": "batch", "at": "/batch", "range": {"from": 1, "to": 4000}}]
        self.write("spec.json", spec_with(axes=axes))
        process = subprocess.Popen([PROGRAM, "sweep", "./spec.json", "--quiet"], cwd=self.folder,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(0.5)
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        self.assertLess(time.monotonic() - start, 3)
        self.assertEqual(process.returncode, INTERRUPTED)
        self.assertIn("the same command goes on", err)
        self.assertIn("4,000 designs", out)

    def test_two_processes_share_a_store(self):
        self.write("spec.json", json.dumps(SPEC))
        command = [PROGRAM, "sweep", "./spec.json", "--quiet", "--store", "shared.sqlite", "--format", "json"]
        both = [subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
        for process in both:
            _, err = process.communicate(timeout=120)
            self.assertEqual((process.returncode, err), (DONE, b""))
        self.assertEqual(self.sweep("--store", "shared.sqlite", "--format", "json").stdout,
                         self.sweep("--store", "own.sqlite", "--format", "json").stdout)

    def test_an_extended_sweep_takes_what_is_there(self):
        self.results("--store", "s.sqlite")
        axes = json.loads(json.dumps(SPEC["axes"]))
        axes[0]["values"].append(64)
        results = self.results("--store", "s.sqlite", spec=spec_with(axes=axes))
        self.assertEqual(len(results["designs"]), 16)
        figures = subprocess.run(["python3", "-c", "import sqlite3; print(sqlite3.connect('s.sqlite').execute("
                                  "'select count(*) from figures').fetchone()[0])"], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(figures.stdout.strip(), "16")

    def test_a_random_part_of_the_grid(self):
        results = self.results(spec=spec_with(random={"samples": 5, "seed": 3}))
        self.assertEqual(len(results["designs"]), 5)
        self.assertEqual(len({json.dumps(d["axes"]) for d in results["designs"]}), 5)

    def test_queries_read_only(self):
        self.results()
        done = self.sweep("--query", "SELECT scheme, count(*) AS n FROM designs GROUP BY scheme ORDER BY scheme", "--format", "json")
        self.assertEqual(json.loads(done.stdout), [{"scheme": "fp8", "n": 6}, {"scheme": "lns8", "n": 6}])
        for sql in ("DELETE FROM rows", "ATTACH 'x' AS x", "SELECT 1; SELECT 2", "PRAGMA writable_schema = 1"):
            self.assertIn("--query", self.refused("sweep", "./spec.json", "--query", sql))

    def test_a_file_that_changed_is_noticed_by_a_finished_sweep(self):
        machine = json.loads((ROOT / "configs" / "accelerators" / "lns_madam.json").read_text())
        scheme = json.loads((ROOT / "configs" / "schemes" / "fp8.json").read_text())
        shutil.copytree(ROOT / "configs" / "technology", self.folder / "technology")
        self.write("m.json", json.dumps(machine))
        self.write("s.json", json.dumps({**scheme, "name": "mine"}))
        axes = [{"name": "scheme", "at": "/scheme", "values": ["lns8", "./s.json"]}, SPEC["axes"][2]]
        spec = spec_with(axes=axes, base={"workload": "lenet", "accelerator": "./m.json", "technology": "./technology/45nm.json"})
        first = self.results("--store", "s.sqlite", spec=spec)

        def changed():
            """Designs that are other than before; the whole equals a sweep with a store of its own."""
            now = self.results("--store", "s.sqlite", spec=spec)
            self.assertEqual(now, self.results("--store", f"fresh{len(list(self.folder.iterdir()))}.sqlite", spec=spec))
            return [d["number"] for d, old in zip(now["designs"], first["designs"]) if d["metrics"] != old["metrics"]]
        self.assertEqual(changed(), [])
        scheme["dot_product"]["accumulator"] = {"type": "float", "exponent": 8, "mantissa": 12}
        self.write("s.json", json.dumps({**scheme, "name": "mine"}))
        self.assertEqual(changed(), [2, 3])
        self.write("m.json", json.dumps({**machine, "queue_depth": 8, "pe": {**machine["pe"], "ppu_width": 16}}))
        self.assertEqual(changed(), [0, 1, 2, 3])
        self.write("m.json", json.dumps(machine))
        self.write("s.json", json.dumps({**json.loads((ROOT / "configs" / "schemes" / "fp8.json").read_text()), "name": "mine"}))
        self.assertEqual(changed(), [])
        # A file that the technology names, not the technology itself.
        data = self.folder / "technology" / "data" / "primitives_45nm.json"
        primitives = json.loads(data.read_text())
        for point in primitives["primitives"][0]["points"]:
            point["energy_fj"] *= 2
        data.write_text(json.dumps(primitives))
        self.assertEqual(changed(), [0, 1, 2, 3])

    def test_mappings_may_be_searched(self):
        axes = [{"name": "mapping", "at": "/mapping", "values": ["heuristic", "auto"]},
                {"name": "objective", "at": "/objective", "values": ["cycles", "energy"]}]
        spec = spec_with(axes=axes, base={"workload": "lenet", "batch": 16, "mapper_budget": 30})
        found = {(d["axes"]["mapping"], d["axes"]["objective"]): d["metrics"] for d in self.results(spec=spec)["designs"]}
        self.assertEqual(found[("heuristic", "cycles")], found[("heuristic", "energy")])
        self.assertLess(found[("auto", "cycles")]["cycles"], found[("heuristic", "cycles")]["cycles"])
        self.assertLess(found[("auto", "energy")]["energy_j"], found[("heuristic", "cycles")]["energy_j"])
        for objective in ("cycles", "energy"):
            report = json.loads(self.run_program("simulate", "--workload", "lenet", "--batch", "16", "--mapping", "auto", "--objective",
                                                 objective, "--mapper-budget", "30", "--format", "json", "--quiet").stdout)
            self.assertEqual(report["totals"]["cycles"], found[("auto", objective)]["cycles"])
        wrong = self.results("--store", "w.sqlite", spec=spec_with(axes=[{"at": "/mapping", "values": ["none"]}]))
        self.assertIn("/mapping", wrong["failed"][0]["error"])

    def test_accumulators_may_be_chosen(self):
        scheme = json.loads((ROOT / "configs" / "schemes" / "fp8.json").read_text())
        scheme["dot_product"]["accumulator"] = "auto"
        self.write("auto.json", json.dumps({**scheme, "name": "auto"}))
        spec = spec_with(axes=[{"name": "scheme", "at": "/scheme", "values": ["fp8", "./auto.json"]}, SPEC["axes"][2]])
        designs = self.results(spec=spec)["designs"]
        report = json.loads(self.run_program("simulate", "--workload", "lenet", "--batch", "8", "--scheme", "./auto.json",
                                             "--format", "json", "--quiet").stdout)
        self.assertEqual(designs[2]["metrics"]["energy_j"], report["totals"]["energy_j"])
        self.assertNotEqual(designs[2]["metrics"]["energy_j"], designs[0]["metrics"]["energy_j"])

    def test_one_design_gives_the_report_of_simulate(self):
        results = self.results()
        for number in (0, 7, 11):
            report = json.loads(self.sweep("--design", str(number), "--format", "json", "--out", f"out{number}").stdout)
            metrics = results["designs"][number]["metrics"]
            self.assertEqual(report["totals"]["cycles"], metrics["cycles"])
            self.assertEqual(report["totals"]["energy_j"], metrics["energy_j"])
            self.assertEqual(json.loads((self.folder / f"out{number}" / "report.json").read_text()), report)
        self.assertIn("0..11", self.refused("sweep", "./spec.json", "--design", "12"))

    def test_formulas_stay_text_in_csv(self):
        self.results()
        done = self.sweep("--query", "SELECT '=1+1' AS x, '@a' AS y, -5 AS z, 1e-3 AS w FROM designs LIMIT 1", "--format", "csv")
        self.assertEqual(list(csv.reader(io.StringIO(done.stdout)))[1], ["'=1+1", "'@a", "-5", "0.001"])

    def test_a_full_disk_is_said_and_nothing_is_lost(self):
        self.write("spec.json", json.dumps(SPEC))
        limited = subprocess.run(["bash", "-c", f'ulimit -f 40; trap "" XFSZ; exec "{PROGRAM}" sweep ./spec.json --quiet --store full.sqlite'],
                                 cwd=self.folder, capture_output=True, text=True)
        self.assertIn(limited.returncode, (1, BAD_INPUT), limited.stderr)
        self.assertIn("full.sqlite", limited.stderr)
        self.assertEqual(self.sweep("--store", "full.sqlite", "--format", "json").stdout,
                         self.sweep("--store", "own.sqlite", "--format", "json").stdout)


class Search(SweepTest):
    SPEC = {
        "schema": "lnsim.sweep/1", "name": "searched", "base": {"workload": "lenet"},
        "axes": [
            {"name": "lanes", "at": "/accelerator/pe/lanes", "values": [4, 8, 12, 16, 24, 32, 48, 64]},
            {"name": "vector", "at": "/accelerator/pe/vector_size", "values": [8, 16, 32, 64]},
            {"name": "hold", "at": "/accelerator/pe/hold_rows", "values": [4, 8, 16, 32]},
            {"name": "batch", "at": "/batch", "range": {"from": 1, "to": 8}}],
        "constraints": ["lanes * vector <= 2048", "power_w < 3"],
        "search": {"objectives": ["area_mm2", "tops_per_w"], "evaluations": 256, "population": 16}}

    def spec(self, **search):
        return json.dumps({**self.SPEC, "search": {**self.SPEC["search"], **search}})

    def search(self, *more, **search):
        return self.results(*more, spec=self.spec(**search))

    def test_a_search_finds_the_front_of_the_grid_in_a_quarter_of_it(self):
        found = self.search("--store", "searched.sqlite")
        spec = {key: value for key, value in self.SPEC.items() if key != "search"}
        whole = self.results("--store", "whole.sqlite", "--pareto", "area_mm2,tops_per_w", spec=json.dumps(spec))
        self.assertEqual(whole["size"], 1024)
        self.assertEqual(len(found["designs"]) + found["excluded"] + len(found["failed"]), 256)
        by_number = {design["number"]: design for design in whole["designs"]}
        for design in found["designs"]:
            self.assertEqual(design, by_number[design["number"]])

        def covered(results):  # area below the front, up to the corner of the whole grid
            corner = max(d["metrics"]["area_mm2"] for d in whole["designs"])
            points = sorted((d["metrics"]["area_mm2"], -d["metrics"]["tops_per_w"]) for d in results["designs"])
            area, best = 0.0, 0.0
            for x, y in points:
                if y < best:
                    area += (corner - x) * (best - y)
                    best = y
            return area
        self.assertGreater(covered(found), 0.98 * covered(whole))

    def test_it_does_not_depend_on_processes_and_goes_on_after_kills(self):
        wanted = self.search("--store", "one.sqlite", "--jobs", "1")
        self.assertEqual(self.search("--store", "three.sqlite", "--jobs", "3"), wanted)
        self.assertNotEqual(self.search("--store", "other.sqlite", seed=2)["designs"], wanted["designs"])
        self.write("spec.json", self.spec())
        for delay in (0.1, 0.2, 0.3):
            process = subprocess.Popen([PROGRAM, "sweep", "./spec.json", "--quiet", "--store", "killed.sqlite"], cwd=self.folder,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.assertEqual(self.search("--store", "killed.sqlite"), wanted)

    def test_a_search_of_a_small_grid_ends_with_it(self):
        axes = [{"name": "batch", "at": "/batch", "values": [1, 2, 4]}]
        spec = {**self.SPEC, "axes": axes, "constraints": []}
        self.assertEqual(len(self.results(spec=json.dumps(spec))["designs"]), 3)

    def test_wrong_searches(self):
        def refuse(text, *more):
            self.write("spec.json", text)
            return self.refused("sweep", "./spec.json", *more)
        self.assertIn("/search/objectives", refuse(self.spec(objectives=["area_mm2"])))
        self.assertIn('"area_mm2"', refuse(self.spec(objectives=["area_mm", "energy_j"])))
        self.assertIn("/search/evaluations", refuse(self.spec(evaluations=0)))
        self.assertIn("/search", refuse(json.dumps({**self.SPEC, "random": {"samples": 3}})))
        for more in (["--shard", "1/2"], ["--emit-slurm", "x"], ["--executor", "slurm"]):
            self.assertIn("a search cannot be cut", refuse(self.spec(), *more))


class Refused(ProgramTest):
    def refuse(self, text, *more):
        self.write("spec.json", text)
        return self.refused("sweep", "./spec.json", "--quiet", *more)

    def test_a_pointer_that_leads_nowhere(self):
        message = self.refuse(spec_with(axes=[{"name": "x", "at": "/accelerator/pe/lane", "values": [1]}]))
        self.assertIn("/accelerator/pe/lanes", message)
        self.assertIn("/axes: x", message)

    def test_wrong_specs(self):
        self.assertIn("/schema", self.refuse('{"schema": "lnsim.scheme/1"}'))
        self.assertIn("axes", self.refuse('{"schema": "lnsim.sweep/1", "name": "x"}'))
        self.assertIn("/base/workload", self.refuse(spec_with(base={"workload": ""})))
        self.assertIn("resnet50", self.refuse(spec_with(base={"workload": "resnet5"})))
        self.assertIn("/constraints/0", self.refuse(spec_with(constraints=["lanes <"])))

    def test_bad_input_leaves_no_store(self):
        self.refuse(spec_with(base={"workload": "resnet5"}))
        self.assertEqual(sorted(path.name for path in pathlib.Path(self.folder).iterdir()), ["spec.json"])

    def test_wrong_options(self):
        text = json.dumps(SPEC)
        self.assertIn("--pareto", self.refuse(text, "--pareto", "a,b,c,d"))
        self.assertIn("--store", self.refuse(spec_with(name="../x")))
        self.assertIn("no such file", self.refuse(text, "--query", "SELECT 1"))
        self.write("other.sqlite", "not a database " * 50)
        self.assertIn("other.sqlite", self.refuse(text, "--store", "other.sqlite"))
        self.assertIn("one sweep file", self.refused("sweep"))

    def test_shipped_sweeps_are_sound(self):
        for name in ("buffers_lanes", "lns_bases", "lns_datapath", "pe_search", "schemes_nodes_grids"):
            self.assertEqual(self.run_program("validate", str(ROOT / "configs" / "sweeps" / f"{name}.json")).returncode, DONE)


if __name__ == "__main__":
    unittest.main()
