// What the portable kernels are compiled with, up to portable_end.ipp.
#define HWY_INLINE inline __attribute__((always_inline))
#define HWY_ATTR
#define CORYMB_KERNEL_LANES(T) (vector_bytes / sizeof(T))
#if defined(__AVX512F__)
#define CORYMB_KERNEL_VECTORS 4
#else
#define CORYMB_KERNEL_VECTORS 2
#endif
#define CORYMB_KERNEL_HAS_BLOCKS 0
#define CORYMB_KERNEL_MASKS_ARE_BITS 0
#define CORYMB_KERNEL_ROUNDED(product) rounded(product)
#define CORYMB_KERNEL_KEEP(vector)
#define CORYMB_KERNEL_SPILL __asm__ volatile("" ::: "memory")
#define CORYMB_UNROLL _Pragma("GCC unroll 8")
