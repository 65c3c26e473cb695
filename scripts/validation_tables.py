#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Regenerates the measured sections of VALIDATION.md and docs/gpt_family.svg by running lnsim.

usage: validation_tables.py LNSIM [--check]

A section stands between `<!-- begin: NAME -->` and `<!-- end: NAME -->`; all other text is written by hand.
--check: exit 1 if the file is not what the program gives. Standard library only, deterministic.
"""
import argparse
import csv
import json
import math
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import directions  # noqa: E402
import fit_primitives  # noqa: E402
import study_tables  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
TECHNOLOGY = ROOT / "configs" / "technology"
DOCUMENT = ROOT / "VALIDATION.md"
PLOT = ROOT / "docs" / "gpt_family.svg"
PROGRAM = None


def lnsim(*arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"lnsim {' '.join(map(str, arguments))}: {done.stderr}")
    return json.loads(done.stdout)


def percent(x):
    return f"{100 * x:+.1f} %"


def digits(x):
    return f"{x:#.3g}".rstrip(".")


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


# --- composed units against synthesised ones --------------------------------------------------------------------------


def unit_json(row):
    """The dot_product object of a synthesised unit."""
    p = row["params"]
    unit = {"vector_size": row["V"], "sign_split": bool(p.get("PN"))}
    if "XB" in p:
        entries = 8 if "CF" in p else 1 << p["B"]
        unit["format"] = {"type": "lns", "bits": 8, "gamma": 8, "zero": "min_code"}
        unit["conversion"] = {"structure": "per_element" if "CF" in p else "bin_trees", "lut_entries": entries,
                              "fraction_bits": 8}
        unit["accumulator"] = {"type": "fixed", "bits": 24, "guard": 3, "rounding": "floor"}
        return unit
    unit["format"] = row["format"]
    if "WIN" in p:
        unit["window"] = p["WIN"]
        unit["accumulator"] = {"type": "float", "exponent": p["AE"], "mantissa": p["AM"]}
    else:
        unit["accumulator"] = {"type": "fixed", "bits": p["A"]}
        if "HEAD" in p:
            unit["accumulator"].update(guard=p["HEAD"], rounding="floor")
        if "N" in p:
            del unit["sign_split"]
    return unit


class Pricer:
    """explain --unit under a technology file."""

    def __init__(self, technology, folder):
        self.technology, self.folder = technology, Path(folder)

    def __call__(self, row):
        file = self.folder / "unit.json"
        file.write_text(json.dumps(unit_json(row)))
        return lnsim("explain", "--unit", file, "--technology", self.technology, "--format", "json")


def composition(data, folder):
    price = Pricer(TECHNOLOGY / "45nm.json", folder)
    rows, errors, energy = [], {k: [] for k in ("energy", "area", "leakage")}, {}
    for row in data["datapaths"]:
        ours = price(row)
        pairs = {"energy": (ours["energy_fj_per_mac"], row["energy_fj_per_mac"]),
                 "area": (ours["area_um2_per_mac"], row["area_um2_per_mac"]),
                 "leakage": (ours["leakage_nw_per_mac"], row["leakage_nw_per_mac"])}
        energy[row["name"], row["V"]] = pairs["energy"]
        for key, (a, b) in pairs.items():
            errors[key].append(abs(a / b - 1))
        rows.append([f"`{row['name']}`", str(row["V"]), digits(row["energy_fj_per_mac"]),
                     *(percent(a / b - 1) for a, b in pairs.values())])
    text = table(["unit", "V", "synthesised, fJ/MAC", "energy", "area", "leakage"], rows)
    summary = "; ".join(f"{key}: median {100 * statistics.median(e):.1f} %, largest {100 * max(e):.1f} %"
                        for key, e in errors.items())
    ratios = []
    for (name, v), (ours, theirs) in energy.items():
        base = "lns8_g8_lut1_pn" if name.endswith("_pn") else "lns8_g8_lut1"
        if name.startswith("lns") or (base, v) not in energy:
            continue
        error = (ours / energy[base, v][0]) / (theirs / energy[base, v][1]) - 1
        ratios.append(abs(error))
    return (f"{text}\n\nDeviation of the composed unit from the synthesised one. {summary}. Energy of each other format over `lns8_g8_lut1` "
            f"of the same vector size and sign splitting: {len(ratios)} ratios, off by {100 * statistics.median(ratios):.1f} % in the median and "
            f"{100 * max(ratios):.1f} % at most.")


def left_out(data, folder):
    """Refits the primitives without a group of units and prices that group."""
    folder = Path(folder)
    groups = {f"format {f}": [r for r in data["datapaths"] if r["format"] == f]
              for f in sorted({r["format"] for r in data["datapaths"]}) if not f.startswith("lns")}
    groups |= {f"V = {v}": [r for r in data["datapaths"] if r["V"] == v] for v in sorted({r["V"] for r in data["datapaths"]})}
    (folder / "data").mkdir()
    sram = Path("data") / "sram_cacti_45nm.csv"
    (folder / sram).write_text((TECHNOLOGY / sram).read_text())
    (folder / "45nm.json").write_text((TECHNOLOGY / "45nm.json").read_text())
    rows = []
    for name, group in groups.items():
        kept = [r for r in data["datapaths"] if r not in group]
        primitives = fit_primitives.build({**data, "datapaths": kept})
        (folder / "data" / "primitives_45nm.json").write_text(json.dumps(primitives))
        price = Pricer(folder / "45nm.json", folder)
        errors = [abs(price(r)["energy_fj_per_mac"] / r["energy_fj_per_mac"] - 1) for r in group]
        rows.append([name, str(len(group)), f"{100 * statistics.median(errors):.1f} %", f"{100 * max(errors):.1f} %"])
    return table(["left out", "units", "median", "largest"], rows)


# --- conversion tables ------------------------------------------------------------------------------------------------


def conversion_error(entries, gamma=8, fraction=8):
    """(largest, rms) relative error of 2^(r / gamma) by a table of `entries` and a linear remainder."""
    step = gamma // entries
    errors = []
    for r in range(gamma):
        constant = math.floor(2 ** (r // step / entries + fraction) + 0.5) / 2**fraction
        errors.append(constant * (1 + r % step / gamma) / 2 ** (r / gamma) - 1)
    return max(map(abs, errors)), math.sqrt(sum(e * e for e in errors) / gamma)


def luts(folder):
    rows = []
    for entries in (1, 2, 4, 8):
        cells = [str(entries), *(f"{100 * e:.2f} %" for e in conversion_error(entries))]
        for structure in ("per_element", "bin_trees"):
            for split in (False, True):
                file = Path(folder) / "unit.json"
                file.write_text(json.dumps({
                    "vector_size": 32, "sign_split": split, "format": {"type": "lns", "bits": 8, "gamma": 8},
                    "conversion": {"structure": structure, "lut_entries": entries, "fraction_bits": 8},
                    "accumulator": {"type": "fixed", "bits": 24, "guard": 6, "rounding": "floor"}}))
                price = lnsim("explain", "--unit", file, "--technology", "45nm", "--format", "json")
                cells.append(f"{price['energy_fj_per_mac']:.0f} / {price['area_um2_per_mac']:.0f}")
        rows.append(cells)
    return table(["entries", "largest error", "rms error", "per element", "per element, split", "bin trees",
                  "bin trees, split"], rows)


# --- the papers -------------------------------------------------------------------------------------------------------

NETWORKS = {"resnet18": "ResNet-18", "resnet50": "ResNet-50", "bert_base_seq384": "BERT-Base", "bert_large_seq384": "BERT-Large"}
PUBLISHED_MJ = {"lns8": (0.54, 0.99, 7.99, 27.85), "fp8": (1.22, 2.25, 18.23, 63.58),
                "fp16": (2.50, 4.59, 37.21, 129.74), "fp32": (5.99, 11.03, 89.35, 311.58)}


def compare(workload, schemes, technology, *more):
    reports = lnsim("compare", "--workload", workload, "--scheme", ",".join(schemes), "--technology", technology,
                    "--allow-oversubscription", "--format", "json", *more)["reports"]
    return {scheme: report["totals"] for scheme, report in zip(schemes, reports)}


def iteration():
    rows, verdicts = [], []
    for technology in ("16nm_stillmaker", "7nm_stillmaker", "7nm_op_tables", "7nm_tpuv4i"):
        for i, (workload, name) in enumerate(NETWORKS.items()):
            totals = compare(workload, list(PUBLISHED_MJ), technology, "--batch", 1)
            mj = {s: totals[s]["energy_by_scope_j"]["pe"] * 1e3 for s in PUBLISHED_MJ}
            saved32, saved8 = 1 - mj["lns8"] / mj["fp32"], 1 - mj["lns8"] / mj["fp8"]
            rows.append([technology, name,
                         *(f"{digits(mj[s])} ({PUBLISHED_MJ[s][i]}, {percent(mj[s] / PUBLISHED_MJ[s][i] - 1)})" for s in PUBLISHED_MJ),
                         f"{100 * saved32:.0f} % {'PASS' if saved32 > 0.9 else 'FAIL'}",
                         f"{100 * saved8:.0f} % {'PASS' if saved8 >= 0.55 else 'FAIL'}"])
            verdicts.append((saved32 > 0.9, saved8 >= 0.55))
    passed = [sum(v[k] for v in verdicts) for k in (0, 1)]
    return table(["technology", "network", *(f"{s}, mJ" for s in PUBLISHED_MJ), "saved against FP32 (> 90 %)",
                  "against FP8 (55 %)"], rows) + (
        f"\n\n{passed[0]} of {len(verdicts)} rows pass against FP32, {passed[1]} against FP8.")


def version_2021():
    rows = []
    for technology in ("45nm", "7nm_stillmaker", "7nm_tpuv4i"):
        totals = compare("bert_large_seq384", ["lns8_g5", "fp32"], technology, "--batch", 1)
        part = lambda scope: (totals["fp32"]["energy_by_scope_j"][scope] / totals["lns8_g5"]["energy_by_scope_j"][scope])
        totals50 = compare("resnet50", ["lns8_g5", "fp32"], technology, "--batch", 32, "--run", "imagenet_90")
        scope = lambda name: 1 - (totals50["lns8_g5"]["energy_by_scope_j"][name] / totals50["fp32"]["energy_by_scope_j"][name])
        run = {s: totals50[s]["run"]["operational_g"] for s in totals50}
        rows.append([technology, f"{part('datapath'):.1f}x", f"{part('pe'):.1f}x", f"{100 * scope('pe'):.0f} %",
                     f"{100 * (1 - run['lns8_g5'] / run['fp32']):.0f} %",
                     f"{run['lns8_g5'] / 1e3:.3g} of {run['fp32'] / 1e3:.3g}"])
    return table(["technology", "BERT-Large, datapath, FP32 / LNS", "the same, PE", "ResNet-50, saved in the PE",
                  "ResNet-50, run, carbon saved (chip + DRAM)", "kg CO2e of the run, LNS of FP32"], rows)


GPT = ["gpt_1b7", "gpt_3b6", "gpt_7b5", "gpt_18b", "gpt_39b", "gpt_76b", "gpt_146b", "gpt_310b", "gpt_530b", "gpt_1t"]
GPT_SCHEMES = ["lns8", "fp8", "fp16", "fp32"]


def gpt():
    rows, points = [], []
    for workload in GPT:
        totals = compare(workload, GPT_SCHEMES, "7nm_stillmaker", "--batch", 1)
        pe = [totals[s]["energy_by_scope_j"]["pe"] for s in GPT_SCHEMES]
        everything = [totals[s]["energy_j"] for s in GPT_SCHEMES]
        parameters = totals["lns8"]["parameters"]
        rows.append([f"`{workload}`", f"{parameters / 1e9:.1f}", *map(digits, pe), *map(digits, everything)])
        points.append((parameters, pe))
    PLOT.parent.mkdir(exist_ok=True)
    text = table(["workload", "parameters, 1e9", *(f"{s}, PE, J" for s in GPT_SCHEMES),
                  *(f"{s}, chip + DRAM, J" for s in GPT_SCHEMES)], rows)
    return text, plot(points)


def plot(points):
    """Energy in the PE over parameters, both logarithmic, as an SVG without any script or font of its own."""
    width, height, left, bottom, top, right = 720, 440, 70, 50, 40, 90
    x0, x1 = math.log10(1e9), math.log10(2e12)
    values = [e for _, pe in points for e in pe]
    y0, y1 = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    x = lambda p: left + (math.log10(p) - x0) / (x1 - x0) * (width - left - right)
    y = lambda e: height - bottom - (math.log10(e) - y0) / (y1 - y0) * (height - top - bottom)
    colours = ["#0072B2", "#009E73", "#E69F00", "#D55E00"]
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
           f'<rect width="{width}" height="{height}" fill="#fff"/>',
           f'<text x="{left}" y="20" font-size="14">GPT models: energy of a training iteration of one sequence in the PE, 7nm_stillmaker</text>',
           f'<text x="{left}" y="35" fill="#555">per-chip ideal: no communication between chips</text>']
    for decade in range(y0, y1 + 1):
        out.append(f'<path d="M{left} {y(10.0**decade):.1f}H{width - right}" stroke="#ddd"/>'
                   f'<text x="{left - 8}" y="{y(10.0**decade) + 4:.1f}" text-anchor="end">{10.0**decade:g} J</text>')
    for p, name in ((1e9, "1 B"), (1e10, "10 B"), (1e11, "100 B"), (1e12, "1 T")):
        out.append(f'<text x="{x(p):.1f}" y="{height - bottom + 20}" text-anchor="middle">{name}</text>')
    out.append(f'<text x="{(left + width - right) / 2}" y="{height - 10}" text-anchor="middle">parameters</text>')
    for i, scheme in enumerate(GPT_SCHEMES):
        line = " ".join(f"{x(p):.1f},{y(pe[i]):.1f}" for p, pe in points)
        out.append(f'<polyline points="{line}" fill="none" stroke="{colours[i]}" stroke-width="2"/>')
        out += [f'<circle cx="{x(p):.1f}" cy="{y(pe[i]):.1f}" r="3" fill="{colours[i]}"/>' for p, pe in points]
        out.append(f'<text x="{width - right + 8}" y="{y(points[-1][1][i]) + 4:.1f}" fill="{colours[i]}">{scheme}</text>')
    return "\n".join(out) + "\n</svg>\n"


# --- a topology of SCALE-Sim ------------------------------------------------------------------------------------------


def scale_sim():
    """ResNet-50 as SCALE-Sim's users write it: its closed form for an output-stationary array beside the machine."""
    topology = ROOT / "workloads" / "topologies" / "resnet50_v1.csv"
    lines = list(csv.reader(topology.read_text().splitlines()[1:]))
    shapes = {}
    for name, *numbers, _ in lines:
        h, w, r, s, c, k, stride = map(int, numbers)
        m = math.ceil((h - r + stride) / stride) * math.ceil((w - s + stride) / stride)
        shapes[name] = (m, k, r * s * c)
    with tempfile.TemporaryDirectory() as folder:
        workload = Path(folder) / "resnet50_v1.json"
        subprocess.run([PROGRAM, "import", topology, "--out", workload], check=True, capture_output=True)
        trace = lnsim("simulate", "--workload", workload, "--passes", "forward", "--format", "json", "--quiet")
    machine = {layer["name"]: layer for layer in trace["layers"]}
    side = 32
    rows, total = [], [0] * 5
    stages = [("Conv1", ["Conv1"]), *((f"stage {i}", [n for n in shapes if n[2] == str(i) and n != "Conv1"]) for i in range(2, 6)),
              ("FC6", ["FC6"])]
    for title, names in stages:
        macs = sum(m * n * k for m, n, k in (shapes[name] for name in names))
        systolic = sum(math.ceil(m / side) * math.ceil(n / side) * (k + 2 * side - 2) - 1 for m, n, k in (shapes[name] for name in names))
        if macs != sum(machine[name]["macs"] for name in names):
            raise SystemExit(f"{title}: other MACs than SCALE-Sim counts")
        compute = sum(machine[name]["bounds_cycles"]["compute"] for name in names)
        cycles = sum(machine[name]["cycles"] for name in names)
        ideal = macs // side**2
        total = [a + b for a, b in zip(total, (macs, ideal, systolic, compute, cycles))]
        rows.append([title, f"{macs:,}", f"{ideal:,}", f"{systolic:,}", f"{compute:,}", percent(compute / systolic - 1), f"{cycles:,}"])
    macs, ideal, systolic, compute, cycles = total
    rows.append(["all", f"{macs:,}", f"{ideal:,}", f"{systolic:,}", f"{compute:,}", percent(compute / systolic - 1), f"{cycles:,}"])
    return table(["layers", "MACs", "MACs / 1024", "SCALE-Sim's closed form", "lanes busy", "difference", "cycles of the pass"], rows)


# --- directions -------------------------------------------------------------------------------------------------------


def changes():
    """Every row of directions.json: least change and what the model gives."""
    rows = []
    for row in directions.TABLE["rows"]:
        pair = directions.measure(PROGRAM, row)
        cells = [f"{directions.change_percent(pair, q):+.1f} % ({directions.claim_text(row[q])})" for q in directions.QUANTITIES]
        rows.append([row["change"], *cells, row["why"]])
    return table(["change", "energy (at least)", "area (at least)", "why"], rows)


def sections():
    data = json.loads((TECHNOLOGY / "data" / "gate_level_45nm.json").read_text())
    with tempfile.TemporaryDirectory() as folder:
        result = {"composition": composition(data, folder), "left out": left_out(data, folder), "luts": luts(folder)}
    result["iteration"] = iteration()
    result["2021"] = version_2021()
    result["gpt"], svg = gpt()
    result["directions"] = changes()
    result["scale-sim"] = scale_sim()
    result["training"] = study_tables.markdown(*study_tables.load())
    return result, svg


def filled(text, parts):
    for name, body in parts.items():
        begin, end = f"<!-- begin: {name} -->\n", f"<!-- end: {name} -->"
        if begin not in text or end not in text:
            raise SystemExit(f"VALIDATION.md has no section {name}")
        head, rest = text.split(begin, 1)
        text = head + begin + body + "\n" + end + rest.split(end, 1)[1]
    return text


def main():
    global PROGRAM
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    PROGRAM = args.program
    parts, svg = sections()
    old = DOCUMENT.read_text()
    new = filled(old, parts)
    if args.check:
        if new != old or PLOT.read_text() != svg:
            print("VALIDATION.md or docs/gpt_family.svg is not what the program gives: run scripts/validate", file=sys.stderr)
            return 1
        return 0
    DOCUMENT.write_text(new)
    PLOT.write_text(svg)
    return 0


if __name__ == "__main__":
    sys.exit(main())
