# SPDX-License-Identifier: Apache-2.0
"""Bad input of every sort: exit code 2, one message with file, place, value and expectation, nothing run."""

import json
import os
import unittest

from program import DONE, ROOT, ProgramTest

MACHINE = json.loads((ROOT / "configs" / "accelerators" / "lns_madam.json").read_text())


class MalformedText(ProgramTest):
    def check(self, content, message):
        self.write("x.json", content)
        self.assertEqual(self.refused("validate", "x.json"), "x.json: " + message)

    def check_contains(self, content, *parts):
        self.write("x.json", content)
        message = self.refused("validate", "x.json")
        for part in ("x.json: line 1, column ", *parts):
            self.assertIn(part, message)

    def test_malformed_json(self):
        self.check('{\n  "schema": "lnsim.scheme/1",\n}',
                   "line 3, column 1: object key - unexpected '}', expected string literal")

    def test_truncated_json(self):
        self.check('{"schema": ', "line 1, column 12: value - unexpected end of input, "
                   "expected '[', '{', or a literal")

    def test_text_after_the_value(self):
        self.check("{}\n{}", "line 2, column 1: value - unexpected '{', expected end of input")

    def test_duplicate_key(self):
        self.check('{"schema": "a",\n "schema": "b"}',
                   'line 2, column 9: duplicate key "schema", expected each key once')

    def test_invalid_utf8(self):
        self.check_contains(b'{"name": "\xff"}', "column 11", "UTF-8")

    def test_lone_surrogate(self):
        self.check_contains('{"name": "\\ud800"}', "surrogate")

    def test_byte_order_mark(self):
        self.check(b"\xef\xbb\xbf{}", "line 1, column 1: a byte order mark, expected JSON in UTF-8 without it")

    def test_utf16(self):
        self.write("x.json", "{}".encode("utf-16"))
        self.assertIn("x.json: line 1, column ", self.refused("validate", "x.json"))

    def test_nul_byte(self):
        self.check(b"{}\0", "line 1, column 3: a NUL byte, expected JSON")

    def test_deep_nesting(self):
        for depth in [65, 1000000]:
            self.check("[" * depth, "line 1, column 65: nesting deeper than 64, "
                       "expected at most 64 levels of objects and arrays")

    def test_number_beyond_binary64(self):
        self.check('{"a": 1e400}', "line 1, column 11: '1e400', expected a number within the range of binary64")

    def test_nan(self):
        for word in ["NaN", "Infinity", "-Infinity", "nan"]:
            self.check_contains('{"a": %s}' % word, "invalid ")

    def test_control_characters_in_strings(self):
        self.check_contains(b'{"a": "\x1b[31m"}', "control character")


class Files(ProgramTest):
    def test_missing_file(self):
        self.assertEqual(self.refused("validate", "none.json"),
                         "none.json: No such file or directory, expected a JSON file")

    def test_directory(self):
        self.assertEqual(self.refused("validate", "."), ".: a directory, expected a JSON file")

    def test_empty_file(self):
        self.write("x.json", "")
        self.assertEqual(self.refused("validate", "x.json"), "x.json: an empty file, expected JSON")

    def test_blank_file(self):
        self.write("x.json", " \n\n")
        self.assertIn("unexpected end of input", self.refused("validate", "x.json"))

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_unreadable_file(self):
        self.write("x.json", "{}")
        (self.folder / "x.json").chmod(0)
        self.assertEqual(self.refused("validate", "x.json"), "x.json: Permission denied, expected a JSON file")

    def test_a_name_that_is_not_utf8_is_escaped(self):
        self.assertIn("\\xff.json: No such file", self.refused("validate", b"\xff.json"))


class Kinds(ProgramTest):
    def test_not_an_object(self):
        for text, shown in [("[]", "an empty array"), ("3", "3"), ("null", "null"), ('"x"', '"x"')]:
            self.write("x.json", text)
            self.assertEqual(self.refused("validate", "x.json"), f"x.json: {shown}, expected an object")

    def test_no_schema(self):
        self.write("x.json", "{}")
        self.assertIn('x.json: no "schema", expected one of "', self.refused("validate", "x.json"))

    def test_unknown_schema_suggests_the_nearest(self):
        self.write("x.json", '{"schema": "lnsim.schema/1"}')
        self.assertEqual(self.refused("validate", "x.json"),
                         'x.json: /schema: "lnsim.schema/1", expected "lnsim.scheme/1"')


class Fields(ProgramTest):
    """Fields of an accelerator, as an example of every described file."""

    def check(self, path, value, expected):
        """Puts the value at the path into a sound machine; `expected` is the message after file and pointer."""
        machine = json.loads(json.dumps(MACHINE))
        place = machine
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        self.write("x.json", json.dumps(machine))
        self.assertEqual(self.refused("validate", "x.json"), f"x.json: /{'/'.join(path)}: {expected}")

    def test_the_machine_without_changes_is_sound(self):
        self.write("x.json", json.dumps(MACHINE))
        done = self.run_program("validate", "x.json")
        self.assertEqual((done.returncode, done.stdout), (DONE, "x.json: ok, lnsim.accelerator/1\n"))

    def test_wrong_types(self):
        for value, shown in [("32", '"32"'), (None, "null"), (True, "true"), ([32], "an array"), ({}, "an empty object")]:
            self.check(["pe", "lanes"], value, f"{shown}, expected an integer 1..1024")
        self.check(["pe"], 3, "3, expected an object")
        self.check(["name"], 3, "3, expected a string")

    def test_an_integer_with_a_fraction(self):
        self.check(["pe", "lanes"], 1.5, "1.5, expected an integer 1..1024")

    def test_sizes_out_of_range(self):
        for value in [0, -1, 1025, 2**63, 2**64 - 1, -(2**63)]:
            self.check(["pe", "lanes"], value, f"{value}, expected 1..1024")
        self.check(["pe", "lanes"], 2**64, "18446744073709551616, expected 1..1024")
        self.check(["pe", "lanes"], 10**40, "1e+40, expected 1..1024")

    def test_unknown_key_suggests_the_nearest(self):
        self.check(["pe", "lnaes"], 32, 'unknown key, expected "lanes"')

    def test_control_characters_in_names_are_escaped(self):
        machine = dict(MACHINE)
        machine["\x1b[2J\n"] = 1
        self.write("x.json", json.dumps(machine))
        message = self.refused("validate", "x.json")
        self.assertIn("x.json: /\\x1b[2J\\n: unknown key", message)
        self.check(["dram", "model"], "\x1b[31m\u202e\x9b", '"\\u001b[31m\\u202e\\u009b", expected one of "bandwidth", "banked"')

    def test_long_values_are_cut(self):
        self.check(["dram", "model"], "x" * 100000, '"' + "x" * 59 + '..., expected one of "bandwidth", "banked"')

    def test_every_problem_of_a_file_is_reported(self):
        machine = json.loads(json.dumps(MACHINE))
        machine["pe"]["lanes"] = 0
        machine["queue_depth"] = "four"
        machine["colour"] = "red"
        self.write("x.json", json.dumps(machine))
        pointers = [line.split(": ")[1] for line in self.refused("validate", "x.json").splitlines()]
        self.assertEqual(pointers, ["/pe/lanes", "/queue_depth", "/colour"])

    def test_one_bad_file_does_not_hide_the_others(self):
        self.write("good.json", json.dumps(MACHINE))
        self.write("bad.json", "{")
        done = self.run_program("validate", "bad.json", "good.json")
        self.assertEqual(done.returncode, 2)
        self.assertIn("bad.json: line 1", done.stderr)
        self.assertEqual(done.stdout, "good.json: ok, lnsim.accelerator/1\n")


if __name__ == "__main__":
    unittest.main()
