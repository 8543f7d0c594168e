// Scores of rows in bytes: quantized_scores, list_quantized. Included after kernels.ipp, a second time for processors
// that multiply bytes: CORYMB_KERNEL_DOT_BYTES(sum, bytes, coefficients) adds to every lane of 32 bits the sum of four
// products, of unsigned and of signed bytes.

// The bytes of a panel, transposed by fours, so that rows go in lanes. Places beyond the last row repeat it.
inline void fill_byte_panel(const QuantizedTask& task, std::int32_t* panel) {
  using S = Shape<std::int32_t>;
  const std::ptrdiff_t quads = task.bytes.stride / 4;
  const auto row = [&](std::ptrdiff_t i) HWY_ATTR {
    return task.bytes.row + task.index[i < task.count ? i : task.count - 1] * task.bytes.stride;
  };
#if CORYMB_KERNEL_HAS_BLOCKS
  const hn::CappedTag<std::int32_t, 4> d;
  for (std::ptrdiff_t i = 0; i < S::points; i += 4) {
    const std::uint8_t* rows[4] = {row(i), row(i + 1), row(i + 2), row(i + 3)};
    const auto load = [&](int r, std::ptrdiff_t q)
                          HWY_ATTR { return hn::LoadU(d, reinterpret_cast<const std::int32_t*>(rows[r] + 4 * q)); };
    std::ptrdiff_t q = 0;
    for (; q + 4 <= quads; q += 4) {
      const auto r0 = load(0, q), r1 = load(1, q), r2 = load(2, q), r3 = load(3, q);
      const auto a = hn::InterleaveLower(d, r0, r2), b = hn::InterleaveUpper(d, r0, r2);
      const auto c = hn::InterleaveLower(d, r1, r3), e = hn::InterleaveUpper(d, r1, r3);
      hn::StoreU(hn::InterleaveLower(d, a, c), d, panel + (q + 0) * S::points + i);
      hn::StoreU(hn::InterleaveUpper(d, a, c), d, panel + (q + 1) * S::points + i);
      hn::StoreU(hn::InterleaveLower(d, b, e), d, panel + (q + 2) * S::points + i);
      hn::StoreU(hn::InterleaveUpper(d, b, e), d, panel + (q + 3) * S::points + i);
    }
    for (; q < quads; ++q)
      for (std::ptrdiff_t l = 0; l < 4; ++l) std::memcpy(panel + q * S::points + i + l, rows[l] + 4 * q, 4);
  }
#else
  for (std::ptrdiff_t i = 0; i < S::points; ++i)
    for (std::ptrdiff_t q = 0; q < quads; ++q) std::memcpy(panel + q * S::points + i, row(i) + 4 * q, 4);
#endif
}

inline void quantized_scores(const QuantizedScoresTask& task) {
  using S = Shape<std::int32_t>;
  const typename S::D d;
  const BytesView& view = task.bytes;
  for (std::ptrdiff_t i = 0; i < view.n; ++i) {
    const std::uint8_t* bytes = view.row + i * view.stride;
    const std::int8_t* coefficients = view.centroid + task.label[i] * view.centroid_stride;
    auto sum = hn::Zero(d);
    for (std::ptrdiff_t j = 0; j < view.stride; j += 4 * S::lanes)  // beyond the row times zero
      sum = CORYMB_KERNEL_DOT_BYTES(sum, hn::LoadU(d, reinterpret_cast<const std::int32_t*>(bytes + j)),
                                    hn::LoadU(d, reinterpret_cast<const std::int32_t*>(coefficients + j)));
    task.score[i] = view.constant[task.label[i]] + hn::GetLane(hn::SumOfLanes(d, sum));
  }
}

// What is found in the tiles of a panel.
struct QuantizedHits {
  using S = Shape<std::int32_t>;
  alignas(64) std::int32_t above[S::points];  // by place in the panel
  // By vector of rows, of the current tile: scores, and by centroid the rows, as bits, for which they are high enough.
  alignas(64) std::int32_t score[S::vectors][quantized_tile * S::lanes];
  std::uint64_t rows[S::vectors][quantized_tile], any[S::vectors];
  std::ptrdiff_t pairs = 0;
};

// Apart from the loop over tiles, whose registers are all taken.
inline __attribute__((noinline)) void list_hits(const QuantizedTask& task, std::ptrdiff_t first, QuantizedHits& hits) {
  using S = Shape<std::int32_t>;
  std::ptrdiff_t pairs = hits.pairs;
  for (int v = 0; v < S::vectors; ++v) {
    if (hits.any[v] == 0) continue;
    for (int i = 0; i < quantized_tile; ++i) {
      for (std::uint64_t bits = hits.rows[v][i]; bits != 0; bits &= bits - 1) {
        const int lane = __builtin_ctzll(bits);
        const std::ptrdiff_t place = v * S::lanes + lane;
        const std::int32_t number = static_cast<std::int32_t>(first) + i;
        if (number == task.own[place]) continue;
        task.row[pairs] = static_cast<std::int32_t>(place);
        task.number[pairs] = number;
        const std::int32_t score = hits.score[v][i * S::lanes + lane], limit = score - task.margin[place] - 1;
        task.score[pairs++] = score;
        hits.above[place] = limit > hits.above[place] ? limit : hits.above[place];
      }
    }
  }
  hits.pairs = pairs;
}

inline std::ptrdiff_t list_quantized(const QuantizedTask& task) {
  using S = Shape<std::int32_t>;
  const typename S::D d;
  const BytesView& view = task.bytes;
  const std::ptrdiff_t quads = view.stride / 4;
  fill_byte_panel(task, task.scratch);
  QuantizedHits hits;
  for (std::ptrdiff_t i = 0; i < S::points; ++i)
    hits.above[i] = i < task.count ? task.above[i] : std::numeric_limits<std::int32_t>::max();
  const std::int32_t* tile = view.packed;
  for (std::ptrdiff_t first = 0; first < view.k; first += quantized_tile) {
    typename S::V score[quantized_tile][S::vectors];
    CORYMB_UNROLL
    for (int i = 0; i < quantized_tile; ++i) {
      CORYMB_UNROLL
      for (int v = 0; v < S::vectors; ++v) score[i][v] = hn::Set(d, view.constant[first + i]);
    }
    CORYMB_KERNEL_SPILL;
    const std::int32_t* panel = task.scratch;
    const std::int32_t* const end = tile + quads * quantized_tile;
    do {  // not a for loop: where there might be no turn, GCC copies all scores behind it
      typename S::V bytes[S::vectors];
      CORYMB_UNROLL
      for (int v = 0; v < S::vectors; ++v) {
        auto four = hn::Load(d, panel + v * S::lanes);
        CORYMB_KERNEL_KEEP(four);
        bytes[v] = four;
      }
      CORYMB_UNROLL
      for (int i = 0; i < quantized_tile; ++i) {
        const auto coefficients = hn::Set(d, tile[i]);
        CORYMB_UNROLL
        for (int v = 0; v < S::vectors; ++v) score[i][v] = CORYMB_KERNEL_DOT_BYTES(score[i][v], bytes[v], coefficients);
      }
      panel += S::points;
      tile += quantized_tile;
    } while (tile != end);
    std::uint64_t hit[S::vectors], any = 0;
    CORYMB_UNROLL
    for (int v = 0; v < S::vectors; ++v) {
      auto highest = score[0][v];
      CORYMB_UNROLL
      for (int i = 1; i < quantized_tile; ++i) highest = hn::Max(highest, score[i][v]);
      hit[v] = lanes_below(d, hn::Load(d, hits.above + v * S::lanes), highest);
      any |= hit[v];
    }
    if (any == 0) continue;
    CORYMB_UNROLL
    for (int v = 0; v < S::vectors; ++v) {
      hits.any[v] = hit[v];
      CORYMB_UNROLL
      for (int i = 0; i < quantized_tile; ++i) {
        hits.rows[v][i] = lanes_below(d, hn::Load(d, hits.above + v * S::lanes), score[i][v]);
        hn::Store(score[i][v], d, hits.score[v] + i * S::lanes);
      }
    }
    list_hits(task, first, hits);
  }
  std::ptrdiff_t left = 0;
  for (std::ptrdiff_t p = 0; p < hits.pairs; ++p) {
    const std::int32_t place = task.row[p];
    task.row[left] = task.index[place];
    task.number[left] = task.number[p];
    left += task.score[p] > hits.above[place] ? 1 : 0;
  }
  return left;
}
