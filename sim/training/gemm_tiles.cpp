// SPDX-License-Identifier: Apache-2.0
#include "sim/training/gemm_tiles.hpp"

#include <algorithm>
#include <atomic>
#include <optional>
#include <vector>

#include "sim/data/output_elements.hpp"
#include "sim/data/view_gather.hpp"
#include "sim/numerics/block_format.hpp"
#include "sim/workload/block_view.hpp"

namespace lnsim::training {
namespace {

/// The outputs of a GEMM and of its batch, cut into tiles of m_tile x n_tile.
struct Tiling {
  std::uint64_t m_tile, n_tile, m_tiles, n_tiles, tiles;

  /// Tiles large enough that gathering operands costs little next to the sums, and enough of them for all threads.
  Tiling(const Gemm& gemm, std::size_t threads) {
    constexpr std::uint64_t kMostRows = 128;
    constexpr std::uint64_t kMostLanes = 512;
    constexpr std::uint64_t kLeastRows = 8;
    constexpr std::uint64_t kLanes = 32;
    constexpr std::uint64_t kPerThread = 4;
    const std::uint64_t wanted = kPerThread * threads;
    m_tile = std::min(gemm.m, kMostLanes);
    const std::uint64_t others = gemm.count() * ((gemm.m + m_tile - 1) / m_tile);
    const std::uint64_t share = std::max<std::uint64_t>(1, (wanted + others - 1) / others);
    n_tile = std::min(gemm.n, std::clamp((gemm.n + share - 1) / share, kLeastRows, kMostRows));
    n_tiles = (gemm.n + n_tile - 1) / n_tile;
    if (others * n_tiles < wanted) {
      const std::uint64_t parts = (wanted + others * n_tiles - 1) / (others * n_tiles);
      m_tile = std::min(m_tile, ((gemm.m + parts - 1) / parts + kLanes - 1) / kLanes * kLanes);
    }
    m_tiles = (gemm.m + m_tile - 1) / m_tile;
    tiles = gemm.count() * m_tiles * n_tiles;
  }
};

/// The rows [first, first + rows) of an operand, side by side, with the factors of their blocks if there are any.
class Rows {
 public:
  Rows(const Gemm& gemm, bool is_a, const Values& values)
      : view_(is_a ? gemm.a : gemm.b),
        values_(values),
        k_(gemm.k),
        bytes_(values.codes.format->container_bytes()),
        block_(values.codes.format->block().get()),
        requantises_(block_ != nullptr && !reads_blocks(gemm, is_a, block_->block())),
        gather_(view_, requantises_ ? sizeof(double) : bytes_) {
    if (block_ == nullptr) return;
    blocks_ = (k_ + block_->block() - 1) / block_->block();
    factor_of_ = block_->factors();
    if (!requantises_) gather_scales_.emplace(scales_view(view_, block_->block()), 1);
  }

  numerics::GemmOperand load(std::uint64_t first, std::uint64_t rows, std::int64_t batch_offset) {
    if (first != first_ || rows != rows_ || batch_offset != offset_) {
      first_ = first;
      rows_ = rows;
      offset_ = batch_offset;
      lying_.resize(std::max<std::size_t>(lying_.size(), rows * k_ * bytes_));
      scales_.resize(std::max<std::size_t>(scales_.size(), rows * blocks_));
      if (requantises_) {
        quantise_rows();
      } else {
        gather_.gather_rows(values_.codes.codes.data(), first, rows, 0, k_, batch_offset, lying_.data(), k_ * bytes_);
        gather_scales();
      }
      turn_factors();
    }
    return {lying_.data(), block_ == nullptr ? nullptr : factors_.data()};
  }

 private:
  void gather_scales() {
    if (!gather_scales_) return;
    const std::int64_t offset = offset_ / static_cast<std::int64_t>(block_->block());
    gather_scales_->gather_rows(values_.codes.block_scales.data(), first_, rows_, 0, blocks_, offset, scales_.data(),
                                blocks_);
  }
  void quantise_rows() {
    real_.resize(rows_ * k_);
    gather_.gather_rows(reinterpret_cast<const std::byte*>(values_.real.data()), first_, rows_, 0, k_, offset_,
                        reinterpret_cast<std::byte*>(real_.data()), k_ * sizeof(double));
    for (std::size_t row = 0; row < rows_; ++row) {
      block_->quantize_blocks(std::span(real_).subspan(row * k_, k_), values_.codes.scale,
                              scales_.data() + row * blocks_, lying_.data() + row * k_ * bytes_);
    }
  }
  /// [row][block] to [block][row]. Blocks in the padding have the factor of scale code 0, and zeros as elements.
  void turn_factors() {
    factors_.resize(rows_ * blocks_);
    for (std::size_t row = 0; row < rows_; ++row) {
      for (std::size_t block = 0; block < blocks_; ++block) {
        factors_[block * rows_ + row] = factor_of_[std::to_integer<std::size_t>(scales_[row * blocks_ + block])];
      }
    }
  }

  const OperandView& view_;
  const Values& values_;
  std::uint64_t k_;
  unsigned bytes_;
  const numerics::BlockFormat* block_;
  bool requantises_;
  ViewGather gather_;
  std::optional<ViewGather> gather_scales_;
  std::uint64_t blocks_ = 0;  ///< of a row
  std::vector<double> factor_of_;
  std::vector<std::byte> lying_, scales_;
  std::vector<double> real_, factors_;
  std::uint64_t first_ = 0;
  std::uint64_t rows_ = 0;  // none loaded
  std::int64_t offset_ = 0;
};

}  // namespace

std::uint64_t bit_true_gemms(const LayerPass& pass, const Values& a, const Values& b, const numerics::DotUnit& unit,
                             std::span<double> out, Workers& workers) {
  std::atomic<std::uint64_t> saturations{0};
  for (const Gemm& gemm : pass.gemms) {
    const Tiling tiling(gemm, workers.threads());
    const OutputElements elements(gemm.out);
    const numerics::DotUnit::Values values = unit.values(a.codes.scale, b.codes.scale);
    // Many small GEMMs (heads of attention) share the cost of a task.
    constexpr std::uint64_t kTaskMacs = 1U << 18U;
    const std::uint64_t tile_macs = std::max<std::uint64_t>(1, tiling.m_tile * tiling.n_tile * gemm.k);
    const std::uint64_t per_task = std::max<std::uint64_t>(1, kTaskMacs / tile_macs);
    workers.run_pieces(tiling.tiles, per_task, [&](std::size_t first, std::size_t last) {
      Rows rows_a(gemm, true, a);
      Rows rows_b(gemm, false, b);
      std::vector<numerics::Psum> psums(tiling.m_tile * tiling.n_tile);
      std::uint64_t saturated = 0;
      for (std::size_t tile = first; tile < last; ++tile) {
        const std::uint64_t index = tile / (tiling.m_tiles * tiling.n_tiles);
        const std::uint64_t m = tile / tiling.n_tiles % tiling.m_tiles * tiling.m_tile;
        const std::uint64_t n = tile % tiling.n_tiles * tiling.n_tile;
        const std::uint64_t m_count = std::min(tiling.m_tile, gemm.m - m);
        const std::uint64_t n_count = std::min(tiling.n_tile, gemm.n - n);
        const BatchOffsets offsets = batch_offsets(gemm, index);
        const numerics::GemmOperand operand_a = rows_a.load(m, m_count, offsets.a);
        const numerics::GemmOperand operand_b = rows_b.load(n, n_count, offsets.b);
        saturated += numerics::gemm(unit, operand_a, operand_b, m_count, n_count, gemm.k, psums.data());
        const numerics::Psum* psum = psums.data();
        for (std::uint64_t j = 0; j < n_count; ++j) {
          for (std::uint64_t i = 0; i < m_count; ++i) {
            const std::uint64_t element = elements.element(m + i, n + j) + static_cast<std::uint64_t>(offsets.out);
            out[element] = values.of(unit.exact(*psum++));
          }
        }
      }
      saturations += saturated;
    });
  }
  return saturations;
}

void binary64_gemms(const LayerPass& pass, std::span<const double> a, std::span<const double> b, std::span<double> out,
                    Workers& workers) {
  for (const Gemm& gemm : pass.gemms) {
    workers.run(gemm.count() * gemm.n, [&](std::size_t task) {
      const std::uint64_t n = task % gemm.n;
      const BatchOffsets offsets = batch_offsets(gemm, task / gemm.n);
      const auto at = [](std::span<const double> x, const std::optional<std::uint64_t>& element, std::int64_t offset) {
        return element ? x[*element + static_cast<std::uint64_t>(offset)] : 0.0;
      };
      for (std::uint64_t m = 0; m < gemm.m; ++m) {
        double sum = 0.0;
        for (std::uint64_t k = 0; k < gemm.k; ++k) {
          sum += at(a, gemm.a.element(m, k), offsets.a) * at(b, gemm.b.element(n, k), offsets.b);
        }
        out[gemm.out.element(m, n) + static_cast<std::uint64_t>(offsets.out)] = sum;
      }
    });
  }
}

}  // namespace lnsim::training
