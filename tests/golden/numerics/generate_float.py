#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden vectors of the floating-point formats, accumulators and dot products: rationals only, no use of the library.

Usage: python3 generate_float.py (writes float_encode.csv, float_accumulate.csv and float_dot.csv beside itself).
Values are integers; a rational of the form k * 2^q is written as k:q with k odd or zero.
"""
import random
import struct
from fractions import Fraction
from math import floor, isinf
from pathlib import Path

VERSION = 1
# name: exponent bits, mantissa bits, bias, largest finite code, usual scale is a power of two
FORMATS = {
    "fp8_e4m3": (4, 3, 7, 0x7E, True),
    "fp8_e5m2": (5, 2, 15, 0x7B, True),
    "fp6_e2m3": (2, 3, 1, 0x1F, True),
    "fp6_e3m2": (3, 2, 3, 0x1F, True),
    "fp4_e2m1": (2, 1, 1, 0x7, True),
    "fp16": (5, 10, 15, 0x7BFF, False),
    "bf16": (8, 7, 127, 0x7F7F, False),
    "tf32": (8, 10, 127, 0x3FBFF, False),
    "fp32": (8, 23, 127, 0x7F7FFFFF, False),
}


def pow2(k):
    return Fraction(2) ** k


def floor_log2(x):
    """floor(log2 x) of a positive rational."""
    k = x.numerator.bit_length() - x.denominator.bit_length()
    return k if pow2(k) <= x else k - 1


def rhe(x):
    """Nearest integer, ties to even."""
    return round(x)  # Python rounds a Fraction half to even


def fields(name, code):
    e, m, _, _, _ = FORMATS[name]
    field = (code >> m) & ((1 << e) - 1)
    fraction = code & ((1 << m) - 1)
    sign = -1 if code >> (e + m) else 1
    return sign, max(field, 1), fraction + (1 << m if field else 0)


def decode(name, code):
    _, m, bias, _, _ = FORMATS[name]
    sign, f, n = fields(name, code)
    return sign * n * pow2(f - bias - m)


def encode(name, y):
    """Code and clipping of a binary64 y, infinities included."""
    e, m, bias, largest, _ = FORMATS[name]
    negative = struct.unpack("<Q", struct.pack("<d", y))[0] >> 63
    magnitude, clipped = 0, False
    if y != 0:
        exact = pow2(2000) if isinf(y) else abs(Fraction(y))
        g = max(floor_log2(exact), 1 - bias)
        code = rhe(exact * pow2(m - g)) + ((g + bias - 1) << m)
        magnitude, clipped = min(code, largest), code > largest
    return (negative << (e + m)) | magnitude, clipped


def usual_scale(name, largest_x):
    largest_code, power_of_two = FORMATS[name][3:]
    if not power_of_two or largest_x == 0:
        return 1.0
    ratio = Fraction(largest_x) / decode(name, largest_code)
    k = floor_log2(ratio)
    return float(pow2(k if pow2(k) == ratio else k + 1))


class FloatAcc:
    def __init__(self, e, m, rounding, bias):
        self.m, self.rounding = m, rounding
        self.bias = (1 << (e - 1)) - 1 if bias is None else bias
        self.largest = (2 - pow2(-m)) * pow2((1 << e) - 2 - self.bias)
        self.value = Fraction(0)

    def add(self, x):
        """Returns 1 if the update saturated."""
        total = self.value + x
        if total == 0:
            self.value = total
            return 0
        g = max(floor_log2(abs(total)), 1 - self.bias)
        place = pow2(g - self.m)
        k = abs(total) / place
        magnitude = (rhe(k) if self.rounding == "rhe" else floor(k)) * place
        saturated = magnitude > self.largest
        magnitude = min(magnitude, self.largest)
        self.value = magnitude if total > 0 else -magnitude
        return int(saturated)


class FixedAcc:
    def __init__(self, bits, lam):
        self.bits, self.place = bits, pow2(lam)
        self.value = Fraction(0)

    def add(self, x):
        total = self.value + x
        high = (1 << (self.bits - 1)) - 1
        self.value = min(max(total, (-high - 1) * self.place), high * self.place)
        return int(self.value != total)


def default_window(fa, fb, e, m):
    if "fp32" in (fa, fb):
        return 28
    return 16 if (e, m) == (5, 10) else 24


def float_group(fa, fb, a, b, window):
    ma, mb = FORMATS[fa][1], FORMATS[fb][1]
    bias = FORMATS[fa][2] + FORMATS[fb][2]
    pw = ma + mb + 2
    products = []
    for x, y in zip(a, b):
        sx, ex, nx = fields(fa, x)
        sy, ey, ny = fields(fb, y)
        products.append((sx * sy, ex + ey, nx * ny))
    e_max = max(e for _, e, _ in products)
    total = sum(s * floor(p * pow2(window - pw - (e_max - e))) for s, e, p in products)
    return total * pow2(e_max - bias + 2 - window)


def fixed_group(fa, fb, a, b, lam, fraction, rounding):
    total = 0
    for x, y in zip(a, b):
        product = decode(fa, x) * decode(fb, y)
        magnitude = floor(abs(product) / pow2(lam - fraction))
        total += magnitude if product > 0 else -magnitude
    scaled = total / pow2(fraction)
    return (floor(scaled) if rounding == "floor" else rhe(scaled)) * pow2(lam)


def grid_of(fa, fb, bits, guard, tree):
    """lam and F of a fixed accumulator."""
    bias = FORMATS[fa][2] + FORMATS[fb][2]
    field = (FORMATS[fa][3] >> FORMATS[fa][1]) + (FORMATS[fb][3] >> FORMATS[fb][1])
    lam = field - bias + 2 - (bits - 1 - guard)
    if tree == "exact":
        return lam, max(0, lam - (2 - bias - FORMATS[fa][1] - FORMATS[fb][1]))
    return lam, int(tree)


def dot(case, a, b):
    fa, fb, v = case["a"], case["b"], case["V"]
    acc = case["acc"]
    if acc[0] == "float":
        _, e, m, rounding, bias = acc
        window = case["W"] or default_window(fa, fb, e, m)
        make = lambda: FloatAcc(e, m, rounding, bias)
        group = lambda x, y: float_group(fa, fb, x, y, window)
    else:
        _, bits, guard, rounding = acc
        lam, fraction = grid_of(fa, fb, bits, 3 if guard is None else guard, case["F"] or "0")
        make = lambda: FixedAcc(bits, lam)
        group = lambda x, y: fixed_group(fa, fb, x, y, lam, fraction, rounding)
    outer = None
    if case["chunk"]:
        out = case["outer"]
        outer = make() if out is None else FloatAcc(*out[1:]) if out[0] == "float" else FixedAcc(out[1], lam)
    inner, saturations = make(), 0
    for start in range(0, len(a), v):
        saturations += inner.add(group(a[start:start + v], b[start:start + v]))
        end = start + v
        if outer and (end % case["chunk"] == 0 or end >= len(a)):
            saturations += outer.add(inner.value)
            inner = make()
    return (outer or inner).value, saturations


def show(x):
    """k:q of a dyadic rational."""
    if x == 0:
        return "0:0"
    q = -(x.denominator.bit_length() - 1)
    k = x.numerator
    while k % 2 == 0:
        k, q = k // 2, q + 1
    return f"{k}:{q}"


def legal(case):
    clog = (case["V"] - 1).bit_length()
    acc = case["acc"]
    if acc[0] == "float":
        return (case["W"] or 28) + clog <= 58
    guard = 3 if acc[2] is None else acc[2]
    _, fraction = grid_of(case["a"], case["b"], acc[1], guard, case["F"] or "0")
    return acc[1] - guard + fraction + clog <= 63


def random_codes(rng, name, k, style):
    e, m, bias, largest, _ = FORMATS[name]
    out = []
    for _ in range(k):
        if style == "any":
            magnitude = rng.randint(0, largest)
        elif style == "large":
            magnitude = largest - rng.randint(0, 1)
        elif style == "small":
            magnitude = rng.randint(0, min(3 << m, largest))
        else:  # about unit size, some zeros
            field = min(max(bias - rng.choice([0, 0, 1, 1, 2, 3, 6]), 0), largest >> m)
            magnitude = min((field << m) | rng.getrandbits(m), largest) if rng.random() < 0.9 else 0
        sign = 0 if style == "large" and rng.random() < 0.8 else rng.getrandbits(1)
        out.append((sign << (e + m)) | magnitude)
    return out


def random_float_acc(rng):
    e, m = rng.choice([(8, 23), (8, 23), (5, 10), (8, 7), (6, 9), (4, 3), (2, 1), (8, 1), (3, 12), (7, 16)])
    bias = None
    if rng.random() < 0.4:
        bias = (1 << (e - 1)) - 1 + rng.choice([-24, -8, -3, 2, 9])
    return ("float", e, m, rng.choice(["rhe", "zero"]), bias)


def random_case(rng, fa, fb):
    case = {"a": fa, "b": fb, "V": rng.choice([1, 2, 4, 7, 8, 16, 16, 32]), "W": None, "F": None, "chunk": None,
            "outer": None}
    if rng.random() < 0.6:
        case["acc"] = random_float_acc(rng)
        pw = FORMATS[fa][1] + FORMATS[fb][1] + 2
        case["W"] = rng.choice([None, None, 1, 2, max(1, pw - 3), pw, pw + 5, 12, 24, 48, 53])
    else:
        bits = rng.choice([2, 8, 16, 24, 24, 32, 48])
        case["acc"] = ("fixed", bits, rng.choice([None, None, 0, 1, 6]), rng.choice(["floor", "rhe"]))
        case["F"] = rng.choice([None, "0", "1", "3", "8", "exact"])
    if rng.random() < 0.4:
        case["chunk"] = case["V"] * rng.randint(1, 4)
        if rng.random() < 0.6:
            if case["acc"][0] == "float" or rng.random() < 0.5:
                case["outer"] = random_float_acc(rng)
            else:
                case["outer"] = ("fixed", rng.choice([2, 12, 24, 40]))
    return case if legal(case) else random_case(rng, fa, fb)


def acc_text(acc):
    if acc is None:
        return "-"
    return ":".join("-" if part is None else str(part) for part in acc)


def dot_rows(rng, count):
    names = list(FORMATS)
    weights = [5, 5, 1, 1, 1, 3, 3, 1, 3]
    pairs = [("fp8_e5m2", "fp8_e4m3"), ("fp8_e4m3", "fp8_e5m2"), ("fp16", "fp32"), ("bf16", "fp32")]
    for i in range(count):
        if i % 3 == 0:
            fa, fb = rng.choice(pairs)
        elif i % 3 == 1:
            fa = fb = rng.choices(names, weights)[0]
        else:
            fa, fb = rng.choices(names, weights, k=2)
        case = random_case(rng, fa, fb)
        k = rng.randint(1, 3 * case["V"] + 20)
        style = rng.choice(["any", "unit", "unit", "large", "small"])
        a, b = random_codes(rng, fa, k, style), random_codes(rng, fb, k, style)
        value, saturations = dot(case, a, b)
        yield [fa, fb, str(case["V"]), acc_text(case["acc"]), str(case["W"] or "-"), case["F"] or "-",
               str(case["chunk"] or "-"), acc_text(case["outer"]), " ".join(f"{x:x}" for x in a),
               " ".join(f"{x:x}" for x in b), show(value), str(saturations)]


def bits_of(x):
    return f"{struct.unpack('<Q', struct.pack('<d', x))[0]:x}"


def encode_rows(rng):
    for name, (e, m, bias, largest, _) in FORMATS.items():
        top = float(decode(name, largest))
        xs = [0.0, -0.0, 5e-324, -1e-310, 1e308, -top, top * 1.01, top * 2, float(pow2(-bias - m)),
              float(pow2(-bias - m)) * 1.0000001, -float(pow2(-bias - m)), top * (1 + 2.0 ** (-m - 2))]
        for _ in range(60):
            xs.append(rng.uniform(-2, 2) * 2.0 ** rng.randint(-bias - m - 2, min((largest >> m) - bias + 2, 1000)))
        for x in xs:
            scale = rng.choice([1.0, 1.0, 3.0, 0.1, 2.0 ** -20])
            code, clipped = encode(name, x / scale)
            largest_x = abs(x)
            yield [name, bits_of(x), bits_of(scale), f"{code:x}", str(int(clipped)), bits_of(
                usual_scale(name, largest_x) if largest_x == 0 or largest_x > 1e-300 else 0.0)]


def accumulate_rows(rng, count):
    for _ in range(count):
        acc = random_float_acc(rng)
        _, e, m, rounding, bias = acc
        model = FloatAcc(e, m, rounding, bias)
        low, high = -model.bias - m - 30, (1 << e) - 2 - model.bias
        terms, saturations = [], 0
        for _ in range(rng.randint(1, 12)):
            width = rng.randint(1, 60)
            s = rng.randint(-(1 << width), 1 << width)
            u = rng.randint(low - width, high - width + 2)
            if rng.random() < 0.15 and model.value != 0:  # cancel all but a little
                k, q = (int(part) for part in show(-model.value).split(":"))
                s, u = (k << 20) + rng.choice([-1, 0, 1]), q - 20
            terms.append(f"{s}:{u}")
            saturations += model.add(s * pow2(u))
        yield [acc_text(acc), " ".join(terms), show(model.value), str(saturations)]


def write(name, columns, rows):
    path = Path(__file__).resolve().parent / name
    lines = ["# SPDX-License-Identifier: Apache-2.0",
             f"# generate_float.py version {VERSION}: python3 tests/golden/numerics/generate_float.py",
             "# " + ",".join(columns)]
    lines += [",".join(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


def main():
    write("float_encode.csv", ["format", "x_bits", "scale_bits", "code", "clipped", "usual_scale_of_abs_x_bits"],
          encode_rows(random.Random(1)))
    write("float_accumulate.csv", ["accumulator", "terms", "value", "saturations"],
          accumulate_rows(random.Random(2), 500))
    write("float_dot.csv", ["format_a", "format_b", "V", "accumulator", "W", "F", "chunk", "outer", "a", "b", "value",
                            "saturations"], dot_rows(random.Random(3), 700))


if __name__ == "__main__":
    main()
