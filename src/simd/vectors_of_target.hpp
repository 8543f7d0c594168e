// What the kernels have to know of the instruction set, besides Highway's interface. No include guard: this file is
// included again for each of them.
#undef CORYMB_KERNEL_LANES
#undef CORYMB_KERNEL_VECTORS
#undef CORYMB_KERNEL_HAS_BLOCKS
#undef CORYMB_KERNEL_MASKS_ARE_BITS
#undef CORYMB_KERNEL_ROUNDED
#undef CORYMB_KERNEL_KEEP
#undef CORYMB_KERNEL_SPILL
#undef CORYMB_UNROLL
#define CORYMB_KERNEL_LANES(T) hn::MaxLanes(hn::ScalableTag<T>())
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_NEON  // 32 registers: 24 accumulators, 4 rows
#define CORYMB_KERNEL_VECTORS 4
#else  // 16 registers: 12 accumulators, 2 rows, 1 broadcast
#define CORYMB_KERNEL_VECTORS 2
#endif
#if HWY_TARGET == HWY_SCALAR
#define CORYMB_KERNEL_HAS_BLOCKS 0
#else
#define CORYMB_KERNEL_HAS_BLOCKS 1
#endif
#if HWY_TARGET == HWY_AVX3
#define CORYMB_KERNEL_MASKS_ARE_BITS 1
#else
#define CORYMB_KERNEL_MASKS_ARE_BITS 0
#endif
#define CORYMB_KERNEL_ROUNDED(product) (product)
#if HWY_TARGET == HWY_AVX3
#define CORYMB_KERNEL_KEEP(vector) __asm__("" : "+v"((vector).raw))
#elif HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_SSE4
#define CORYMB_KERNEL_KEEP(vector) __asm__("" : "+x"((vector).raw))
#else
#define CORYMB_KERNEL_KEEP(vector)
#endif
#define CORYMB_KERNEL_SPILL __asm__ volatile("" ::: "memory")
#define CORYMB_UNROLL _Pragma("GCC unroll 8")
