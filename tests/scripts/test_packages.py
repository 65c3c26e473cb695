# SPDX-License-Identifier: Apache-2.0
"""What scripts/lib.sh does about missing packages, on pretended machines.

Each test runs ensure_packages with a PATH that holds nothing but a few real tools and the commands that the pretended
machine has: dpkg-query, apt-get, sudo and id are small scripts that write down how they were called.
"""

import os
import pathlib
import pty
import shutil
import subprocess
import tempfile
import unittest

LIB = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "lib.sh"
REAL_TOOLS = ["bash", "awk", "cat", "grep", "dirname", "env", "nproc", "rm", "mkdir"]
DPKG_QUERY = """#!/bin/bash
while read -r package; do echo "installed $package"; done <"$MACHINE/installed"
"""
APT_GET = """#!/bin/bash
echo "apt-get $*" >>"$MACHINE/log"
[[ $1 == update ]] && exit "${UPDATE_FAILS:-0}"
exit "${INSTALL_FAILS:-0}"
"""
SUDO = """#!/bin/bash
echo sudo >>"$MACHINE/log"
exec "$@"
"""
ALL = ["g++", "cmake", "ninja-build", "pkg-config", "libsystemc-dev", "libboost-program-options-dev",
       "nlohmann-json3-dev", "libhwy-dev", "libsimdjson-dev", "libfmt-dev", "libyaml-cpp-dev",
       "libonnx-dev", "libprotobuf-dev", "zlib1g-dev", "libsqlite3-dev"]


class Machine:
    """A pretended machine: its installed packages, its commands, and who is working on it."""

    def __init__(self, installed=(), user="0", apt=True, sudo=True, dpkg=True):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lnsim-machine-"))
        (self.folder / "bin").mkdir()
        (self.folder / "installed").write_text("".join(p + "\n" for p in installed))
        for tool in REAL_TOOLS:
            (self.folder / "bin" / tool).symlink_to(shutil.which(tool))
        self.command("id", f"#!/bin/bash\necho {user}\n")
        if dpkg:
            self.command("dpkg-query", DPKG_QUERY)
        if apt:
            self.command("apt-get", APT_GET)
        if sudo:
            self.command("sudo", SUDO)

    def command(self, name, text):
        path = self.folder / "bin" / name
        path.write_text(text)
        path.chmod(0o755)

    def run(self, answer=None, assume_yes="no", what='ensure_packages "$packages_to_build"', **environment):
        """Runs ensure_packages; with an answer, on a terminal where that is typed. Sets code, output and log."""
        script = f'. "{LIB}"; assume_yes={assume_yes}; {what}'
        variables = {"PATH": str(self.folder / "bin"), "MACHINE": str(self.folder), **environment}
        command = [str(self.folder / "bin" / "bash"), "-euo", "pipefail", "-c", script]
        if answer is None:
            done = subprocess.run(command, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True)
            self.code, self.output = done.returncode, done.stdout + done.stderr
        else:
            self.code, self.output = run_on_terminal(command, variables, answer)
        log = self.folder / "log"
        self.log = log.read_text().splitlines() if log.exists() else []
        shutil.rmtree(self.folder)
        return self


def run_on_terminal(command, variables, answer):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, env=variables, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.write(ours, answer.encode())
    output = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # the other side is closed
            break
        if not part:
            break
        output += part
    os.close(ours)
    return process.wait(), output.decode()


class Packages(unittest.TestCase):
    def test_nothing_missing_calls_nothing_and_says_nothing(self):
        for user in ["0", "1000"]:
            machine = Machine(installed=ALL, user=user).run()
            self.assertEqual((machine.code, machine.output, machine.log), (0, "", []))

    def test_root_installs_only_what_is_missing_and_says_what(self):
        machine = Machine(installed=ALL[:-2]).run()
        self.assertEqual(machine.code, 0, machine.output)
        self.assertIn("zlib1g-dev libsqlite3-dev", machine.output)
        self.assertEqual(machine.log, ["apt-get update -q",
                                       "apt-get install -q -y --no-install-recommends zlib1g-dev libsqlite3-dev"])

    def test_a_user_installs_through_sudo(self):
        machine = Machine(installed=ALL[1:], user="1000").run()
        self.assertEqual(machine.code, 0, machine.output)
        self.assertEqual(machine.log, ["sudo", "apt-get update -q",
                                       "sudo", "apt-get install -q -y --no-install-recommends g++"])

    def test_yes_on_a_terminal_installs(self):
        for answer in ["y\n", "\n", "Yes\n"]:
            machine = Machine(installed=ALL[1:]).run(answer=answer)
            self.assertEqual(machine.code, 0, machine.output)
            self.assertIn("[Y/n]", machine.output)
            self.assertEqual(len(machine.log), 2)

    def test_no_on_a_terminal_installs_nothing(self):
        for answer in ["n\n", "what?\n", "\x04"]:
            machine = Machine(installed=ALL[1:]).run(answer=answer)
            self.assertEqual(machine.code, 1)
            self.assertIn("nothing was installed", machine.output)
            self.assertEqual(machine.log, [])

    def test_yes_option_and_ci_do_not_ask_on_a_terminal(self):
        for options in [{"assume_yes": "yes"}, {"CI": "true"}]:
            machine = Machine(installed=ALL[1:]).run(answer="n\n", **options)
            self.assertEqual(machine.code, 0, machine.output)
            self.assertNotIn("[Y/n]", machine.output)
            self.assertEqual(len(machine.log), 2)

    def test_without_apt_the_missing_packages_are_named(self):
        machine = Machine(installed=ALL[:3], apt=False).run()
        self.assertEqual(machine.code, 1)
        for word in ["no apt-get", "libsystemc-dev", "libfmt-dev"]:
            self.assertIn(word, machine.output)

    def test_a_user_without_sudo_is_told_what_root_must_install(self):
        machine = Machine(installed=ALL[:-1], user="1000", sudo=False).run()
        self.assertEqual(machine.code, 1)
        self.assertIn("apt-get install libsqlite3-dev", machine.output)
        self.assertEqual(machine.log, [])

    def test_neither_apt_nor_sudo(self):
        machine = Machine(user="1000", apt=False, sudo=False, dpkg=False).run()
        self.assertEqual(machine.code, 1)
        for package in ALL:
            self.assertIn(package, machine.output)

    def test_what_is_there_without_dpkg_is_not_missing(self):
        machine = Machine(user="1000", apt=False, sudo=False, dpkg=False)
        for tool in ["g++", "cmake", "ninja", "pkg-config"]:
            machine.command(tool, "#!/bin/bash\nexit 0\n")
        machine.run()
        self.assertEqual((machine.code, machine.output), (0, ""))

    def test_a_library_under_usr_local_is_not_installed_again(self):
        machine = Machine(installed=[p for p in ALL if p != "libsystemc-dev"])
        machine.command("pkg-config", '#!/bin/bash\n[[ $* == "--exists systemc" ]]\n')
        machine.run()
        self.assertEqual((machine.code, machine.output, machine.log), (0, "", []))

    def test_a_probe_does_not_depend_on_how_fast_the_compiler_ends(self):
        machine = Machine()
        machine.command("g++", "#!/bin/bash\nexec <&-\n")
        machine.run(what="for i in {1..50}; do is_present header:any.h; done")
        self.assertEqual(machine.code, 0)

    def test_a_failed_installation_is_an_error(self):
        machine = Machine(installed=ALL[1:]).run(INSTALL_FAILS="100")
        self.assertEqual(machine.code, 1)
        self.assertIn("could not install: g++", machine.output)

    def test_a_failed_update_still_tries_to_install(self):
        machine = Machine(installed=ALL[1:]).run(UPDATE_FAILS="100")
        self.assertEqual(machine.code, 0, machine.output)
        self.assertEqual(len(machine.log), 2)


if __name__ == "__main__":
    unittest.main()
