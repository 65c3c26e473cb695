# SPDX-License-Identifier: Apache-2.0
"""Prints the first values of a synthetic tensor: the literals of test_synthetic.cpp. python3 synthetic_golden.py"""
MASK = (1 << 64) - 1


def splitmix(state):
    state = (state + 0x9E3779B97F4A7C15) & MASK
    z = state
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return state, z ^ (z >> 31)


def rotl(x, k):
    return ((x << k) | (x >> (64 - k))) & MASK


def xoshiro(seed):
    s = []
    for _ in range(4):
        seed, word = splitmix(seed)
        s.append(word)
    while True:
        yield (rotl(s[1] * 5 & MASK, 7) * 9) & MASK
        t = s[1] << 17 & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 45)


def stream_seed(seed, layer, tensor):
    data = seed.to_bytes(8, "little")
    for text in (layer, tensor):
        data += len(text).to_bytes(8, "little") + text.encode()
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return splitmix(value)[1]


def normals(seed, layer, tensor, block, count):
    words = xoshiro(splitmix(stream_seed(seed, layer, tensor) ^ block)[1])
    for _ in range(count):
        bits = [next(words) for _ in range(3)]
        total = sum(word >> shift & 0xFFFF for word in bits for shift in (0, 16, 32, 48))
        yield (2 * total - 12 * 65535) / 2**17


print("splitmix64(0)", ["%#x" % splitmix(0)[1]])
print("block 0:", [value.hex() for value in normals(7, "conv1", "weight", 0, 4)])
print("block 1:", [value.hex() for value in normals(7, "conv1", "weight", 1, 2)])
