# SPDX-License-Identifier: Apache-2.0
"""lnsim simulate --timeline and --vcd: what they show is what the trace counts, and both engines show the same."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

LNSIM = os.environ["LNSIM_PROGRAM"]
WORKLOAD = {
    "schema": "lnsim.workload/1", "name": "small", "family": "cnn", "batch": 2,
    "layers": [
        {"name": "conv", "conv2d": {"in_channels": 24, "out_channels": 40, "height": 9, "width": 7, "kernel": [3],
                                    "padding": [1]}},
        {"name": "bn", "batch_norm": {"channels": 40, "height": 9, "width": 7}},
        {"name": "fc", "linear": {"in_features": 2520, "out_features": 70, "bias": True}}]}
MACHINES = {"one": "lns_madam", "banked": "lns_madam_lpddr4x"}


def run(*words, code=0):
    done = subprocess.run([LNSIM, *map(str, words)], capture_output=True, text=True, timeout=300)
    assert done.returncode == code, done.stderr
    return done


class Vcd:
    """A value change dump: per signal its (time, value) changes."""

    def __init__(self, text):
        self.changes, names, scope, time, body = {}, {}, [], 0, False
        for line in text.splitlines():
            words = line.split()
            if not words:
                continue
            if words[0] == "$scope":
                scope.append(words[2])
            elif words[0] == "$upscope":
                scope.pop()
            elif words[0] == "$var":
                names[words[3]] = ".".join(scope[1:] + [words[4]])
                self.changes[names[words[3]]] = []
            elif words[0] == "$enddefinitions":
                body = True
            elif not body:
                continue
            elif words[0].startswith("#"):
                time = int(words[0][1:])
            elif words[0][0] == "b" and len(words) == 2:
                self.changes[names[words[1]]].append((time, int(words[0][1:].replace("x", "0"), 2)))
            elif words[0][0] in "01" and len(words) == 1:
                self.changes[names[words[0][1:]]].append((time, int(words[0][0])))

    def high(self, name, period):
        """The cycles [begin, end) in which a bit is set."""
        spans, begin = [], None
        for time, value in self.changes[name]:
            cycle = time // period - 1
            if value and begin is None:
                begin = cycle
            elif not value and begin is not None:
                spans.append((begin, cycle))
                begin = None
        return spans

    def signal(self, pattern):
        return next(name for name in self.changes if re.search(pattern, name))


class Views(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.workload = self.folder / "small.json"
        self.workload.write_text(json.dumps(WORKLOAD))

    def simulate(self, *words, code=0):
        return run("simulate", "--workload", self.workload, "--quiet", "--format", "json", *words, code=code)

    def test_both_engines_give_the_same_timeline(self):
        texts = []
        for engine in ("fast", "systemc"):
            path = self.folder / (engine + ".json")
            self.simulate("--engine", engine, "--timeline", path)
            texts.append(path.read_bytes())
        self.assertEqual(texts[0], texts[1])

    def test_a_timeline_adds_up_to_the_trace(self):
        path = self.folder / "timeline.json"
        report = json.loads(self.simulate("--timeline", path).stdout)
        timeline = json.loads(path.read_text())
        slices = [event for event in timeline["traceEvents"] if event["ph"] == "X"]
        tracks = {event["tid"]: event["args"]["name"] for event in timeline["traceEvents"]
                  if event["name"] == "thread_name"}
        passes = [event for event in slices if tracks[event["tid"]] == "passes"]
        self.assertEqual([event["dur"] for event in passes], [layer["cycles"] for layer in report["layers"]])
        self.assertEqual(sum(event["dur"] for event in passes), max(e["ts"] + e["dur"] for e in slices))
        busy = {"lanes": 0, "collector": 0, "vector_unit": 0, "update_unit": 0}
        for layer in report["layers"]:
            for module in busy:
                busy[module] += layer["stalls"].get(module, {}).get("busy", 0)
        def time_of(word):
            return sum(event["dur"] for event in slices if word in tracks[event["tid"]])
        # Tiles hold stalls inside; drains and chunks have none.
        self.assertGreaterEqual(time_of("lanes"), busy["lanes"])
        self.assertEqual(time_of("drain"), busy["collector"])
        self.assertEqual(time_of("vector unit"), busy["vector_unit"])
        self.assertEqual(time_of("update unit"), busy["update_unit"])
        for track in set(tracks) - {1}:
            spans = sorted((e["ts"], e["ts"] + e["dur"]) for e in slices if e["tid"] == track)
            for before, after in zip(spans, spans[1:]):
                self.assertLessEqual(before[1], after[0], tracks[track])

    def test_a_bounded_timeline_shows_passes_as_a_whole(self):
        path = self.folder / "timeline.json"
        done = self.simulate("--timeline", path, "--timeline-events", 40)
        self.assertIn("passes in detail", done.stderr)
        events = json.loads(path.read_text())["traceEvents"]
        details = [event["args"]["detailed"] for event in events if "detailed" in event.get("args", {})]
        self.assertIn(False, details)
        self.assertLessEqual(sum(event["ph"] == "X" for event in events), len(details) + 40)

    def waveform(self, *words):
        vcd, timeline = self.folder / "w.vcd", self.folder / "t.json"
        done = self.simulate("--layers", "conv", "--passes", "forward", "--vcd", vcd, "--timeline", timeline, *words)
        return vcd, json.loads(timeline.read_text()), json.loads(done.stdout)

    def check_drains(self, text, timeline, report):
        vcd = Vcd(text)
        period = int(re.search(r"\(n \+ 1\) x (\d+) ps", text).group(1))
        tracks = {e["tid"]: e["args"]["name"] for e in timeline["traceEvents"] if e["name"] == "thread_name"}
        for word, signal, module in (("PE 0 drain", r"collector\.pe0\.drain$", "collector"),):
            expected = sorted((e["ts"], e["ts"] + e["dur"]) for e in timeline["traceEvents"]
                              if e["ph"] == "X" and tracks[e["tid"]] == word)
            joined = []
            for begin, end in expected:  # drains that follow each other at once are one pulse
                if joined and joined[-1][1] == begin:
                    joined[-1] = (joined[-1][0], end)
                else:
                    joined.append((begin, end))
            spans = vcd.high(vcd.signal(signal), period)
            self.assertEqual(spans, joined)
            busy = report["layers"][0]["stalls"][module]["busy"]
            self.assertEqual(sum(end - begin for begin, end in spans), busy)
            # The counter of drained tiles moves in the last cycle of each drain.
            counts = vcd.changes[vcd.signal(r"collector\.pe0\.drained$")]
            moves = [(time // period - 1, value) for time, value in counts if value > 0]
            self.assertEqual(moves, [(end - 1, i + 1) for i, (_, end) in enumerate(expected)])
        issue = vcd.high(vcd.signal(r"lanes\.pe0\.issue$"), period)
        self.assertEqual(sum(end - begin for begin, end in issue), report["layers"][0]["stalls"]["lanes"]["busy"])

    def test_drains_in_the_waveform_are_those_of_the_trace(self):
        vcd, timeline, report = self.waveform()
        self.check_drains(vcd.read_text(), timeline, report)

    def test_another_reader_sees_the_same(self):
        if shutil.which("vcd2fst") is None or shutil.which("fst2vcd") is None:
            self.skipTest("no gtkwave")
        vcd, timeline, report = self.waveform()
        subprocess.run(["vcd2fst", vcd, self.folder / "w.fst"], check=True, capture_output=True)
        back = subprocess.run(["fst2vcd", self.folder / "w.fst"], check=True, capture_output=True, text=True).stdout
        comment = next(line for line in vcd.read_text().splitlines() if line.startswith("$comment"))
        self.check_drains(comment + "\n" + back, timeline, report)

    def test_the_same_waveform_each_time(self):
        first = self.waveform()[0].read_bytes()
        self.assertEqual(first, self.waveform()[0].read_bytes())
        self.assertNotIn(b"$date", first)

    def test_chosen_cycles_and_modules(self):
        vcd, _, _ = self.waveform("--vcd-cycles", "200:260", "--vcd-modules", "lanes*,dram")
        text = vcd.read_text()
        wave = Vcd(text)
        period = int(re.search(r"x (\d+) ps", text).group(1))
        self.assertTrue(all(re.search(r"lanes\.pe0|dram", name) for name in wave.changes), wave.changes.keys())
        cycles = [time // period - 1 for changes in wave.changes.values() for time, _ in changes if time > 0]
        self.assertTrue(cycles)
        self.assertTrue(all(200 <= cycle <= 260 for cycle in cycles), (min(cycles), max(cycles)))

    def test_a_waveform_is_bounded(self):
        big = dict(WORKLOAD, batch=64)
        self.workload.write_text(json.dumps(big))
        vcd, _, _ = self.waveform("--vcd-mib", 1, "--accelerator", "lns_madam")
        self.assertLess(vcd.stat().st_size, 1.3 * (1 << 20))

    def test_one_pass_must_be_chosen(self):
        done = self.simulate("--vcd", self.folder / "w.vcd", code=2)
        self.assertIn("--layers NAME --passes forward", done.stderr)

    def test_wrong_words(self):
        for words in (("--vcd-cycles", "5"), ("--vcd-cycles", "9:5"), ("--vcd-cycles", "a:b")):
            done = self.simulate("--layers", "conv", "--passes", "forward", "--vcd", self.folder / "w", *words, code=2)
            self.assertIn("--vcd-cycles", done.stderr)
        done = self.simulate("--layers", "conv", "--passes", "forward", "--vcd", self.folder / "w", "--vcd-modules",
                             "nothing", code=2)
        self.assertIn("--vcd-modules", done.stderr)
        self.assertFalse((self.folder / "w").exists())


if __name__ == "__main__":
    unittest.main()
