"""Prints the golden values of random_test.cpp: xoshiro256++ as its authors publish it (prng.di.unimi.it), seeded as
include/corymb/core/random.hpp describes, in Python's integers.

    python3 golden_random.py
"""

MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15


def splitmix_finaliser(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def rotl(x, k):
    return ((x << k) | (x >> (64 - k))) & MASK


def state_of(seed, stream):
    key = splitmix_finaliser((seed + GOLDEN) & MASK)
    for part in stream:
        key = splitmix_finaliser((splitmix_finaliser((key + GOLDEN) & MASK) + part) & MASK)
    return [splitmix_finaliser((key + i * GOLDEN) & MASK) for i in (1, 2, 3, 4)]


def xoshiro256pp(s):
    while True:
        yield (rotl((s[0] + s[3]) & MASK, 23) + s[0]) & MASK
        t = (s[1] << 17) & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 45)


known = xoshiro256pp([1, 2, 3, 4])  # the values that other implementations test against
assert [next(known) for _ in range(4)] == [41943041, 58720359, 3588806011781223, 3591011842654386]

for seed, stream in [(0, []), (42, []), (42, [0]), (42, [3, 1]), (MASK, [MASK])]:
    draws = xoshiro256pp(state_of(seed, stream))
    values = [next(draws) for _ in range(1000)]
    print(seed, stream, ", ".join("0x%016xU" % v for v in values[:3]), "thousandth: 0x%016xU" % values[999])

draws = xoshiro256pp(state_of(7, []))
print("uniform", [(next(draws) >> 11) / 2**53 for _ in range(3)])
draws = xoshiro256pp(state_of(7, []))
print("below 1000", [next(draws) % 1000 for _ in range(6)])  # no draw is rejected here
