# SPDX-License-Identifier: Apache-2.0
"""lnsim simulate, compare, energy and explain: results, files, refusals, interrupts."""

import csv
import io
import json
import os
import pathlib
import signal
import subprocess
import time
import unittest

import jsonschema

from program import BAD_INPUT, DONE, FAILED, INTERRUPTED, PROGRAM, ROOT, ProgramTest

SMALL = ["--workload", "lenet", "--batch", "2"]
UNIT = {"format": "int8", "vector_size": 32, "accumulator": {"type": "fixed", "bits": 24}}


class Simulate(ProgramTest):
    def report(self, *words, **options):
        done = self.run_program("simulate", *SMALL, "--format", "json", *words, **options)
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        return json.loads(done.stdout)

    def test_useful_macs_are_the_workloads(self):
        totals = self.report("--passes", "forward")["totals"]
        conv1, conv2 = 28 * 28 * 6 * 25, 10 * 10 * 16 * 150
        self.assertEqual(totals["macs"], 2 * (conv1 + conv2 + 400 * 120 + 120 * 84 + 84 * 10))

    def test_the_same_bytes_across_runs_jobs_and_locales(self):
        outputs = set()
        for jobs, locale in [("1", "C"), ("2", "de_DE.UTF-8"), ("3", "C.UTF-8"), ("2", "C")]:
            done = self.run_program("simulate", *SMALL, "--format", "json", "--jobs", jobs,
                                    environment={"LC_ALL": locale, "LANG": locale, "TZ": "Asia/Tokyo"})
            self.assertEqual(done.returncode, DONE, done.stderr)
            outputs.add(done.stdout)
        self.assertEqual(len(outputs), 1)

    def test_nothing_in_a_report_tells_where_or_when(self):
        text = json.dumps(self.report())
        for word in [str(self.folder), str(ROOT), os.uname().nodename]:
            self.assertNotIn(word, text)

    def test_result_files(self):
        done = self.run_program("simulate", *SMALL, "--out", "new/results")
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        folder = self.folder / "new" / "results"
        self.assertEqual(sorted(os.listdir(folder)), ["layers.csv", "report.html", "report.json", "trace.json"])
        report = json.loads((folder / "report.json").read_text())
        self.assertEqual(report, self.report())
        rows = list(csv.DictReader(io.StringIO((folder / "layers.csv").read_text())))
        self.assertEqual([(r["name"], r["pass"]) for r in rows], [(e["name"], e["pass"]) for e in report["layers"]])
        self.assertEqual(sum(int(r["cycles"]) * int(r["repeat"]) for r in rows), report["totals"]["cycles"])

    def test_result_files_replace_results_but_nothing_else(self):
        for _ in range(2):
            self.assertEqual(self.run_program("simulate", *SMALL, "--out", "out").returncode, DONE)
        (self.folder / "out" / "notes.txt").write_text("mine")
        self.assertIn("notes.txt", self.refused("simulate", *SMALL, "--out", "out"))
        self.assertEqual((self.folder / "out" / "notes.txt").read_text(), "mine")
        self.assertEqual(os.listdir(self.folder), ["out"])

    def test_a_stored_trace_gives_the_same_report(self):
        self.run_program("simulate", *SMALL, "--out", "out", "--scheme", "fp8")
        again = self.run_program("energy", "--trace", "out/trace.json", "--format", "json")
        self.assertEqual((again.returncode, again.stderr), (DONE, ""))
        self.assertEqual(again.stdout, (self.folder / "out" / "report.json").read_text())
        self.assertEqual(self.run_program("validate", "out/trace.json").returncode, DONE)
        schema = json.loads((ROOT / "configs" / "schema" / "trace.json").read_text())
        jsonschema.validate(json.loads((self.folder / "out" / "trace.json").read_text()), schema)

    def test_a_trace_is_priced_with_another_grid(self):
        self.run_program("simulate", *SMALL, "--out", "out")
        grams = {}
        for grid in ["USA", "france"]:
            done = self.run_program("energy", "--trace", "out/trace.json", "--grid", grid, "--format", "json")
            report = json.loads(done.stdout)
            grams[grid] = report["totals"]["carbon"]["operational_g"] / report["config"]["grid"]["g_per_kwh"]
        self.assertAlmostEqual(grams["USA"] / grams["france"], 1, 12)

    def test_layers_and_passes_are_selected(self):
        report = self.report("--layers", "conv*,fc1", "--passes", "forward,update")
        self.assertEqual({e["name"] for e in report["layers"]}, {"conv1", "conv2", "fc1"})
        self.assertEqual({e["pass"] for e in report["layers"]}, {"forward", "update"})
        table = self.run_program("simulate", *SMALL, "--layers", "conv1").stdout
        self.assertIn("Only a part of the iteration", table)

    def test_the_batch_is_the_networks_own_by_default(self):
        network = json.loads((ROOT / "workloads" / "mlp.json").read_text())
        done = self.run_program("simulate", "--workload", "mlp", "--format", "json")
        self.assertEqual(json.loads(done.stdout)["batch"], network["batch"])

    def test_micro_batches_repeat_all_but_the_update(self):
        for entry in self.report("--micro-batches", "5")["layers"]:
            self.assertEqual(entry["repeat"], 1 if entry["pass"] == "update" else 5)

    def test_data_is_moved_and_checked(self):
        report = self.report("--data", "--seed", "3", "--passes", "forward", "--layers", "conv*")
        counts = self.report("--passes", "forward", "--layers", "conv*")
        self.assertEqual(report["totals"]["cycles"], counts["totals"]["cycles"])
        self.assertEqual([e["data"]["outputs"] for e in report["layers"]], [2 * 28 * 28 * 6, 2 * 10 * 10 * 16])
        self.assertNotIn("data", counts["layers"][0])

    def test_a_mapping_is_pinned(self):
        self.write("map.json", json.dumps({"schema": "lnsim.mapping/1", "gemms": [
            {"layer": "fc1", "pass": "forward", "operand_a": "n"}]}))
        layers = self.report("--mapping", "map.json", "--passes", "forward", "--layers", "fc1")["layers"]
        self.assertEqual(layers[0]["mapping"][0]["operand_a"], "n")

    def test_progress_lines_go_to_stderr(self):
        done = self.run_program("simulate", *SMALL, "--progress", "lines")
        self.assertEqual(done.returncode, DONE)
        self.assertRegex(done.stderr.splitlines()[-1], r"100 %")
        self.assertEqual(self.run_program("simulate", *SMALL, "--progress", "lines", "--quiet").stderr, "")

    def test_csv_on_stdout(self):
        rows = list(csv.reader(io.StringIO(self.run_program("simulate", *SMALL, "--format", "csv").stdout)))
        self.assertEqual(rows[0][:3], ["name", "pass", "type"])
        self.assertEqual({len(row) for row in rows}, {len(rows[0])})


class Compare(ProgramTest):
    def test_schemes_side_by_side(self):
        done = self.run_program("compare", *SMALL)
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 120)
        head = done.stdout.splitlines()[3].split()
        self.assertEqual(head, ["lns8", "fp8", "int8", "fp16", "bf16", "fp32"])

    def test_comparison_files(self):
        done = self.run_program("compare", *SMALL, "--scheme", "int8,lns8", "--out", "out", "--format", "json")
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        self.assertEqual((self.folder / "out" / "comparison.json").read_text(), done.stdout)
        comparison = json.loads(done.stdout)
        self.assertEqual(comparison["base"], "int8")
        alone = self.run_program("simulate", *SMALL, "--scheme", "lns8", "--format", "json")
        self.assertEqual(comparison["reports"][1], json.loads(alone.stdout))
        first, second = (r["totals"]["energy_j"] for r in comparison["reports"])
        self.assertEqual(comparison["ratios"]["lns8"]["energy_by_scope_j"]["chip_dram"], second / first)

    def test_equal_bandwidth_gives_wider_formats_fewer_lanes(self):
        done = self.run_program("compare", *SMALL, "--scheme", "lns8,bf16,fp32", "--iso", "bandwidth", "--format", "json")
        self.assertEqual(done.returncode, DONE)
        comparison = json.loads(done.stdout)
        iso = comparison["iso"]
        self.assertEqual([iso["schemes"][s]["lanes"] for s in ("lns8", "bf16", "fp32")], [32, 16, 8])
        self.assertEqual([r["config"]["accelerator"]["pe"]["lanes"] for r in comparison["reports"]], [32, 16, 8])
        self.assertEqual([r["totals"]["macs"] for r in comparison["reports"]], [comparison["reports"][0]["totals"]["macs"]] * 3)

    def test_equal_area_is_not_exceeded_and_the_area_of_the_report_is_what_was_promised(self):
        done = self.run_program("compare", *SMALL, "--scheme", "lns8,fp16", "--iso", "area", "--format", "json")
        comparison = json.loads(done.stdout)
        parts = ("lanes", "operand_registers", "collector", "buffer_a", "buffer_b", "ppu")
        for report in comparison["reports"]:
            spent = comparison["iso"]["schemes"][report["scheme"]]["spent"]
            self.assertAlmostEqual(spent, sum(report["area_by_component_mm2"][part] for part in parts))
            self.assertLessEqual(spent, comparison["iso"]["limit"])

    def test_ranges_of_pue_grid_and_epochs_reach_the_report(self):
        self.write("run.json", json.dumps({"schema": "lnsim.run/1", "name": "mine", "samples": 100, "epochs": 10,
                                           "epochs_low": 5, "epochs_high": 20, "source": "a test"}))
        done = self.run_program("simulate", *SMALL, "--run", "run.json", "--pue", "1:1.5:3", "--grid", "100:200:400",
                                "--embodied", "none", "--format", "json")
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        run = json.loads(done.stdout)["totals"]["run"]
        it_kwh = run["it_kwh"]
        for end, kwh, grams in (("low", 0.5, 50), ("mid", 1.5, 300), ("high", 6, 2400)):
            self.assertAlmostEqual(run["kwh_range"][end] / it_kwh, kwh)
            self.assertAlmostEqual(run["total_range_g"][end] / it_kwh, grams)

    def test_epochs_outside_their_range_are_refused(self):
        self.write("run.json", json.dumps({"schema": "lnsim.run/1", "name": "mine", "samples": 100, "epochs": 10,
                                           "epochs_low": 11, "source": "a test"}))
        self.assertIn("run.json: /epochs_low", self.refused("simulate", *SMALL, "--run", "run.json"))

    def test_data_shows_nominal_and_measured_energy_side_by_side(self):
        done = self.run_program("simulate", *SMALL, "--data", "--out", "out", "--format", "json")
        self.assertEqual(done.returncode, DONE, done.stderr)
        report = json.loads(done.stdout)
        measured = [e for e in report["layers"] if "data_energy" in e]
        self.assertEqual([e["macs"] > 0 for e in report["layers"]], ["data_energy" in e for e in report["layers"]])
        for entry in measured:
            self.assertEqual(entry["data"]["activity"]["macs"], entry["macs"])
        for kind in ("nominal_j", "measured_j"):
            for component in ("lanes", "operand_registers", "collector"):
                parts = sum(e["repeat"] * e["data_energy"][kind][component] for e in measured)
                self.assertAlmostEqual(report["totals"]["data_energy"][kind][component], parts, delta=1e-9 * parts)
        again = self.run_program("energy", "--trace", "out/trace.json", "--format", "json")
        self.assertEqual(json.loads(again.stdout), report)
        self.assertIn("datapath switching", self.run_program("energy", "--trace", "out/trace.json").stdout)

    def test_an_unknown_budget_is_refused(self):
        self.assertIn("--iso", self.refused("compare", *SMALL, "--iso", "volume"))

    def test_all_is_every_shipped_scheme(self):
        done = self.run_program("compare", "--workload", "mlp", "--batch", "1", "--scheme", "all", "--format", "json")
        names = {r["scheme"] for r in json.loads(done.stdout)["reports"]}
        self.assertEqual(names, {p.stem for p in (ROOT / "configs" / "schemes").glob("*.json")})

    def test_a_scheme_given_twice_is_refused(self):
        self.assertEqual(self.refused("compare", *SMALL, "--scheme", "lns8,fp8,lns8"),
                         '--scheme: two schemes are named "lns8", expected different names')


class Refusals(ProgramTest):
    def test_unknown_names(self):
        for option, word, near in [("--workload", "resnet5O", "resnet50"), ("--accelerator", "lns_madma", "lns_madam"),
                                   ("--scheme", "lns9", "lns8"), ("--technology", "54nm", "45nm"),
                                   ("--run", "imagenet_9", "imagenet_90"), ("--grid", "Germny", "Germany"),
                                   ("--passes", "foward", "forward")]:
            message = self.refused("simulate", option, word)
            self.assertIn(f'{option}: "{word}"', message)
            self.assertIn(near, message)

    def test_missing_files_and_folders(self):
        os.mkdir(self.folder / "folder.json")
        for option in ["--workload", "--accelerator", "--scheme", "--technology", "--run", "--mapping"]:
            self.assertIn("none.json", self.refused("simulate", option, "none.json"))
            self.assertIn("folder.json", self.refused("simulate", option, "folder.json"))
        self.assertIn("none.json", self.refused("energy", "--trace", "none.json"))
        self.assertIn("none.json", self.refused("explain", "--unit", "none.json"))

    def test_layers_that_match_nothing(self):
        self.assertIn('--layers: "convolution*"', self.refused("simulate", *SMALL, "--layers", "convolution*"))

    def test_a_model_that_does_not_fit_names_tensor_and_batch(self):
        message = self.refused("simulate", "--workload", "resnet50", "--batch", "5000")
        self.assertRegex(message, r"needs \d+ GiB of DRAM .*largest tensor: saved activation \S+ of")
        batch = int(message.split("a batch of at most ")[1].split(",")[0])
        self.assertIn("largest tensor", self.refused("simulate", "--workload", "resnet50", "--batch", str(batch + 1)))
        self.assertIn("lns8", self.refused("compare", "--workload", "resnet50", "--batch", "5000"))

    def test_oversubscription_reports_the_chips(self):
        accelerator = json.loads((ROOT / "configs" / "accelerators" / "lns_madam.json").read_text())
        accelerator["dram"]["capacity_bytes"] = 1 << 20
        self.write("small.json", json.dumps(accelerator))
        words = ["simulate", "--workload", "lenet", "--batch", "256", "--accelerator", "small.json"]
        self.assertIn("1.00 MiB", self.refused(*words))
        done = self.run_program(*words, "--allow-oversubscription", "--passes", "update", "--format", "json")
        self.assertGreater(json.loads(done.stdout)["totals"]["chips_needed"], 1)

    def test_a_tile_that_does_not_fit_names_the_pass(self):
        self.write("map.json", json.dumps({"schema": "lnsim.mapping/1", "gemms": [
            {"layer": "conv2", "global_buffer": {"tile": {"m": 16, "n": 1, "k": 17}}}]}))
        for jobs in ["1", "2"]:
            self.assertIn("conv2", self.refused("simulate", *SMALL, "--mapping", "map.json", "--jobs", jobs))

    def test_a_search_is_never_worse_and_its_mapping_can_be_pinned(self):
        words = ["simulate", "--workload", "lenet", "--batch", "8", "--passes", "forward,weight_grad", "--format", "json"]
        heuristic = json.loads(self.run_program(*words).stdout)
        done = self.run_program(*words, "--mapping", "auto", "--mapper-budget", "60", "--jobs", "2")
        self.assertIn("mappings of", done.stderr)
        found = json.loads(done.stdout)
        self.assertLessEqual(found["totals"]["cycles"], heuristic["totals"]["cycles"])
        self.assertEqual(self.run_program(*words, "--mapping", "auto", "--mapper-budget", "60", "--jobs", "1").stdout,
                         done.stdout)
        self.write("found.json", json.dumps(found["config"]["mapping"]))
        pinned = json.loads(self.run_program(*words, "--mapping", "found.json").stdout)
        self.assertEqual(pinned["totals"], found["totals"])
        # What the search saw of a mapping is what a simulation of it gives: cycles, stalls, counts, energy of every pass.
        self.assertEqual(pinned["layers"], found["layers"])

    def test_a_search_for_seconds_says_that_another_run_may_differ(self):
        words = ["simulate", "--workload", "resnet18", "--passes", "forward", "--format", "json"]
        begin = time.monotonic()
        done = self.run_program(*words, "--mapping", "auto", "--mapper-budget", "1s")
        self.assertLess(time.monotonic() - begin, 20)
        found = json.loads(done.stdout)
        self.assertIs(found["reproducible"], False)
        self.assertIs(found["config"]["mapping"]["reproducible"], False)
        # As a file it pins what was found, and that can be repeated.
        self.write("found.json", json.dumps(found["config"]["mapping"]))
        pinned = json.loads(self.run_program(*words, "--mapping", "found.json").stdout)
        self.assertEqual(pinned["totals"], found["totals"])
        self.assertNotIn("reproducible", pinned)

    def test_an_interrupted_search_gives_the_best_so_far(self):
        words = ["simulate", "--workload", "resnet50", "--mapping", "auto", "--mapper-budget", "1000000", "--format", "json"]
        process = subprocess.Popen([PROGRAM, *words], cwd=self.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(1.5)  # the search is under way; no line comes before its first pass is through
        process.send_signal(signal.SIGINT)
        begin = time.monotonic()
        out, err = process.communicate(timeout=60)
        self.assertLess(time.monotonic() - begin, 20)  # a second where nothing else runs
        self.assertEqual(process.returncode, 0, err)
        self.assertIn("interrupted: the best mappings so far", err)
        self.assertIs(json.loads(out)["reproducible"], False)

    def test_bad_budgets_of_a_search_are_refused(self):
        for budget in ["0", "-1", "many", "0s", "-1s", "s", "1e3s", "5 s", "2000000s"]:
            self.assertIn("mapper-budget", self.refused("simulate", *SMALL, "--mapping", "auto", "--mapper-budget", budget))

    def test_a_run_on_more_chips_is_shorter_and_carries_the_same_carbon(self):
        def run(*words):
            return json.loads(self.run_program("simulate", *SMALL, "--format", "json", *words).stdout)["totals"]["run"]
        one, eight = run(), run("--chips", "8")
        self.assertEqual(eight["chips"], 8)
        self.assertAlmostEqual(one["seconds"] / eight["seconds"], 8)
        for key in ["operational_g", "embodied_g", "total_g"]:
            self.assertAlmostEqual(one[key] / eight[key], 1)
        self.assertLess(one["embodied_range_g"]["low"], one["embodied_g"])
        self.assertIsNone(run("--embodied", "none")["embodied_g"])
        half = run("--samples", "1000", "--epochs", "1")
        self.assertEqual(half["iterations"], 500)
        self.refused("simulate", *SMALL, "--chips", "0")
        self.assertIn("nowhere.json", self.refused("simulate", *SMALL, "--embodied", "nowhere.json"))

    def test_objectives_order_energy_and_cycles(self):
        def totals(objective):
            done = self.run_program("simulate", *SMALL, "--passes", "forward", "--mapping", "auto", "--objective", objective,
                                    "--mapper-budget", "80", "--format", "json")
            return json.loads(done.stdout)["totals"]
        self.assertLessEqual(totals("energy")["energy_j"], totals("cycles")["energy_j"])
        self.assertLessEqual(totals("cycles")["cycles"], totals("energy")["cycles"])

    def test_only_the_clocked_engine_moves_data(self):
        self.assertIn("only the clocked engine moves data",
                      self.refused("simulate", *SMALL, "--engine", "fast", "--data"))
        self.assertIn('"engine": "systemc"', self.run_program("simulate", *SMALL, "--data", "--format", "json").stdout)

    def test_both_engines_print_the_same_but_for_their_name(self):
        texts = [self.run_program("simulate", *SMALL, "--engine", engine, "--format", "json").stdout
                 for engine in ["fast", "systemc"]]
        self.assertNotEqual(texts[0], texts[1])
        self.assertEqual(texts[0].replace('"engine": "fast"', '"engine": "systemc"'), texts[1])

    def test_verify_names_what_it_compared(self):
        done = self.run_program("simulate", *SMALL, "--verify", "*", "--format", "csv")
        self.assertIn("verified on the clocked engine: ", done.stderr)
        self.assertIn("--verify", self.refused("simulate", *SMALL, "--verify", "nothing"))

    def test_numbers_out_of_range(self):
        for option, value in [("--batch", "0"), ("--micro-batches", "-1"), ("--jobs", "9999"), ("--seed", "1e3")]:
            self.assertIn(f"{option}: {value}, expected a whole number", self.refused("simulate", option, value))

    def test_traces_that_are_not_sound(self):
        self.run_program("simulate", *SMALL, "--passes", "update", "--out", "out")
        trace = json.loads((self.folder / "out" / "trace.json").read_text())
        trace["layers"][0]["cycles"] = -5
        self.write("bad.json", json.dumps(trace))
        self.assertIn("bad.json: /layers/0/cycles: -5", self.refused("energy", "--trace", "bad.json"))
        self.assertIn("/schema", self.refused("energy", "--trace", "out/report.json"))
        self.assertEqual(self.refused("energy"), "--trace: expected a trace.json, as simulate --out writes it")

    def test_an_output_folder_that_cannot_be_made(self):
        self.write("file", "text")
        for out in ["file", "file/below"]:
            self.assertIn("file", self.refused("simulate", *SMALL, "--out", out))
        self.assertEqual(os.listdir(self.folder), ["file"])

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full here")
    def test_a_full_disk_is_a_failure(self):
        with open("/dev/full", "w") as full:
            done = self.run_program("simulate", *SMALL, stdout=full)
        self.assertEqual(done.returncode, FAILED)
        self.assertIn("writing to stdout", done.stderr)

    def test_control_characters_in_names_are_escaped(self):
        network = json.loads((ROOT / "workloads" / "mlp.json").read_text())
        network["name"] = "ml\x1b[31mp"
        self.write("net.json", json.dumps(network))
        done = self.run_program("simulate", "--workload", "net.json", "--batch", "1")
        if done.returncode == DONE:
            self.assertNotIn("\x1b", done.stdout)
        else:
            self.assertEqual(done.returncode, BAD_INPUT)
            self.assertNotIn("\x1b", done.stderr)


class Explain(ProgramTest):
    def test_every_action_has_a_price(self):
        done = self.run_program("explain", "--format", "json")
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        explained = json.loads(done.stdout)
        for action in explained["actions"]:
            self.assertGreater(action["energy_fj"], 0)
            self.assertAlmostEqual(sum(line["energy_fj"] for line in action["bill"]) / action["energy_fj"], 1, 12)
        self.assertIn("batch_norm", {row["type"] for row in explained["vector_operations"]})

    def test_one_unit_alone(self):
        self.write("unit.json", json.dumps(UNIT))
        done = self.run_program("explain", "--unit", "unit.json", "--technology", "45nm", "--format", "json")
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        price = json.loads(done.stdout)
        self.assertAlmostEqual(sum(price["breakdown"].values()) / price["energy_fj_per_mac"], 1, 12)
        self.assertAlmostEqual(sum(price["area_breakdown"].values()) / price["area_um2_per_mac"], 1, 12)
        self.assertGreater(price["leakage_nw_per_mac"], 0)
        held = self.run_program("explain", "--unit", "unit.json", "--a-held", "16", "--format", "json")
        self.assertLess(json.loads(held.stdout)["energy_fj_per_mac"], price["energy_fj_per_mac"])

    def test_a_unit_that_does_not_exist(self):
        self.write("unit.json", json.dumps({**UNIT, "format": "int88"}))
        self.assertIn("unit.json: /format", self.refused("explain", "--unit", "unit.json"))

    def test_the_same_bytes_every_time(self):
        outputs = {self.run_program("explain", environment={"LC_ALL": locale}).stdout
                   for locale in ["C", "de_DE.UTF-8"]}
        self.assertEqual(len(outputs), 1)


class Interrupts(ProgramTest):
    def test_an_interrupt_ends_all_processes_and_leaves_nothing(self):
        self.interrupt(os.kill, signal.SIGINT, INTERRUPTED)

    def test_ctrl_c_which_reaches_every_process_at_once(self):
        for _ in range(3):
            self.interrupt(os.killpg, signal.SIGINT, INTERRUPTED)
            self.interrupt(os.killpg, signal.SIGTERM, 143)

    def interrupt(self, kill, number, code):
        process = subprocess.Popen([PROGRAM, "simulate", "--workload", "resnet50", "--batch", "64", "--engine", "systemc", "--jobs", "2",
                                    "--out", "out"], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   start_new_session=True)
        children = []
        for _ in range(600):
            children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            if len(children) == 2:
                break
            time.sleep(0.05)
        self.assertEqual(len(children), 2)
        kill(process.pid, number)
        self.assertEqual(process.communicate(timeout=60), (b"", b""))
        self.assertEqual(process.returncode, code)
        for _ in range(600):
            if not any(os.path.exists(f"/proc/{child}") for child in children):
                break
            time.sleep(0.05)
        self.assertEqual([c for c in children if os.path.exists(f"/proc/{c}")], [])
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    unittest.main()
