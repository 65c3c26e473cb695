# SPDX-License-Identifier: Apache-2.0
"""The man page and the bash completion, which the program makes from its own tables of options."""

import re
import shutil
import subprocess
import unittest

from program import DONE, ProgramTest


class Pages(ProgramTest):
    def page(self, option):
        done = self.run_program("help", option)
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        return done.stdout

    def subcommands(self):
        return re.findall(r"^  ([a-z]+) ", self.run_program("--help").stdout.split("Subcommands:")[1].split("\n\n")[0], re.MULTILINE)

    def options_of(self, subcommand):
        return sorted(set(re.findall(r"^  (--[a-z-]+)", self.run_program(subcommand, "--help").stdout, re.MULTILINE)))

    def complete(self, *words):
        """What bash offers for the last word."""
        self.write("completion", self.page("--bash-completion"))
        script = '. ./completion; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lnsim; printf "%s\\n" "${COMPREPLY[@]}"'
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script, "bash", "lnsim", *words], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_the_man_page_has_every_option_of_every_subcommand(self):
        page = self.page("--man")
        self.assertGreater(len(self.subcommands()), 10)
        for subcommand in self.subcommands():
            section = page.split(f'.SS "lnsim {subcommand} ')[1].split(".SS ")[0].replace("\\-", "-")
            for option in self.options_of(subcommand):
                self.assertIn(f"\\fB{option}\\fR", section, subcommand)

    def test_the_man_page_is_sound_roff(self):
        page = self.page("--man")
        self.assertTrue(page.startswith('.\\"'))
        for line in page.splitlines():
            if line.startswith((".", "'")):
                self.assertRegex(line, r'^\.(\\"|TH |SH |SS |TP$|PP$|B |I )')
        if shutil.which("groff"):
            done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z"], input=page, capture_output=True, text=True)
            self.assertEqual(done.stderr, "")

    def test_completion_of_subcommands_options_and_values(self):
        self.assertEqual(self.complete("sim"), ["simulate"])
        self.assertEqual(set(self.complete("")), {*self.subcommands(), "help", "--help", "--version"})
        for subcommand in self.subcommands():
            self.assertEqual(sorted(self.complete(subcommand, "--")), self.options_of(subcommand))
        self.assertEqual(self.complete("simulate", "--engine", ""), ["auto", "fast", "systemc"])
        self.assertEqual(self.complete("simulate", "--mapping", ""), ["heuristic", "auto"])
        self.assertEqual(self.complete("simulate", "--workload", ""), [])
        self.assertEqual(self.complete("sweep", "x.json", "--executor", "sl"), ["slurm"])

    def test_completion_leaves_files_to_bash(self):
        self.assertEqual(self.complete("report", ""), [])
        self.assertEqual(self.complete("simulate", "--out", ""), [])
        self.assertEqual(self.complete("nosuch", ""), [])


if __name__ == "__main__":
    unittest.main()
