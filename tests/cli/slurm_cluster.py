# SPDX-License-Identifier: Apache-2.0
"""A Slurm of its own for a test: munge, a controller and node daemons on the loopback interface, in one folder.

Without systemd, cgroups or root; on free ports; nothing outside of the folder is touched. The daemons run in the
foreground as children and end with this process.
"""

import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "sinfo", "scancel")
CONFIGURATION = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge/munge.sock
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmctldPort={port}
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SwitchType=switch/none
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,sched_min_interval=0
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
PropagateResourceLimits=NONE
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/run/slurmctld.pid
SlurmdPidFile={folder}/run/slurmd-%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd-%n.log
SlurmdParameters=config_overrides
ReturnToService=2
SlurmctldTimeout=5
SlurmdTimeout=5
MessageTimeout=5
InactiveLimit=0
KillWait=3
JobRequeue=1
{nodes}
PartitionName=sim Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def missing():
    return [program for program in PROGRAMS if shutil.which(program, path=search_path()) is None]


def search_path():
    return os.environ["PATH"] + ":/usr/sbin:/sbin"


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def end_with_parent():
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


class Cluster:
    """Nodes n1, n2, ... of one core each."""

    def __init__(self, folder, nodes):
        self.folder = pathlib.Path(folder)
        self.nodes = [f"n{i}" for i in range(1, nodes + 1)]
        self.daemons = {}
        self.environment = {**os.environ, "PATH": search_path(), "SLURM_CONF": str(self.folder / "slurm.conf")}

    def start(self):
        for name in ("munge", "state", "run", "log", *(f"spool/{node}" for node in self.nodes)):
            (self.folder / name).mkdir(parents=True)
        key = self.folder / "munge" / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        self.folder.chmod(0o755)
        ports = free_ports(1 + len(self.nodes))
        host = socket.gethostname().split(".")[0]
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        lines = [f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=1 RealMemory=1000 State=UNKNOWN"
                 for node, port in zip(self.nodes, ports[1:])]
        (self.folder / "slurm.conf").write_text(
            CONFIGURATION.format(host=host, user=user, folder=self.folder, port=ports[0], nodes="\n".join(lines)))
        munge = self.folder / "munge"
        self.spawn("munged", ["munged", "--foreground", "--force", f"--key-file={key}", f"--socket={munge}/munge.sock",
                              f"--pid-file={munge}/munged.pid", f"--log-file={munge}/munged.log", f"--seed-file={munge}/munged.seed",
                              "--num-threads=2"])
        self.wait(lambda: (munge / "munge.sock").exists(), "munge")
        self.spawn("slurmctld", ["slurmctld", "-D", "-f", str(self.folder / "slurm.conf")])
        for node in self.nodes:
            self.start_node(node)
        self.wait(lambda: self.run("sinfo", "-h", "-N", "-o", "%t").split() == ["idle"] * len(self.nodes), "idle nodes")

    def start_node(self, node):
        self.spawn(node, ["slurmd", "-D", "-N", node, "-f", str(self.folder / "slurm.conf")])

    def spawn(self, name, command):
        with open(self.folder / "log" / f"{name}.out", "ab") as out:
            self.daemons[name] = subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                                  preexec_fn=end_with_parent)

    def run(self, *command):
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60).stdout

    def wait(self, condition, what, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                logs = [path.read_text(errors="replace")[-2000:] for path in (self.folder / "log").glob("*.log")]
                raise AssertionError("waited in vain for " + what + "\n" + "\n".join(logs))
            time.sleep(0.05)

    def steps(self, node):
        """Slurm's processes that run a task there."""
        log = str(self.folder / "log" / f"slurmd-{node}.log")
        return [process for process in processes() if process.name.startswith("slurmstepd") and log in process.files()]

    def hold_task(self, node, program):
        """Stops that program of a task on the node where it is; whether there was one."""
        held = 0
        for step in self.steps(node):
            for pid in descendants(step.pid):
                try:
                    held += Process(pid).name == program and send(pid, signal.SIGSTOP)
                except OSError:
                    pass
        return held > 0

    def lose_node(self, node):
        """As if its power failed: the daemon, its steps and what they run are gone at once."""
        daemon = self.daemons.pop(node)
        daemon.kill()
        daemon.wait()
        for step in self.steps(node):
            for victim in [step.pid, *descendants(step.pid)]:
                send(victim, signal.SIGKILL)
        self.run("scontrol", "update", f"nodename={node}", "state=down", "reason=lost")

    def stop(self):
        self.run("scancel", "--quiet", f"--user={os.getuid()}")
        for process in reversed(list(self.daemons.values())):
            process.terminate()
        for process in self.daemons.values():
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Process:
    def __init__(self, pid):
        self.pid = pid
        path = pathlib.Path("/proc") / str(pid)
        name, _, rest = path.joinpath("stat").read_text().partition("(")[2].rpartition(")")
        self.name, self.parent = name, int(rest.split()[1])

    def files(self):
        """Those that it has open."""
        found = set()
        try:
            for link in (pathlib.Path("/proc") / str(self.pid) / "fd").iterdir():
                found.add(os.readlink(link))
        except OSError:
            pass
        return found


def send(pid, number):
    try:
        os.kill(pid, number)
        return True
    except ProcessLookupError:
        return False


def processes():
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            yield Process(int(path.name))
        except (OSError, ValueError):
            continue


def descendants(pid):
    everyone = list(processes())
    found, last = set(), {pid}
    while last:
        last = {process.pid for process in everyone if process.parent in last} - found
        found |= last
    return sorted(found)
