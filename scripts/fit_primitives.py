#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Regenerates configs/technology/data/primitives_45nm.json from the gate-level data beside it.

usage: fit_primitives.py [--data gate_level_45nm.json] [--out primitives_45nm.json] [--check]

Two kinds of numbers come out. `primitives`: energy per operation, area, leakage and delay over width; measured points
as they are, and a few primitives that were not synthesised alone (a full-adder bit of a tree, a conditional inversion,
a bit of a constant table, a full-adder bit of a constant multiplier), derived here. `factors`: dimensionless rules of
composition (glitches and sparse data), each one number for all formats, vector sizes and accumulators.
--check: compare with the file instead of writing; exit 1 if they differ. Standard library only, deterministic.
"""
import argparse
import json
import math
import statistics
import sys
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "configs" / "technology" / "data"
YEAR = 2026  # of the gate-level data file
KEYS = ("energy_fj", "area_um2", "leakage_nw", "delay_ns")

# name here: (name in the data, law beyond the measured widths)
MEASURED = {
    "adder": ("add_fast", "linear"),
    "multiplier_unsigned": ("mul_unsigned", "quadratic"),
    "multiplier_signed": ("mul_signed", "quadratic"),
    "shifter": ("shift_right", "linear_log"),
    "mux": ("mux2", "linear"),
    "max": ("max2", "linear"),
    "leading_zero_counter": ("lzc", "linear"),
    "decoder": ("onehot_decode", "linear"),
    "register": ("register", "linear"),
}


def law(name, width):
    return {"linear": width, "quadratic": width * width, "linear_log": width * math.log2(max(width, 2))}[name]


class Table:
    """One primitive over width: log-log interpolation between points, the law beyond them."""

    def __init__(self, growth, points):
        self.growth, self.points = growth, points

    def delay(self, width):
        """Nanoseconds: linear between measured widths, as the logarithm of the width beyond them."""
        points = self.points
        if width <= points[0]["width"]:
            return points[0]["delay_ns"]
        for low, high in zip(points, points[1:]):
            if width <= high["width"]:
                x = (width - low["width"]) / (high["width"] - low["width"])
                return low["delay_ns"] + (high["delay_ns"] - low["delay_ns"]) * x
        return points[-1]["delay_ns"] * math.log(width) / math.log(points[-1]["width"])

    def at(self, width, key):
        points = self.points
        if width <= 0:
            return 0.0
        for edge in (points[0], points[-1]):
            if (edge is points[0] and width <= edge["width"]) or (edge is points[-1] and width >= edge["width"]):
                return edge[key] * law(self.growth, width) / law(self.growth, edge["width"])
        for low, high in zip(points, points[1:]):
            if low["width"] <= width <= high["width"]:
                x = math.log(width / low["width"]) / math.log(high["width"] / low["width"])
                return low[key] * (high[key] / low[key]) ** x
        raise ValueError(width)


def levels(inputs):
    """(adders, level) of a tree that halves its inputs; an odd one passes through."""
    result, level = [], 0
    while inputs > 1:
        level += 1
        result.append((inputs // 2, level))
        inputs -= inputs // 2
    return result


def tree_bits(inputs, width):
    """Full-adder bits of a tree whose sums grow by a bit per level."""
    return sum(adders * (width + level) for adders, level in levels(inputs))


def occupied(p):
    """Share of cycles in which a signal that is zero with probability 1 - p changes, relative to p = 1."""
    return 2 * p - p * p


def active_bits(inputs, width, p, decay):
    """tree_bits, each adder weighted by how often its result changes and by the glitches that reach its level."""
    return sum(adders * (width + level) * occupied(1 - (1 - p) ** (2**level)) * decay ** (level - 1)
               for adders, level in levels(inputs))


def clog2(x):
    return max(0, math.ceil(math.log2(x)))


class Unit:
    """The widths of one synthesised datapath."""

    def __init__(self, row):
        p = row["params"]
        self.row, self.name, self.v = row, row["name"], row["V"]
        self.split = bool(p.get("PN"))
        self.integer, self.lns = "N" in p, "XB" in p
        self.fixed = "A" in p
        self.bins = 1 << p.get("B", 0)
        self.table = "CF" in p
        self.window = None if self.integer else p["WIN"] if "WIN" in p else p["A"] - 1 - p["HEAD"]
        if self.integer:
            self.significand = 2 * p["N"]
        elif not self.lns:
            self.significand = min(2 * (p["M"] + 1), self.window)
        else:  # 9-bit table entry; one-hot; 1 + t/gamma in four bits
            self.significand = 9 if self.table else 1 if self.bins > 1 else 4
        self.p = p

    def energy(self, stage):
        return self.row["breakdown"].get(stage, 0.0)

    def held(self, stage):
        return self.row["breakdown_weight_held_16"].get(stage, 0.0)

    def area(self, stage):
        return self.row["area_breakdown"].get(stage, 0.0)

    def tag(self):
        return f"{self.name} V{self.v}"


def measured_tables(data):
    tables = {}
    for name, (source, growth) in MEASURED.items():
        points = sorted(({"width": p["width"], **{k: p[k] for k in KEYS}} for p in data["primitives"]
                         if p["name"] == source), key=lambda p: p["width"])
        tables[name] = Table(growth, points)
    idle = [{"width": p["width"], "energy_fj": p["energy_fj_idle_data"], "area_um2": 0.0, "leakage_nw": 0.0,
             "delay_ns": 0.0} for p in data["primitives"] if p["name"] == "register"]
    tables["register_idle"] = Table("linear", idle)
    return tables


def per_bit(energy, area, leakage):
    return Table("linear", [{"width": 1, "energy_fj": energy, "area_um2": area, "leakage_nw": leakage,
                             "delay_ns": 0.0}])


def constant_terms():
    """Signed digits of the eight constants round(2^(i/8) * 256) in canonical form."""
    total = 0
    for i in range(8):
        c = math.floor(2 ** (i / 8 + 8) + 0.5)
        while c:
            if c & 1:
                c -= 2 - (c & 3)
                total += 1
            c >>= 1
    return total


def constant_bits(unit, fraction=3):
    """Full-adder bits per unit of the constant multiplies of all bins and their sum: a carry-save row per digit."""
    return (constant_terms() - 1) * (unit.window + 1 + clog2(unit.v) + fraction)


def derived_tables(data, units, tables):
    trees = [(p, 8 if p["name"] == "addtree8" else 16) for p in data["primitives"] if p["name"].startswith("addtree")]
    median = statistics.median
    bit = {k: median(p[k] / tree_bits(n, p["width"]) for p, n in trees) for k in KEYS[:3]}
    tables["tree_bit"] = per_bit(bit["energy_fj"], bit["area_um2"], bit["leakage_nw"])
    density = median(tables["mux"].at(w, "leakage_nw") / tables["mux"].at(w, "area_um2") for w in (8, 16, 32))

    by_tag = {u.tag(): u for u in units}
    pairs = [(u, by_tag[u.name + f"_pn V{u.v}"]) for u in units if u.name + f"_pn V{u.v}" in by_tag]
    invert_e = median((s.energy("shift_align") - p.energy("shift_align")) / s.window for s, p in pairs)
    invert_a = median((s.area("shift_align") - p.area("shift_align")) / s.window for s, p in pairs)
    tables["inverter"] = per_bit(invert_e, invert_a, invert_a * density)
    tables["and"] = per_bit(0.5 * tables["mux"].at(8, "energy_fj") / 8, 1.064, 1.064 * density)

    wide = [u for u in units if u.bins > 1]
    const_a = median(u.area("lut_conversion") * u.v / constant_bits(u) for u in wide)
    const_e = median(u.energy("lut_conversion") * u.v / constant_bits(u) / bin_occupancy(u) for u in wide)
    tables["constant_bit"] = per_bit(const_e, const_a, const_a * density)


def bin_occupancy(unit):
    return occupied(1 - (1 - 1 / unit.bins) ** unit.v)


def table_bit(units, tables, factors):
    """A bit of a constant table (entries x bits), from the units that have one: what their shifters do not explain."""
    rows = [u for u in units if u.table]
    bits = 8 * 8
    energy = statistics.median((u.energy("shift_align") - shift_energy(u, tables)) / bits for u in rows)
    area = statistics.median((u.area("shift_align") - shift_area(u, tables, factors)) / bits for u in rows)
    mux = tables["mux"]
    density = mux.at(8, "leakage_nw") / mux.at(8, "area_um2")
    tables["table_bit"] = per_bit(energy, area, area * density)


def inversion(unit, tables, key):
    return 0.0 if unit.split else tables["inverter"].at(unit.window, key)


def shift_energy(unit, tables):
    w = unit.window
    if unit.significand == 1:
        return tables["decoder"].at(w, "energy_fj") + inversion(unit, tables, "energy_fj")
    return unit.significand / w * tables["shifter"].at(w, "energy_fj") + inversion(unit, tables, "energy_fj")


def shift_area(unit, tables, factors):
    share = min(1.0, factors["shift_area_base"] + factors["shift_area_slope"] * unit.significand / unit.window)
    return share * tables["shifter"].at(unit.window, "area_um2") + inversion(unit, tables, "area_um2")


def multiply(unit, tables, key):
    if unit.integer:
        return tables["multiplier_signed"].at(unit.p["N"], key)
    if unit.lns:
        return tables["adder"].at(unit.p["XB"], key)
    return tables["multiplier_unsigned"].at(unit.p["M"] + 1, key) + tables["adder"].at(unit.p["E"], key)


def exponent_max(unit, tables, key):
    bits = unit.p["E"] + 1
    return tables["max"].at(bits, key) * (unit.v - 1) / unit.v + tables["adder"].at(bits, key)


def float_accumulate(unit, tables, key):
    e, m = unit.p["AE"], unit.p["AM"]
    w = max(unit.window + clog2(unit.v), m + 1)
    t = tables
    return (3 * t["shifter"].at(w, key) + 2 * t["leading_zero_counter"].at(w, key) + t["adder"].at(w, key)
            + t["adder"].at(m + 1, key) + 3 * t["adder"].at(e + 1, key) + 2 * t["mux"].at(w, key)) / unit.v


def pipeline_bits(unit):
    """(per element, per unit) bits of the pipeline registers."""
    p, grow = unit.p, clog2(unit.v)
    if unit.integer:
        return unit.significand, unit.significand + grow
    if unit.lns:
        sums = unit.window + 1 + grow
        return p["XB"] + 2, sums * unit.bins + (p["A"] if unit.bins > 1 else 0)
    if unit.fixed:
        return unit.significand + 1 + p["E"] + 1, unit.window + 1 + grow
    element = 2 * (unit.significand + 1) + p["E"] + 1 + clog2(unit.window) + 1
    return element, unit.window + 1 + grow + p["AE"] + 1


def tree_energy(unit, tables, f):
    bit, v, w, s = tables["tree_bit"].at(1, "energy_fj"), unit.v, unit.window, unit.significand
    gates = 2 * tables["and"].at(w, "energy_fj")
    if not unit.split:
        glitch = f["tree_signed_base"] + f["tree_signed_slope"] * s / w
        energy = bit * active_bits(v, w + 1, 1 / unit.bins, f["tree_level_decay"]) * glitch * unit.bins / v
        return energy + (gates if unit.bins > 1 else 0)
    energy = 2 * unit.bins * bit * active_bits(v, s + 1, 0.5 / unit.bins, f["tree_level_decay"]) / v
    subtract = tables["adder"].at(w + 1 + clog2(v), "energy_fj") * unit.bins * bin_occupancy(unit) / v
    return energy * f["tree_split"] + gates + subtract


def descend(error, start, steps=400):
    """Pattern search over multiplicative steps: deterministic, no derivatives."""
    best, cost, size = dict(start), error(start), 0.2
    for _ in range(steps):
        improved = False
        for key in start:
            for factor in (1 + size, 1 / (1 + size)):
                trial = {**best, key: best[key] * factor}
                value = error(trial)
                if value < cost:
                    best, cost, improved = trial, value, True
        if not improved:
            size /= 2
            if size < 1e-4:
                break
    return best


def least_squares_line(points):
    n = len(points)
    mx, my = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    slope = sum((x - mx) * (y - my) for x, y in points) / sum((x - mx) ** 2 for x, _ in points)
    return my - slope * mx, slope


def fit_factors(units, tables):
    median, f, about = statistics.median, {}, {}

    def put(name, value, text):
        f[name], about[name] = value, text

    floats = [u for u in units if not u.fixed]
    aligned = [u for u in units if not u.integer]
    put("multiply_activity", median(u.energy("multiply_or_exponent_add") / multiply(u, tables, "energy_fj")
                                    for u in units),
        "energy of the multiply stage over the same multiplier and exponent adder on random data")
    put("exponent_max_activity", median(u.energy("exponent_max") / exponent_max(u, tables, "energy_fj")
                                        for u in floats),
        "glitches of a chain of comparators and the subtractors behind it")
    put("float_accumulate_activity", median(u.energy("accumulate") / float_accumulate(u, tables, "energy_fj")
                                            for u in floats), "glitches of the pipelined floating-point accumulator")
    put("float_accumulate_area", median(u.area("accumulate") / float_accumulate(u, tables, "area_um2")
                                        for u in floats), "control and exceptions of the floating-point accumulator")
    put("pipeline_register_activity", median(
        u.energy("registers_pipeline") / tables["register"].at(8, "energy_fj") * 8
        / (pipeline_bits(u)[0] + pipeline_bits(u)[1] / u.v) for u in units), "glitches at the data pins")
    put("integer_tree_activity", median(u.energy("adder_tree") / tables["tree_bit"].at(1, "energy_fj") * u.v
                                        / tree_bits(u.v, u.significand) for u in units if u.integer),
        "tree of two's complement products over the random-data tree")

    shares = [(u.significand / u.window, (u.area("shift_align") - inversion(u, tables, "area_um2"))
               / tables["shifter"].at(u.window, "area_um2")) for u in aligned if u.significand > 1 and not u.table]
    base, slope = least_squares_line(shares)
    put("shift_area_base", base, "area share of a shifter of few significant bits (line over bits / window)")
    put("shift_area_slope", slope, "slope of the same line")
    table_bit(units, tables, f)
    fit_trees(aligned, tables, put)
    signed = [u for u in aligned if not u.split and u.bins == 1]
    put("tree_signed_area", median(u.area("adder_tree") * u.v / tables["tree_bit"].at(1, "area_um2")
                                   / tree_bits(u.v, u.window + 1) for u in signed),
        "carries that complete the two's complement of inverted inputs")
    for stage, name in (("multiply_or_exponent_add", "multiply"), ("exponent_max", "exponent_max"),
                        ("shift_align", "shift"), ("adder_tree", "tree"), ("registers_pipeline", "pipeline_register")):
        put(f"held16_{name}", median(u.held(stage) / u.energy(stage) for u in units if u.energy(stage) > 0),
            "energy with operand A held for 16 cycles over energy with a new one every cycle")
    fit_delays(units, tables, put)
    return f, about


def fit_trees(aligned, tables, put):
    start = {"tree_signed_base": 1.3, "tree_signed_slope": 0.6, "tree_split": 1.7, "tree_level_decay": 0.8}

    def error(trial):
        return sum(math.log(tree_energy(u, tables, trial) / u.energy("adder_tree")) ** 2 for u in aligned)

    best = descend(error, start)
    put("tree_signed_base", best["tree_signed_base"],
        "tree of inverted magnitudes over the random-data tree, without significant bits (sign extension, glitches)")
    put("tree_signed_slope", best["tree_signed_slope"], "the same, per share of significant bits in the window")
    put("tree_split", best["tree_split"], "trees of positive and of negative magnitudes over random data of "
        "significand + 1 bits")
    put("tree_level_decay", best["tree_level_decay"], "glitches that pass from one level of a tree to the next")


def delay_terms(unit, tables):
    """Stage -> (known delay, [(factor, delay that it multiplies)]), in ns: energy/components/delays.cpp."""
    t, grow = tables, clog2(unit.v)
    register = t["register"].delay(8)
    sums = (unit.significand if unit.integer else unit.window + 1) + grow
    if unit.integer:
        multiply, align = t["multiplier_signed"].delay(unit.p["N"]), 0.0
    elif unit.lns:
        multiply = t["adder"].delay(unit.p["XB"])
        align = t["decoder" if unit.significand == 1 else "shifter"].delay(unit.window)
    else:
        multiply, align = t["multiplier_unsigned"].delay(unit.p["M"] + 1), t["shifter"].delay(unit.window)
    tree = [("delay_tree_level", grow * t["adder"].delay(4)), ("delay_tree_adder", t["adder"].delay(sums))]
    if unit.split:
        tree.append(("delay_tree_split", t["adder"].delay(sums)))
    stages = {"mul": (register + multiply, []), "tree": (register + align, tree)}
    if unit.fixed or unit.integer:
        stages["acc"] = (register, [("delay_fixed_accumulate", t["adder"].delay(unit.p["A"]))])
    else:
        w = max(unit.window + grow, unit.p["AM"] + 1)
        loop = t["shifter"].delay(w) + t["leading_zero_counter"].delay(w) + t["adder"].delay(w)
        stages["acc"] = (register, [("delay_float_accumulate", loop)])
        bits = unit.p["E"] + 1
        stages["max"] = (register + t["adder"].delay(bits), [("delay_max_level", grow * t["max"].delay(bits))])
    if unit.bins > 1:
        stages["conv"] = (register, [("delay_conversion", t["adder"].delay(unit.p["A"]))])
    return stages


def fit_delays(units, tables, put):
    names = {"delay_tree_level": "a level of an adder tree, over the delay of a 4-bit adder",
             "delay_tree_adder": "the last adder of a tree, whose low bits arrive early, over a lone one of its width",
             "delay_tree_split": "the subtraction behind split trees, over a lone adder of its width",
             "delay_fixed_accumulate": "fixed-point accumulation with its clamp, over an adder of its width",
             "delay_float_accumulate": "the slowest of three stages of a floating-point accumulation, over a shifter, a "
                                       "leading-zero counter and an adder of its width",
             "delay_max_level": "a level of the exponent maximum, over a lone comparison",
             "delay_conversion": "the constant multiplies of all bins and their sum, over an adder of the accumulator"}

    def error(f):
        total = 0.0
        for unit in units:
            for stage, (known, terms) in delay_terms(unit, tables).items():
                predicted = known + sum(f[name] * delay for name, delay in terms)
                total += math.log(predicted / unit.row["stage_delay_ns"][stage]) ** 2
        return total

    best = descend(error, {name: 0.6 for name in names})
    for name, text in names.items():
        put(name, best[name], "delay: " + text)


def rounded(value):
    return float(f"{value:.5g}")


SOURCES = {
    "register_idle": "register, energy with constant data (clock pin only); area and leakage are in `register`",
    "tree_bit": "median of addtree8 and addtree16 over full-adder bits, glitches included",
    "inverter": "median difference between signed and sign-split alignment stages, per window bit",
    "and": "energy: half a mux bit (derived); area: AND2_X1 of the library",
    "table_bit": "constant table, per entry and bit: alignment stage of the units with a table less their shifter",
    "constant_bit": "carry-save bit of a multiply by a constant in canonical signed digits, from the conversion stages",
}


def build(data):
    units = [Unit(row) for row in data["datapaths"]]
    tables = measured_tables(data)
    derived_tables(data, units, tables)
    factors, about = fit_factors(units, tables)
    origin = "gate_level_45nm.json"
    primitives = []
    for name, table in tables.items():
        source = SOURCES.get(name, f"{origin}: {MEASURED[name][0]}" if name in MEASURED else "")
        points = [{k: (v if k == "width" else rounded(v)) for k, v in p.items()} for p in table.points]
        primitives.append({"name": name, "growth": table.growth, "year": YEAR,
                           "kind": "measured" if name in MEASURED or name == "register_idle" else "derived",
                           "source": source if source.startswith(origin) else f"{origin}: {source}", "points": points})
    return {
        "schema": "lnsim.primitives/1",
        "description": "Energy per operation, area, leakage and delay of logic primitives over width. Generated by "
                       "scripts/fit_primitives.py; do not edit.",
        "node_nm": data["node_nm"], "voltage_v": data["voltage"], "temperature_c": data["temperature"],
        "units": {"energy": "fJ", "area": "um2", "leakage": "nW", "delay": "ns", "width": "bit"},
        "source": f"{data['library']}; {data['method']}",
        "primitives": primitives,
        "factors": [{"name": n, "value": rounded(v), "unit": "1", "year": YEAR,
                     "source": f"{origin} datapaths: {about[n]}"} for n, v in factors.items()],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA / "gate_level_45nm.json")
    parser.add_argument("--out", type=Path, default=DATA / "primitives_45nm.json")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    text = json.dumps(build(json.loads(args.data.read_text())), indent=1) + "\n"
    if args.check:
        return 0 if args.out.read_text() == text else 1
    args.out.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
