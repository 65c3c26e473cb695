# SPDX-License-Identifier: Apache-2.0
"""The HTML report: what `lnsim report` refuses, and the page in headless Chromium (skipped where there is none)."""

import html.parser
import json
import re
import shutil
import subprocess
import tempfile
import unittest

from program import DONE, ROOT, ProgramTest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NO_NETWORK = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
              "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND"]
SECTIONS = ["overview", "energy", "layers", "stalls", "roofline", "memory", "carbon", "configuration"]


class Page(html.parser.HTMLParser):
    """Of a page's DOM: the tags, the numbers that name their place in the JSON, and the marks of each chart."""

    def __init__(self, dom):
        super().__init__()
        self.tags, self.ids, self.root = [], [], {}
        self.shown = {}    # (report, pointer) -> [(data-value, text), ...]
        self.marks = {}    # section -> [marks of each chart]
        self.section, self.chart_depth, self.depth = None, None, 0
        self.open_number = None
        self.feed(dom)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append((tag, attributes))
        if tag == "html":
            self.root = attributes
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "section":
            self.section = attributes["id"]
        if tag == "div" and attributes.get("class") == "chart":
            self.marks.setdefault(self.section, []).append(0)
        if tag == "path" and self.section in self.marks:
            self.marks[self.section][-1] += 1
        if "data-pointer" in attributes:
            key = (int(attributes["data-report"]), attributes["data-pointer"])
            self.open_number = [key, attributes["data-value"], ""]

    def handle_data(self, data):
        if self.open_number:
            self.open_number[2] += data

    def handle_endtag(self, tag):
        if self.open_number and tag in ("td", "div"):
            key, value, text = self.open_number
            self.shown.setdefault(key, []).append((value, text))
            self.open_number = None


def at(json_value, pointer):
    for key in pointer.split("/")[1:]:
        if isinstance(json_value, list):
            json_value = json_value[int(key)]
        else:
            json_value = json_value.get(key) if json_value is not None else None
    return json_value


PREFIXES = {"f": 1e-15, "p": 1e-12, "n": 1e-9, "µ": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15,
            "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40}


def number_of(text):
    """The value that a reader takes from "1.514 mJ", "12,345", "82.5 %", "7.1 GiB", "1.2 t"."""
    found = re.fullmatch(r"([-0-9.,]+(?:e[+-]?[0-9]+)?)(?: ?(.*))?", text)
    value, unit = float(found[1].replace(",", "")), found[2] or ""
    if unit == "%":
        return value / 100
    if unit == "t":
        return value * 1e6
    if unit in ("kWh", "mm²"):
        return value
    for prefix in ("Ki", "Mi", "Gi", "Ti"):
        if unit.startswith(prefix):
            return value * PREFIXES[prefix]
    return value * PREFIXES[unit[0]] if len(unit) > 1 else value


class Refused(ProgramTest):
    def test_another_kind_of_file_is_named(self):
        self.write("other.json", '{"schema": "lnsim.scheme/1"}')
        message = self.refused("report", "other.json")
        self.assertIn("other.json: /schema: \"lnsim.scheme/1\"", message)
        self.assertIn("lnsim.comparison/1", message)

    def test_a_report_without_what_the_page_shows_is_refused_with_its_pointer(self):
        self.assertEqual(self.run_program("simulate", "--workload", "lenet", "--out", "out", "--quiet").returncode, DONE)
        report = json.loads((self.folder / "out" / "report.json").read_text())
        for pointer, value, place in (("/totals/cycles", None, "/totals/cycles"), ("/totals/energy_j", "x", "/totals/energy_j"),
                                      ("/layers/1/stalls", [], "/layers/1/stalls"),
                                      ("/layers/0/energy_j/lanes", "<b>", "/layers/0/energy_j/lanes"),
                                      ("/scheme", 3, "/scheme")):
            broken = json.loads(json.dumps(report))
            parent, key = pointer.rsplit("/", 1)
            holder = at(broken, parent)
            if value is None:
                del holder[key]
            else:
                holder[key] = value
            self.write("broken.json", json.dumps(broken))
            with self.subTest(pointer):
                self.assertIn("broken.json: " + place, self.refused("report", "broken.json"))

    def test_one_file_is_wanted(self):
        self.assertIn("one report.json", self.refused("report"))
        self.assertIn("one report.json", self.refused("report", "a.json", "b.json"))

    def test_a_stored_report_gives_the_page_that_simulate_wrote(self):
        self.run_program("simulate", "--workload", "lenet", "--out", "out", "--quiet")
        done = self.run_program("report", "out/report.json", "--out", "page.html")
        self.assertEqual((done.returncode, done.stdout), (DONE, ""), done.stderr)
        self.assertEqual((self.folder / "page.html").read_bytes(), (self.folder / "out" / "report.html").read_bytes())

    def test_the_page_loads_nothing(self):
        self.run_program("simulate", "--workload", "lenet", "--out", "out", "--quiet")
        page = (self.folder / "out" / "report.html").read_text()
        self.assertIn("default-src 'none'", page)
        head = page[:page.index("<style>")]
        self.assertNotRegex(head, r"(?:src|href)=")
        self.assertNotRegex(page, r"<(?:script|img|link|iframe)[^>]*\s(?:src|href)=")


@unittest.skipIf(CHROMIUM is None, "no Chromium")
class InChromium(ProgramTest):
    def render(self, page, probe="", options=()):
        """The DOM of a page after its scripts, and then `probe`, ran; no console message may appear."""
        text = (self.folder / page).read_text()
        reporting = ("<script>document.documentElement.setAttribute('data-requests',"
                     "performance.getEntriesByType('resource').length)</script>")
        end = text.rindex("</body>")
        probed = text[:end] + f"<script>{probe}</script>" + reporting + text[end:]
        self.write("probed.html", probed)
        with tempfile.TemporaryDirectory() as profile:
            done = subprocess.run([CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", *NO_NETWORK,
                                   f"--user-data-dir={profile}", "--enable-logging=stderr", "--window-size=1200,900",
                                   *options, "--dump-dom", f"file://{self.folder}/probed.html"],
                                  capture_output=True, encoding="utf-8", errors="replace", timeout=120)
        console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        return Page(done.stdout), console

    def compared(self, *more):
        done = self.run_program("compare", "--workload", "lenet", "--scheme", "lns8,fp8,fp32", "--out", "out", "--quiet", *more)
        self.assertEqual(done.returncode, DONE, done.stderr)
        return json.loads((self.folder / "out" / "comparison.json").read_text())["reports"]

    def check_numbers(self, page, reports):
        self.assertGreater(len(page.shown), 20)
        for (index, pointer), seen in page.shown.items():
            expected = at(reports[index], pointer)
            for value, text in seen:
                with self.subTest(f"{index} {pointer}"):
                    if expected is None:
                        self.assertIn(value, ("null", "undefined"))
                        continue
                    self.assertEqual(int(value) if isinstance(expected, int) else float(value), expected)
                    self.assertAlmostEqual(number_of(text), expected, delta=6e-4 * abs(expected) + 5e-4 * ("%" in text))

    def test_a_comparison_shows_every_section_with_marks_and_the_numbers_of_the_json(self):
        reports = self.compared()
        page, console = self.render("out/report.html")
        self.assertEqual(console, [])
        self.assertEqual(page.root.get("data-ready"), "yes")
        self.assertEqual(page.root.get("data-requests"), "0")
        self.assertEqual([i for i in page.ids if i in SECTIONS], SECTIONS)
        for section, least in (("overview", 3), ("energy", 9), ("layers", 20), ("stalls", 6), ("roofline", 9),
                               ("memory", 9), ("carbon", 6)):
            for marks in page.marks[section]:
                self.assertGreaterEqual(marks, least, section)
        self.check_numbers(page, reports)

    def test_a_single_report_shows_the_numbers_of_the_json(self):
        self.run_program("simulate", "--workload", "lenet", "--out", "out", "--quiet")
        report = json.loads((self.folder / "out" / "report.json").read_text())
        page, console = self.render("out/report.html")
        self.assertEqual((console, page.root.get("data-ready")), ([], "yes"))
        self.check_numbers(page, [report])

    def test_a_training_shows_its_sections_with_marks_and_the_numbers_of_the_json(self):
        done = self.run_program("train", "--dataset", "synthetic", "--scheme", "lns8,fp8,fp32", "--epochs", "2", "--out",
                                "out", "--quiet")
        self.assertEqual(done.returncode, DONE, done.stderr)
        training = json.loads((self.folder / "out" / "training.json").read_text())
        page, console = self.render("out/report.html")
        self.assertEqual((console, page.root.get("data-ready"), page.root.get("data-requests")), ([], "yes", "0"))
        sections = ["accuracy", "curves", "arithmetic", "configuration"]
        self.assertEqual([i for i in page.ids if i in sections], sections)
        for section, least in (("accuracy", 3), ("curves", 6)):
            for marks in page.marks[section]:
                self.assertGreaterEqual(marks, least, section)
        self.assertEqual(len(page.shown), 3 * 6)
        for (index, pointer), seen in page.shown.items():
            expected = at(training["schemes"][index], pointer)
            for value, text in seen:
                with self.subTest(f"{index} {pointer}"):
                    self.assertEqual(float(value), expected)
                    self.assertAlmostEqual(number_of(text), expected, delta=6e-4 * abs(expected) + 5e-4 * ("%" in text))

    def test_accumulators_show_their_charts(self):
        for more in ((), ("--scheme", "lns8", "--operand-trials", "32"), ("--scheme", "fp8", "--operand-trials", "32")):
            done = self.run_program("accum", "--workload", "lenet", "--out", "out", *more)
            self.assertEqual(done.returncode, DONE, done.stderr)
            page, console = self.render("out/report.html")
            self.assertEqual((console, page.root.get("data-ready"), page.root.get("data-requests")), ([], "yes", "0"))
            for section, least in (("gemms", 10), ("knees", 4)):
                for marks in page.marks[section]:
                    self.assertGreaterEqual(marks, least, section)

    def swept(self, text="lns8"):
        """A page of 12 designs, two of which fail; `text` is the name of a scheme."""
        scheme = json.loads((ROOT / "configs" / "schemes" / "lns8.json").read_text())
        self.write("s.json", json.dumps({**scheme, "name": text}))
        spec = {"schema": "lnsim.sweep/1", "name": text, "base": {"workload": "lenet"},
                "axes": [{"name": "lanes", "at": "/accelerator/pe/lanes", "values": [8, 16, 32]},
                         {"name": "batch", "at": "/batch", "values": [4, 8]},
                         {"name": "scheme", "at": "/scheme", "values": ["./s.json", text + "nosuch"]}]}
        self.write("spec.json", json.dumps(spec))
        done = self.run_program("sweep", "./spec.json", "--store", "s.sqlite", "--out", "out", "--quiet")
        self.assertEqual(done.returncode, DONE, done.stderr)
        return json.loads((self.folder / "out" / "sweep.json").read_text())

    def test_a_sweep_shows_its_sections_and_a_click_shows_a_design(self):
        results = self.swept()
        point = results["designs"][-1]
        probe = ("const set = (name, value) => { const s = document.querySelector(`#scatter select[name=${name}]`);"
                 " s.value = [...s.options].find(o => o.textContent === value).value; s.dispatchEvent(new Event('change')); };"
                 "set('across', 'lanes'); set('up', 'area_mm2'); set('colour', 'scheme');"
                 "const paths = [...document.querySelectorAll('#scatter svg path')];"
                 "document.documentElement.setAttribute('data-points', paths.length);"
                 f"lnsim.sweep_choose(lnsim.view.sweep.designs.find(d => d[0] === {point['number']}));"
                 "document.documentElement.setAttribute('data-front', lnsim.sweep_front(lnsim.sweep_column('seconds'),"
                 " lnsim.sweep_column('energy_j')).map(d => d[0]).join(' '));"
                 "document.documentElement.setAttribute('data-chosen', document.querySelector('#chosen').textContent);")
        page, console = self.render("out/report.html", probe)
        self.assertEqual((console, page.root.get("data-ready"), page.root.get("data-requests")), ([], "yes", "0"))
        sections = ["scatter", "parallel", "sensitivity", "table"]
        self.assertEqual([i for i in page.ids if i in sections], sections)
        for section, least in (("scatter", 6), ("parallel", 6), ("sensitivity", 30)):
            for marks in page.marks[section]:
                self.assertGreaterEqual(marks, least, section)
        self.assertGreaterEqual(int(page.root["data-points"]), 6)
        self.assertEqual(page.root["data-front"], " ".join(map(str, results["pareto"]["designs"])))
        self.assertIn(f"Design {point['number']}", page.root["data-chosen"])
        self.assertIn(f"--design {point['number']}", page.root["data-chosen"])
        self.assertIn("area_mm2", page.root["data-chosen"])

    def test_a_click_on_a_point_shows_its_design(self):
        results = self.swept()
        probe = ("const figure = document.querySelector('#scatter .chart');"
                 "const chart = document.querySelector('#scatter figure').chart;"
                 "const series = chart.getOption().series[0].data[0];"
                 "const [x, y] = chart.convertToPixel({seriesIndex: 0}, series.value);"
                 "const box = figure.getBoundingClientRect();"
                 "const target = figure.querySelector('svg').parentNode;"
                 "for (const kind of ['mousemove', 'mousedown', 'mouseup', 'click']) target.dispatchEvent(new MouseEvent(kind,"
                 " {bubbles: true, clientX: box.left + x, clientY: box.top + y, view: window}));"
                 "document.documentElement.setAttribute('data-chosen', document.querySelector('#chosen h3')?.textContent ?? 'none');")
        page, console = self.render("out/report.html", probe)
        self.assertEqual(console, [])
        self.assertIn(page.root["data-chosen"], {f"Design {d['number']}" for d in results["designs"]})

    def test_names_of_a_sweep_are_text_and_never_markup(self):
        attack = "<img src=x onerror=\"document.documentElement.setAttribute('data-owned','2')\">"
        self.swept(attack)
        hover = ("for (const path of document.querySelectorAll('svg path')) for (const kind of ['mousemove', 'mouseover'])"
                 " path.dispatchEvent(new MouseEvent(kind, {bubbles: true, clientX: 200, clientY: 200}));"
                 "lnsim.sweep_choose(lnsim.view.sweep.designs[0]);")
        page, console = self.render("out/report.html", hover)
        self.assertEqual((console, page.root.get("data-ready")), ([], "yes"))
        self.assertNotIn("data-owned", page.root)
        self.assertNotIn("img", [tag for tag, _ in page.tags])

    def test_whole_numbers_beyond_2_to_53_lose_no_digit(self):
        self.run_program("simulate", "--workload", "lenet", "--out", "out", "--quiet")
        report = json.loads((self.folder / "out" / "report.json").read_text())
        report["totals"]["cycles"] = 2**53 + 1
        report["layers"][0]["cycles"] = 2**63 + 3
        self.write("big.json", json.dumps(report))
        self.assertEqual(self.run_program("report", "big.json", "--out", "big.html").returncode, DONE)
        page, console = self.render("big.html")
        self.assertEqual(console, [])
        self.assertEqual(page.shown[(0, "/totals/cycles")], [("9007199254740993", "9,007,199,254,740,993")])
        self.assertEqual(page.shown[(0, "/layers/0/cycles")], [("9223372036854775811", "9,223,372,036,854,775,811")])

    def test_names_from_files_are_text_and_never_markup(self):
        self.run_program("simulate", "--workload", "lenet", "--out", "out", "--quiet")
        report = json.loads((self.folder / "out" / "report.json").read_text())
        attack = "</script><script>document.documentElement.setAttribute('data-owned','1')</script><img src=x onerror=\"document.documentElement.setAttribute('data-owned','2')\">"
        for key in ("workload", "scheme", "accelerator", "technology", "version"):
            report[key] = attack
        report["config"]["grid"]["name"] = attack
        for layer in report["layers"]:
            layer["name"] = layer["bound_by"] = attack
            layer["stalls"][attack] = {attack: 1}
            layer["stalls"].setdefault("lanes", {})[attack] = 5
            layer["energy_j"][attack] = 1.0
        self.write("hostile.json", json.dumps(report))
        self.assertEqual(self.run_program("report", "hostile.json", "--out", "hostile.html").returncode, DONE)
        hover = ("for (const path of document.querySelectorAll('svg path')) for (const kind of ['mousemove', 'mouseover'])"
                 " path.dispatchEvent(new MouseEvent(kind, {bubbles: true, clientX: 200, clientY: 200}));")
        page, console = self.render("hostile.html", hover)
        self.assertEqual((console, page.root.get("data-ready")), ([], "yes"))
        self.assertNotIn("data-owned", page.root)
        self.assertNotIn("img", [tag for tag, _ in page.tags])

    def test_a_head_sorts_the_layers_by_keyboard(self):
        self.compared()
        probe = ("const head = [...document.querySelectorAll('#layers th button')].find(b => b.textContent === 'cycles');"
                 "head.focus(); head.click();"
                 "const cells = [...document.querySelectorAll('#layers tbody tr')].map(r => r.children[3].dataset.value);"
                 "document.documentElement.setAttribute('data-order', cells.join(' '));"
                 "document.documentElement.setAttribute('data-focus', document.activeElement === head);"
                 "document.documentElement.setAttribute('data-sort', head.parentNode.getAttribute('aria-sort'));")
        page, console = self.render("out/report.html", probe)
        order = [int(x) for x in page.root["data-order"].split()]
        self.assertEqual(console, [])
        self.assertGreater(len(order), 5)
        self.assertEqual(order, sorted(order, reverse=True))
        self.assertEqual((page.root["data-focus"], page.root["data-sort"]), ("true", "descending"))

    def test_another_grid_changes_the_carbon_of_the_run(self):
        reports = self.compared("--grid", "USA")
        probe = ("const select = document.querySelector('#carbon select');"
                 "const option = [...select.options].find(o => o.textContent === 'Norway (NOR)');"
                 "select.value = option.value; select.dispatchEvent(new Event('change'));"
                 "const rows = [...document.querySelectorAll('#carbon tbody tr')];"
                 "document.documentElement.setAttribute('data-grams', rows.map(r => r.children[2].textContent).join('|'));")
        page, console = self.render("out/report.html", probe)
        self.assertEqual(console, [])
        norway = self.run_program("compare", "--workload", "lenet", "--scheme", "lns8,fp8,fp32", "--grid", "NOR", "--format",
                                  "json", "--quiet")
        for text, report, old in zip(page.root["data-grams"].split("|"), json.loads(norway.stdout)["reports"], reports):
            grams = report["totals"]["run"]["operational_g"]
            self.assertAlmostEqual(number_of(text), grams, delta=6e-4 * grams)
            self.assertNotAlmostEqual(old["totals"]["run"]["operational_g"], grams, delta=0.1 * grams)

    def test_a_dark_scheme_draws_charts_for_a_dark_page(self):
        self.compared()
        probe = ("document.documentElement.setAttribute('data-page', getComputedStyle(document.body).backgroundColor);"
                 "document.documentElement.setAttribute('data-text', document.querySelector('#energy svg text').getAttribute('fill'));")
        light, _ = self.render("out/report.html", probe)
        dark, _ = self.render("out/report.html", probe, ["--force-dark-mode", "--blink-settings=preferredColorScheme=0"])
        self.assertEqual((light.root["data-page"], light.root["data-text"]), ("rgb(255, 255, 255)", "#16181d"))
        self.assertEqual((dark.root["data-page"], dark.root["data-text"]), ("rgb(20, 22, 26)", "#eceef2"))


if __name__ == "__main__":
    unittest.main()
