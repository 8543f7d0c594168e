#pragma once

// The limits of this machine, measured in the same run as what is held against them.

/// Billions of floating-point operations per second of independent fused multiply-adds in registers, on the widest
/// vectors that Highway finds; 0 without Highway.
double fma_peak_float(int threads);
double fma_peak_double(int threads);

/// Bytes per second of a[i] = b[i] + s · c[i] over arrays far larger than the caches, in GB/s (three arrays counted).
double triad_bandwidth(int threads);
