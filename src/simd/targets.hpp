#pragma once

// The instruction sets that the kernels are compiled for. To be included before Highway.
// AVX3_DL adds nothing that the kernels use. Vectors of unknown size (SVE, RVV) cannot stand in arrays.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
