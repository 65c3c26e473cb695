# SPDX-License-Identifier: Apache-2.0
"""lnsim sweep --executor slurm against a real Slurm: a node that dies, a controller that restarts, Ctrl-C."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import slurm_cluster
from program import DONE, INTERRUPTED, PROGRAM, ProgramTest



def spec_of(batches):
    return json.dumps({
        "schema": "lnsim.sweep/1", "name": "nodes", "base": {"workload": "resnet32_cifar10"},
        "axes": [
            {"name": "lanes", "at": "/accelerator/pe/lanes", "values": [8, 16, 32]},
            {"name": "batch", "at": "/batch", "range": {"from": 1, "to": batches}}]})


NODES = 4


class Slurm(ProgramTest):
    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.mkdtemp(prefix="lnsim-slurm-", dir="/tmp")
        cls.addClassCleanup(shutil.rmtree, cls.home, ignore_errors=True)
        cls.cluster = slurm_cluster.Cluster(pathlib.Path(cls.home) / "c", NODES)
        cls.addClassCleanup(cls.cluster.stop)
        cls.cluster.start()

    def setUp(self):
        super().setUp()
        self.write("spec.json", spec_of(30))
        self.addCleanup(self.cluster.run, "scancel", "--quiet", f"--user={os.getuid()}")

    def follow(self, *more):
        process = subprocess.Popen([PROGRAM, "sweep", "./spec.json", "--executor", "slurm", "--poll", "1", "--progress", "lines",
                                 "--format", "json", *more], cwd=self.folder, env=self.cluster.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        process.kill()
        process.communicate()

    def shard_files(self):
        return list((self.folder / "nodes.shards").glob("shard-*.jsonl"))

    def running_on(self, node):
        return self.cluster.run("squeue", "-h", "-w", node, "-t", "R", "-o", "%A").split()

    def local(self):
        done = self.run_program("sweep", "./spec.json", "--quiet", "--store", "local.sqlite", "--format", "json")
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        return done.stdout

    def test_a_node_that_dies_in_the_middle_costs_nothing(self):
        self.write("spec.json", spec_of(100))
        process = self.follow("--split", "16")
        self.cluster.wait(lambda: len(self.shard_files()) >= 2 and self.cluster.hold_task("n2", "lnsim"), "work on n2")
        self.cluster.lose_node("n2")
        self.cluster.wait(lambda: self.cluster.run("sinfo", "-h", "-n", "n2", "-N", "-o", "%t").startswith("down"), "a lost node")
        self.cluster.start_node("n2")
        out, err = process.communicate(timeout=200)
        self.assertEqual(process.returncode, DONE, err)
        self.assertEqual(out, self.local())
        self.assertEqual(len(self.shard_files()), 16)
        self.assertEqual(list((self.folder / "nodes.shards" / "parts").iterdir()), [])
        log = (self.cluster.folder / "log" / "slurmctld.log").read_text()
        self.assertRegex(log, "(?i)requeue")

    def test_ctrl_c_leaves_the_job_and_the_same_command_follows_it(self):
        process = self.follow("--split", "6")
        self.cluster.wait(lambda: len(self.shard_files()) >= 1, "the first shard")
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        self.assertLess(time.monotonic() - start, 3)
        self.assertEqual((process.returncode, out), (INTERRUPTED, ""))
        self.assertIn("the same command follows it again", err)
        out, err = self.follow("--split", "6").communicate(timeout=200)
        self.assertEqual(out, self.local(), err)
        self.assertEqual(len(json.loads((self.folder / "nodes.shards" / "jobs.json").read_text())), 1)
        again = self.follow("--split", "6")  # nothing is left to do
        self.assertEqual(again.communicate(timeout=60)[0], out)
        self.assertEqual(len(json.loads((self.folder / "nodes.shards" / "jobs.json").read_text())), 1)

    def test_a_cancelled_job_is_submitted_again_for_what_is_missing(self):
        process = self.follow("--split", "6")
        self.cluster.wait(lambda: len(self.shard_files()) >= 1, "the first shard")
        job = json.loads((self.folder / "nodes.shards" / "jobs.json").read_text())[0]
        self.cluster.run("scancel", job)
        out, err = process.communicate(timeout=200)
        self.assertEqual(out, self.local(), err)
        self.assertEqual(len(json.loads((self.folder / "nodes.shards" / "jobs.json").read_text())), 2)

    def test_a_controller_that_restarts_is_waited_for(self):
        process = self.follow("--split", "6")
        self.cluster.wait(lambda: self.running_on("n1"), "work")
        controller = self.cluster.daemons.pop("slurmctld")
        controller.terminate()
        controller.wait(timeout=30)
        time.sleep(2)
        self.cluster.spawn("slurmctld", ["slurmctld", "-D", "-f", str(self.cluster.folder / "slurm.conf")])
        out, err = process.communicate(timeout=200)
        self.assertEqual(out, self.local(), err)


if __name__ == "__main__":
    if slurm_cluster.missing():
        print("skipped: there is no " + ", ".join(slurm_cluster.missing()))
        sys.exit(77)
    unittest.main()
