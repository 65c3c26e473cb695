#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden requests and results of block-scaled formats (docs/block_formats.md): rationals only, no use of the library.

Usage: python3 generate_block.py (writes block.json beside itself).
"""
import json
import math
import random
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import generate
import generate_float
from generate_float import FloatAcc, decode, encode, float_group, floor_log2, pow2, rhe

ELEMENTS = {"mxfp8_e4m3": "fp8_e4m3", "mxfp8_e5m2": "fp8_e5m2", "mxfp6_e2m3": "fp6_e2m3", "mxfp6_e3m2": "fp6_e3m2",
            "mxfp4_e2m1": "fp4_e2m1", "mxint8": "int8", "nvfp4": "fp4_e2m1"}
# Exponents of the largest numbers, as table of OCP MX 1.0 gives them.
EMAX = {"mxfp8_e4m3": 8, "mxfp8_e5m2": 15, "mxfp6_e2m3": 2, "mxfp6_e3m2": 4, "mxfp4_e2m1": 2, "mxint8": 0}


def block_of(name):
    return 16 if name == "nvfp4" else 32


def scale_value(name, code):
    if isinstance(name, dict):
        return pow2(-code)
    return decode("fp8_e4m3", code) if name == "nvfp4" else pow2(code - 127)


def element_value(name, code):
    if name == "mxint8":
        return Fraction(code - 256 if code > 127 else code, 64)
    return decode(ELEMENTS[name], code)


def to_float32(x):
    import struct
    return struct.unpack("<f", struct.pack("<f", x))[0]


def tensor_scale_of(name, xs):
    largest = max(abs(x) for x in xs)
    if isinstance(name, dict):
        return largest or 1.0
    return (to_float32(largest / (448.0 * 6.0)) or 1.0) if name == "nvfp4" else 1.0


def quantize(name, xs, t):
    scales, codes, values = [], [], []
    for first in range(0, len(xs), block_of(name)):
        block = xs[first:first + block_of(name)]
        m = max(abs(x) for x in block)
        if name == "nvfp4":
            scale = encode("fp8_e4m3", m / 6.0 / t)[0]
        else:
            scale = 0 if m == 0 else min(max(floor_log2(Fraction(m)) - EMAX[name] + 127, 0), 254)
        at = Fraction(t) * scale_value(name, scale)
        scales.append(scale)
        for x in block:
            if name == "mxint8":
                integer = min(max(rhe(Fraction(x) * 64 / at), -127), 127)
                code = integer % 256
            elif at == 0:
                code = 0
            else:
                code = encode(ELEMENTS[name], x / float(at))[0]
            codes.append(code)
            values.append(float(at * element_value(name, code)))
    return scales, codes, values


def dot(name_a, name_b, V, W, acc, a, sa, b, sb):
    model = FloatAcc(acc["exponent"], acc["mantissa"], acc["rounding"], acc["bias"])
    saturations = 0
    for first in range(0, len(a), V):
        x, y = a[first:first + V], b[first:first + V]
        if name_a == "mxint8":
            total = sum(element_value(name_a, p) * element_value(name_b, q) for p, q in zip(x, y))
        else:
            total = float_group(ELEMENTS[name_a], ELEMENTS[name_b], x, y, W)
        total *= scale_value(name_a, sa[first // block_of(name_a)]) * scale_value(name_b, sb[first // block_of(name_b)])
        saturations += model.add(total)
    return model.value, saturations


def lns_quantize(fmt, lns, xs, t):
    """None where a value is near a tie."""
    scales, codes = [], []
    most = 2 ** fmt["offset_bits"] - 1
    for first in range(0, len(xs), 32):
        block = xs[first:first + 32]
        m = max(abs(x) for x in block)
        offset = most if m == 0 else min(max(floor_log2(Fraction(t / m)), 0), most)
        scales.append(offset)
        for x in block:
            if x == 0:
                codes.append(0)
                continue
            log = fmt["gamma"] * (math.log2(abs(x)) - math.log2(t) + offset)
            if abs(abs(log - round(log)) - 0.5) < 1e-4:
                return None
            e = min(round(log) + lns, lns)
            codes.append(0 if e < 1 else (e | (2 ** (fmt["bits"] - 1) if x < 0 else 0)))
    return scales, codes


def lns_dot(fmt, spec, a, sa, b, sb):
    """As generate.lns_dot, a group at a time with the rounding moved by the offsets."""
    V, L, C, A, G, rounding, F, structure = spec
    gamma, top = fmt["gamma"], 2 ** (fmt["bits"] - 1) - 1
    log = gamma.bit_length() - 1
    W = 2 * top // gamma + 1
    lam = W + G - (A - 1)
    consts = generate.lut(L, C)
    extra = C if structure == "per_element" else 0
    D = 0 if F is None else max(0, lam + log + extra - F)
    acc = saturations = 0
    for first in range(0, len(a), V):
        bins = [0] * L
        for p, q in zip(a[first:first + V], b[first:first + V]):
            ea, eb = p & top, q & top
            if ea == 0 or eb == 0:
                continue
            quotient, rest = divmod(ea + eb, gamma)
            i, tail = divmod(rest, gamma // L)
            m = (gamma + tail) * 2 ** quotient
            if structure == "per_element":
                m *= consts[i]
            m //= 2 ** D
            bins[i] += -m if (p > top) != (q > top) else m
        T = sum(bins) if structure == "per_element" else sum(s * c for s, c in zip(bins, consts))
        exact = Fraction(T) / pow2(lam + log + C - D + sa[first // 32] + sb[first // 32])
        total = acc + (math.floor(exact) if rounding == "floor" else rhe(exact))
        acc = generate.clamp(total, A)
        saturations += acc != total
    return acc, saturations


def numbers(rng, count):
    spread = rng.choice([2, 8, 20, 60])
    xs = []
    level = 0
    for i in range(count):
        if i % 16 == 0:
            level = rng.randint(-spread, spread)
        x = rng.uniform(-1, 1) * 2.0 ** (level + rng.randint(-4, 0))
        xs.append(0.0 if rng.random() < 0.05 else x)
    if rng.random() < 0.2:
        xs[:32] = [0.0] * min(32, count)
    return xs


def random_accumulator(rng):
    e, m = rng.choice([(8, 23), (8, 23), (8, 10), (5, 10), (8, 4)])
    return {"type": "float", "exponent": e, "mantissa": m, "rounding": rng.choice(["rhe", "zero"]),
            "bias": 2 ** (e - 1) - 1}


def main():
    rng = random.Random(20231)
    requests, results = [], []

    def add(request, result):
        requests.append(request)
        results.append(result)

    for name in ELEMENTS:
        for _ in range(12):
            xs = numbers(rng, rng.choice([1, 5, 16, 31, 32, 33, 64, 70]))
            t = tensor_scale_of(name, xs)
            scales, codes, values = quantize(name, xs, t)
            add({"op": "quantize_block", "format": name, "x": xs},
                {"tensor_scale": t, "scales": scales, "codes": codes, "values": values})
            add({"op": "decode_block", "format": name, "codes": codes, "scales": scales, "tensor_scale": t},
                {"values": values})
    pairs = [(a, a) for a in ELEMENTS] + [("mxfp8_e4m3", "mxfp4_e2m1"), ("mxfp6_e2m3", "mxfp8_e5m2")]
    for a, b in pairs:
        for _ in range(14):
            count = rng.choice([1, 5, 16, 33, 64, 90])
            V = rng.choice([v for v in (1, 4, 8, 16, 32) if block_of(a) % v == 0])
            W = None if a == "mxint8" else rng.choice([24, 24, 8, 12, 30])
            acc = random_accumulator(rng)
            xs, ys = numbers(rng, count), numbers(rng, count)
            qa, qb = quantize(a, xs, tensor_scale_of(a, xs)), quantize(b, ys, tensor_scale_of(b, ys))
            value, saturations = dot(a, b, V, W, acc, qa[1], qa[0], qb[1], qb[0])
            request = {"op": "dot_block", "format_a": a, "format_b": b, "V": V, "accumulator": acc, "a": qa[1],
                       "scales_a": qa[0], "b": qb[1], "scales_b": qb[0]}
            if W is not None:
                request["W"] = W
            add(request, {"acc": float(value), "saturations": saturations, "value": float(value)})
    done = 0
    while done < 50:
        bits = rng.choice([4, 5, 6, 6, 8])
        gamma = rng.choice([g for g in (1, 2, 4, 8) if g <= 2 ** (bits - 1)])
        fmt = {"type": "block_lns", "bits": bits, "gamma": gamma, "offset_bits": rng.choice([2, 4, 8])}
        top = 2 ** (bits - 1) - 1
        count = rng.choice([1, 16, 33, 64])
        xs, ys = numbers(rng, count), numbers(rng, count)
        ta, tb = tensor_scale_of(fmt, xs), tensor_scale_of(fmt, ys)
        qa, qb = lns_quantize(fmt, top, xs, ta), lns_quantize(fmt, top, ys, tb)
        if qa is None or qb is None:
            continue
        L = 2 ** rng.randrange(gamma.bit_length())
        spec = (rng.choice([1, 8, 16, 32]), L, rng.choice([4, 8]), rng.choice([16, 24, 32]), rng.choice([1, 3, 6]),
                rng.choice(["floor", "rhe"]), rng.choice([None, 0, 2]), rng.choice(["bin_trees", "per_element"]))
        plain = SimpleNamespace(gamma=gamma, top=top)
        width, shift = generate.tree_width(plain, plain, spec)
        if width > 63 or width - min(shift, 0) > 63:
            continue
        acc, saturations = lns_dot(fmt, spec, qa[1], qa[0], qb[1], qb[0])
        request = {"op": "dot_block", "format": fmt, "V": spec[0], "L": L, "C": spec[2], "F": spec[6], "structure": spec[7],
                   "accumulator": {"type": "fixed", "bits": spec[3], "guard": spec[4], "rounding": spec[5]},
                   "a": qa[1], "scales_a": qa[0], "b": qb[1], "scales_b": qb[0]}
        add(request, {"acc": acc, "saturations": saturations})
        add({"op": "quantize_block", "format": fmt, "x": xs, "tensor_scale": ta}, {"scales": qa[0], "codes": qa[1]})
        done += 1
    document = {"requests": requests, "results": results}
    (Path(__file__).parent / "block.json").write_text(json.dumps(document, separators=(",", ":")).replace('},{"op"', '},\n{"op"') + "\n")


if __name__ == "__main__":
    main()
