# SPDX-License-Identifier: Apache-2.0
"""The program as a whole: help, unknown words, exit codes, closed pipes, full disks, interrupts, locales."""

import json
import os
import signal
import subprocess
import time
import unittest

from program import BAD_INPUT, DONE, FAILED, INTERRUPTED, PROGRAM, ProgramTest

NUMERICS_FILE = json.dumps({"schema": "lnsim.numerics/1", "requests": []})


def subcommands():
    text = subprocess.run([PROGRAM, "--help"], stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout
    lines = text.split("Subcommands:\n")[1].split("\n\n")[0].splitlines()
    return [line.split()[0] for line in lines]


class Help(ProgramTest):
    def test_help_lists_subcommands_on_stdout(self):
        for words in [["--help"], ["-h"], ["help"]]:
            done = self.run_program(*words)
            self.assertEqual((done.returncode, done.stderr), (DONE, ""))
            self.assertIn("validate", done.stdout)

    def test_every_subcommand_has_help(self):
        self.assertIn("validate", subcommands())
        for name in subcommands():
            for words in [[name, "--help"], [name, "-h"], ["help", name]]:
                done = self.run_program(*words)
                self.assertEqual((done.returncode, done.stderr), (DONE, ""))
                self.assertTrue(done.stdout.startswith(f"Usage: lnsim {name} "), done.stdout)
                self.assertIn("--help", done.stdout)

    def test_version(self):
        self.assertRegex(self.run_program("--version").stdout, r"^lnsim \d+\.\d+\.\d+\nbuild: \w+, \w+ [\d.]+, \w+\nlibraries: SystemC 2\.")

    def test_no_subcommand_explains_itself_on_stderr(self):
        done = self.run_program()
        self.assertEqual((done.returncode, done.stdout), (BAD_INPUT, ""))
        self.assertIn("Usage: lnsim SUBCOMMAND", done.stderr)


class UnknownWords(ProgramTest):
    def test_unknown_subcommand_suggests_the_nearest(self):
        self.assertEqual(self.refused("valdate"), 'unknown subcommand "valdate", expected "validate"')

    def test_unknown_option_suggests_the_nearest(self):
        self.assertEqual(self.refused("validate", "--shcema", "x"),
                         'unknown option "--shcema", expected --schema')

    def test_options_cannot_be_abbreviated(self):
        self.assertIn('unknown option "--sch"', self.refused("validate", "--sch", "x"))

    def test_an_option_without_its_value(self):
        self.assertIn("--schema", self.refused("validate", "x.json", "--schema"))

    def test_an_option_given_twice(self):
        self.assertIn("--schema", self.refused("validate", "--schema", "a", "--schema", "b"))

    def test_control_characters_of_the_command_line_are_escaped(self):
        message = self.refused("valid\x1b[31m\nate")
        self.assertNotIn("\x1b", message)
        self.assertNotIn("\n", message)
        message = self.refused("validate", "no\x1b[31m\nsuch.json")
        self.assertIn("no\\x1b[31m\\nsuch.json", message)


class Output(ProgramTest):
    def test_a_closed_pipe_ends_quietly(self):
        read, write = os.pipe()
        os.close(read)
        done = self.run_program("--help", stdout=write)
        os.close(write)
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))

    def test_head_ends_quietly(self):
        self.write("many.json", NUMERICS_FILE)
        script = f'"{PROGRAM}" validate ' + "many.json " * 5000 + '| head -n 1; echo "${PIPESTATUS[0]}"'
        done = subprocess.run(["bash", "-c", script], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              encoding="utf-8")
        self.assertEqual((done.stdout, done.stderr), ("many.json: ok, lnsim.numerics/1\n0\n", ""))

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full here")
    def test_a_failed_write_to_stdout_is_a_failure(self):
        with open("/dev/full", "w") as full:
            for words in [["--help"], ["--version"], ["validate", self.write("a.json", NUMERICS_FILE)]]:
                done = self.run_program(*words, stdout=full)
                self.assertEqual(done.returncode, FAILED)
                self.assertIn("writing to stdout", done.stderr)

    def test_output_does_not_depend_on_the_locale(self):
        self.write("a.json", '{"schema": "lnsim.numerics/1", "requests": 1.5}')
        expected = None
        for locale in ["C", "C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8", "nonsense"]:
            done = self.run_program("validate", "a.json", environment={"LC_ALL": locale, "LANG": locale})
            answer = (done.returncode, done.stdout, done.stderr)
            expected = expected or answer
            self.assertEqual(answer, expected)


class Interrupts(ProgramTest):
    def start_waiting(self, *, ignore=False):
        """A program that waits: it reads a pipe into which nobody writes."""
        os.mkfifo(self.folder / "pipe.json")
        process = subprocess.Popen([PROGRAM, "validate", "pipe.json"], cwd=self.folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE,
                                   preexec_fn=lambda: ignore and signal.signal(signal.SIGINT, signal.SIG_IGN))
        self.pipe = os.open(self.folder / "pipe.json", os.O_WRONLY)  # returns once the program has opened it
        self.addCleanup(os.close, self.pipe)
        time.sleep(0.05)
        return process

    def test_ctrl_c_exits_130(self):
        process = self.start_waiting()
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.communicate(timeout=60), (b"", b""))
        self.assertEqual(process.returncode, INTERRUPTED)

    def test_an_interrupt_reaches_a_background_job_of_a_script(self):
        process = self.start_waiting(ignore=True)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, INTERRUPTED)

    def test_termination_exits_143(self):
        process = self.start_waiting()
        process.terminate()
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 143)


if __name__ == "__main__":
    unittest.main()
