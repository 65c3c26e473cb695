# SPDX-License-Identifier: Apache-2.0
"""lnsim sweep in shares: shards, their merge, the folder of a cluster job; and Slurm's commands where they misbehave."""

import json
import os
import shutil
import signal
import subprocess
import time
import unittest

from program import BAD_INPUT, DONE, FAILED, INTERRUPTED, PROGRAM, ROOT, ProgramTest

SPEC = {
    "schema": "lnsim.sweep/1", "name": "small", "base": {"workload": "lenet"}, "constraints": ["lanes * batch < 600"],
    "axes": [
        {"name": "lanes", "at": "/accelerator/pe/lanes", "values": [8, 16, 32, 0]},  # 0 fails
        {"name": "scheme", "at": "/scheme", "values": ["lns8", "fp8"]},
        {"name": "batch", "at": "/batch", "range": {"from": 1, "to": 20}}],
}


class ShardTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("spec.json", json.dumps(SPEC))

    def sweep(self, *more, **options):
        return self.run_program("sweep", "./spec.json", "--quiet", *more, **options)

    def shard(self, index, of, *more):
        done = self.sweep("--shard", f"{index}/{of}", *more)
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))

    def local(self):
        done = self.sweep("--store", "local.sqlite", "--format", "json", "--out", "local")
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        return done.stdout

    def merge(self, *more, store="merged.sqlite"):
        return self.sweep("--merge", "small.shards", "--store", store, "--format", "json", *more)


class Shards(ShardTest):
    def test_ten_shards_merge_to_what_a_local_run_gives(self):
        for index in range(1, 11):
            self.shard(index, 10)
        merged = self.merge("--out", "merged")
        self.assertEqual((merged.returncode, merged.stderr, merged.stdout), (DONE, "", self.local()))
        for name in ("sweep.json", "sweep.csv"):
            self.assertEqual((self.folder / "merged" / name).read_bytes(), (self.folder / "local" / name).read_bytes())
        self.assertEqual(os.listdir(self.folder / "small.shards" / "parts"), [])

    def test_shards_of_several_cuts_and_a_store_merge_without_doubles(self):
        for index, of in ((1, 2), (2, 3), (3, 3)):
            self.shard(index, of)
        local = self.local()
        self.assertEqual(self.merge(store="merged.sqlite").stdout, local)
        self.assertEqual(self.merge(store="local.sqlite").stdout, local)
        count = json.loads(self.sweep("--store", "merged.sqlite", "--query", "SELECT count(*) AS n, count(DISTINCT number) AS m FROM designs",
                                      "--format", "json").stdout)
        self.assertEqual(count, [{"n": 160, "m": 160}])

    def test_two_processes_on_one_shard_and_their_merge(self):
        both = [subprocess.Popen([PROGRAM, "sweep", "./spec.json", "--quiet", "--shard", "1/1"], cwd=self.folder,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
        for process in both:
            _, err = process.communicate(timeout=120)
            self.assertEqual((process.returncode, err), (DONE, b""))
        self.assertEqual(self.merge().stdout, self.local())

    def test_a_shard_killed_at_any_moment_goes_on_and_ends_the_same(self):
        self.shard(1, 1, "--shards", "whole")
        for delay in (0.03, 0.1, 0.2, 0.3):
            process = subprocess.Popen([PROGRAM, "sweep", "./spec.json", "--quiet", "--shard", "1/1"], cwd=self.folder,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
            process.wait()
        time.sleep(0.1)  # its children end with it
        self.shard(1, 1)
        name = "shard-1-of-1.jsonl"
        self.assertEqual((self.folder / "small.shards" / name).read_bytes(), (self.folder / "whole" / name).read_bytes())

    def test_missing_shards_are_named_and_only_taken_as_they_are_if_that_is_wanted(self):
        self.shard(1, 4)
        self.shard(4, 4)
        merged = self.merge()
        self.assertEqual((merged.returncode, merged.stdout), (FAILED, ""))
        self.assertIn("80 of 160 designs are missing (40 to 119)", merged.stderr)
        self.assertIn("--partial", merged.stderr)
        partial = self.merge("--partial")
        self.assertEqual(partial.returncode, DONE)
        self.assertEqual(len(json.loads(partial.stdout)["designs"]), 40)

    def test_partial_takes_the_rows_of_shards_that_are_not_finished(self):
        axes = SPEC["axes"][:2] + [{"name": "batch", "at": "/batch", "range": {"from": 1, "to": 2000}}]
        self.write("spec.json", json.dumps({**SPEC, "constraints": [], "axes": axes}))
        process = subprocess.Popen([PROGRAM, "sweep", "./spec.json", "--quiet", "--shard", "1/1"], cwd=self.folder,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(0.7)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, INTERRUPTED)
        self.assertIn("the same command goes on", err)
        partial = self.merge("--partial")
        self.assertEqual(partial.returncode, DONE, partial.stderr)
        self.assertGreater(len(json.loads(partial.stdout)["designs"]), 10)

    def test_damaged_files_are_named_and_skipped_and_the_others_merged(self):
        for index in range(1, 5):
            self.shard(index, 4)
        folder = self.folder / "small.shards"
        good = {path.name: path.read_bytes() for path in folder.glob("*.jsonl")}
        second = "shard-2-of-4.jsonl"
        lines = good[second].splitlines(keepends=True)
        for damaged in (good[second][:-20], good[second].replace(b'"done"', b'"gone"', 1), b"", b"\0" * 5000, b"[" * 100000,
                        b"".join(lines[:3] + lines[4:]), good[second].replace(b"0.1.0", b"0.0.9", 1),
                        good["shard-1-of-4.jsonl"], b"\xff\xfe" + good[second]):
            (folder / second).write_bytes(damaged)
            shutil.rmtree(self.folder / "stores", ignore_errors=True)
            (self.folder / "stores").mkdir()
            merged = self.merge("--partial", store="stores/s.sqlite")
            self.assertEqual(merged.returncode, FAILED)
            self.assertIn("lnsim: skipped: small.shards/shard-2-of-4.jsonl: ", merged.stderr)
            self.assertIn("40 of 160 designs are missing (40 to 79)", merged.stderr)
            self.assertEqual(json.loads(merged.stdout)["size"] - 40, 120)
        (folder / second).unlink()
        (folder / second).mkdir()
        self.assertIn("not a file", self.merge().stderr)
        (folder / second).rmdir()
        self.shard(2, 4)
        self.assertEqual((self.merge().returncode, self.merge().stdout), (DONE, self.local()))

    def test_figures_under_a_forged_key_are_skipped(self):
        # A row whose hash is right but whose key is that of other inputs would poison the store for other sweeps.
        self.shard(1, 4)
        self.write("machine.json", (ROOT / "configs/accelerators/lns_madam.json").read_text())
        spec = {**SPEC, "base": {"workload": "lenet", "accelerator": "./machine.json"}}
        self.write("spec.json", json.dumps(spec))
        self.shard(1, 1, "--shards", "other")
        machine = json.loads((self.folder / "machine.json").read_text())
        machine.setdefault("pe", {})["hold_rows"] = 8
        self.write("machine.json", json.dumps(machine))
        merged = self.sweep("--merge", "other", "--store", "m.sqlite")
        self.assertEqual(merged.returncode, FAILED)
        self.assertIn("figures of other inputs", merged.stderr)

    def test_a_full_disk_is_said_and_nothing_is_lost(self):
        limited = subprocess.run(["bash", "-c", f'ulimit -f 8; trap "" XFSZ; exec "{PROGRAM}" sweep ./spec.json --quiet --shard 1/1'],
                                 cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(limited.returncode, FAILED, limited.stderr)
        self.assertIn("what is finished is kept", limited.stderr)
        self.shard(1, 1)
        self.assertEqual(self.merge().stdout, self.local())

    def test_wrong_use(self):
        for shard in ("0/3", "4/3", "3", "a/b", "1/0", "-1/3"):
            self.assertIn("--shard", self.refused("sweep", "./spec.json", "--shard", shard))
        self.assertIn("beside --shard", self.refused("sweep", "./spec.json", "--shard", "1/2", "--merge", "x"))
        self.assertIn("no manifest", self.refused("sweep", "--merge", "nosuch"))
        self.assertIn("a folder of shard files", self.refused("sweep", "./spec.json", "--merge", "nosuch"))
        self.assertIn("--merge DIR", self.refused("sweep", "./spec.json", "--partial"))
        self.shard(1, 2)
        self.write("spec.json", json.dumps({**SPEC, "constraints": []}))
        self.assertIn("another sweep", self.refused("sweep", "./spec.json", "--shard", "1/2"))
        merged = self.merge()
        self.assertEqual(merged.returncode, FAILED)
        self.assertIn("the sweep at hand", merged.stderr)


class ClusterFolder(ShardTest):
    def emit(self, folder="job", *more):
        done = self.sweep("--emit-slurm", folder, "--split", "4", *more)
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        return self.folder / folder

    def test_its_scripts_do_the_work_of_a_local_run(self):
        folder = self.emit()
        tasks = {"slurm.sh": "SLURM_ARRAY_TASK_ID", "lsf.sh": "LSB_JOBINDEX", "sge.sh": "SGE_TASK_ID", "pbs.sh": "PBS_ARRAY_INDEX"}
        for index, (script, variable) in enumerate(tasks.items(), 1):
            subprocess.run(["sh", script], cwd=folder, env={**os.environ, variable: str(index)}, check=True, capture_output=True)
        merged = self.run_program("sweep", "--merge", "job", "--format", "json")
        self.assertEqual((merged.returncode, merged.stderr, merged.stdout), (DONE, "", self.local()))

    def test_its_scripts_are_sound_shell(self):
        folder = self.emit()
        done = subprocess.run(["shellcheck", *(str(folder / f"{s}.sh") for s in ("slurm", "lsf", "sge", "pbs"))],
                              capture_output=True, text=True)
        self.assertEqual(done.stdout, "")

    def test_names_and_paths_run_no_command(self):
        where = self.folder / "it's $(touch pwned) `touch pwned`\n#SBATCH --wrap=x"
        (where / "bin").mkdir(parents=True)
        shutil.copy(PROGRAM, where / "bin" / "lnsim")
        (where / "spec.json").write_text(json.dumps({**SPEC, "name": "x\n#SBATCH --array=7\ntouch pwned;$(touch pwned)"}))
        data = os.environ.get("LNSIM_DATA_DIR", str(ROOT))
        done = subprocess.run([where / "bin" / "lnsim", "sweep", "./spec.json", "--emit-slurm", "job $(touch pwned)", "--split", "1",
                               "--data-dir", data], cwd=where, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        folder = where / "job $(touch pwned)"
        done = subprocess.run(["sh", "slurm.sh"], cwd=folder, env={**os.environ, "SLURM_ARRAY_TASK_ID": "1"}, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        self.assertTrue((folder / "shard-1-of-1.jsonl").exists())
        self.assertEqual([path for path in self.folder.rglob("pwned")], [])
        directives = [line for line in (folder / "slurm.sh").read_text().splitlines() if line.startswith("#SBATCH")]
        self.assertEqual(len([line for line in directives if "--array" in line]), 1)

    def test_its_manifest_is_written_once(self):
        folder = self.emit()
        text = (folder / "manifest.json").read_text()
        self.emit()
        self.assertEqual((folder / "manifest.json").read_text(), text)
        self.assertIn("manifest.json", self.refused("sweep", "./spec.json", "--emit-slurm", "job", "--split", "5"))
        self.assertIn("4 shards", self.refused("sweep", "--shards", "job", "--shard", "1/5"))
        self.write("spec.json", json.dumps({**SPEC, "constraints": []}))
        self.assertIn("another sweep", self.refused("sweep", "./spec.json", "--shards", "job", "--shard", "1/4"))
        (folder / "sweep.json").unlink()
        (folder / "sweep.json").write_text(json.dumps({**SPEC, "name": "y"}))
        self.assertIn("not the sweep of the manifest", self.refused("sweep", "--shards", "job", "--shard", "1/4"))

    def test_inputs_that_changed_since_are_noticed_by_a_task(self):
        self.write("machine.json", (ROOT / "configs/accelerators/lns_madam.json").read_text())
        self.write("spec.json", json.dumps({**SPEC, "base": {"workload": "lenet", "accelerator": "./machine.json"}}))
        self.emit()
        machine = json.loads((self.folder / "machine.json").read_text())
        machine.setdefault("pe", {})["hold_rows"] = 8
        self.write("machine.json", json.dumps(machine))
        self.assertIn("other inputs", self.refused("sweep", "--shards", "job", "--shard", "2/4"))

    def test_wrong_manifests(self):
        folder = self.emit()
        sound = json.loads((folder / "manifest.json").read_text())
        for change in ({"schema": "x"}, {"shards": 0}, {"shards": 5}, {"sweep": ""}, {"version": "9"}, {"first_keys": 7}, {"more": 1}):
            (folder / "manifest.json").unlink()
            (folder / "manifest.json").write_text(json.dumps({**sound, **change}))
            self.assertIn("manifest.json", self.refused("sweep", "--shards", "job", "--shard", "1/4"))


class PretendedSlurm(ShardTest):
    """Scripts in Slurm's place, for what a sound cluster does not do."""

    def setUp(self):
        super().setUp()
        (self.folder / "bin").mkdir()
        self.log = self.folder / "log"
        self.log.write_text("")
        self.command("squeue", "exit 0")
        self.command("scontrol", "exit 0")
        self.command("scancel", "exit 0")

    def command(self, name, text):
        path = self.folder / "bin" / name
        path.write_text(f'#!/bin/sh\n[ "$1" = --version ] || echo "{name} $*" >>"{self.log}"\n{text}\n')
        path.chmod(0o755)

    def slurm(self, *more):
        path = f"{self.folder}/bin:{os.environ['PATH']}"
        return self.sweep("--executor", "slurm", "--split", "2", "--poll", "1", *more, environment={"PATH": path})

    def calls(self, name):
        return [line for line in self.log.read_text().splitlines() if line.startswith(name + " ")]

    def test_a_job_that_slurm_refuses(self):
        self.command("sbatch", '[ "$1" = --version ] && exit 0; echo "sbatch: error: no such partition" >&2; exit 1')
        done = self.slurm()
        self.assertEqual(done.returncode, BAD_INPUT)
        self.assertIn("no such partition", done.stderr)

    def test_shards_that_never_end_well_are_tried_three_times(self):
        self.command("sbatch", '[ "$1" = --version ] && exit 0; echo "17;cluster"')
        done = self.slurm()
        self.assertEqual(done.returncode, FAILED)
        self.assertIn("shards 1-2 ended without their file, in 3 attempts", done.stderr)
        self.assertEqual(len(self.calls("sbatch")), 3)
        self.assertIn("--array=1-2", self.calls("sbatch")[0])

    def test_only_missing_shards_are_submitted(self):
        self.command("sbatch", '[ "$1" = --version ] && exit 0; (SLURM_ARRAY_TASK_ID=2 sh small.shards/slurm.sh >/dev/null 2>&1); echo 17')
        self.emit = self.sweep("--emit-slurm", "small.shards", "--split", "2")
        self.shard(1, 2)
        done = self.slurm("--format", "json")
        self.assertEqual((done.returncode, done.stdout), (DONE, self.local()))
        self.assertEqual(len(self.calls("sbatch")), 1)
        self.assertIn("--array=2 ", self.calls("sbatch")[0])

    def test_delays_are_lifted_and_tasks_that_cannot_be_launched_cancelled(self):
        self.command("sbatch", '[ "$1" = --version ] && exit 0; echo 17')
        self.command("squeue", f'[ "$(grep -c ^squeue "{self.log}")" = 1 ] && printf "17_1|PENDING|BeginTime\\n17_2|PENDING|launch failed requeued held\\n17_3|PENDING|JobHeldUser\\n"; exit 0')
        self.slurm()
        self.assertEqual(self.calls("scontrol"), ["scontrol update jobid=17_1 starttime=now"])
        self.assertEqual(self.calls("scancel"), ["scancel 17_2"])

    def test_a_machine_without_slurm(self):
        done = self.sweep("--executor", "slurm", environment={"PATH": "/nonexistent"})
        self.assertEqual(done.returncode, BAD_INPUT)
        self.assertIn("--emit-slurm", done.stderr)
        self.assertFalse((self.folder / "small.shards").exists())


if __name__ == "__main__":
    unittest.main()
