// SPDX-License-Identifier: Apache-2.0
#include "sim/data/binary64.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/data/binary64_kernel.hpp"

namespace lnsim {
namespace {

constexpr std::size_t kTile = kBinary64Tile;
constexpr std::size_t kSlice = 1024;  // k decoded at a time

/// Values of codes without a scale: a table for the formats of up to 16 bits. Codes that are not numbers are left out:
/// tensors do not contain them.
class Decoder {
 public:
  explicit Decoder(const numerics::Format& format) : format_(format), bytes_(format.container_bytes()) {
    if (format.bits() > 16) return;
    table_.resize(std::size_t{1} << format.bits());
    for (std::size_t code = 0; code < table_.size(); ++code) {
      const auto c = static_cast<numerics::Code>(code);
      table_[code] = format.valid(c) ? format.decode(c, 1.0) : 0.0;
    }
  }
  [[nodiscard]] double at(const std::byte* codes, std::size_t i) const {
    const numerics::Code code = numerics::load_code(codes, i, bytes_);
    return table_.empty() ? format_.decode(code, 1.0) : table_[code];
  }

 private:
  const numerics::Format& format_;
  unsigned bytes_;
  std::vector<double> table_;
};

/// Sums of one pair of panels, [n][padded m].
class PanelSums {
 public:
  PanelSums(const numerics::Format& a, const numerics::Format& b) : decode_a_(a), decode_b_(b) {}

  void compute(const OperandPanels& panels) {
    tiles_ = (panels.m_count + kTile - 1) / kTile;
    sums_.assign(panels.n_count * stride(), 0.0);
    for (std::size_t first = 0; first < panels.k; first += kSlice) {
      const std::size_t count = std::min(kSlice, panels.k - first);
      decode_a_slice(panels, first, count);
      for (std::size_t n = 0; n < panels.n_count; ++n) add_row(panels, n, first, count);
    }
  }
  [[nodiscard]] std::size_t stride() const { return tiles_ * kTile; }
  [[nodiscard]] std::vector<double>& sums() { return sums_; }

 private:
  /// a as [tile][k][kTile]; rows beyond the panel are zeros.
  void decode_a_slice(const OperandPanels& panels, std::size_t first, std::size_t count) {
    a_.assign(tiles_ * count * kTile, 0.0);
    for (std::size_t m = 0; m < panels.m_count; ++m) {
      double* const column = a_.data() + (m / kTile) * count * kTile + m % kTile;
      for (std::size_t k = 0; k < count; ++k) column[k * kTile] = decode_a_.at(panels.a, m * panels.k + first + k);
    }
  }
  void add_row(const OperandPanels& panels, std::size_t n, std::size_t first, std::size_t count) {
    for (std::size_t k = 0; k < count; ++k) b_[k] = decode_b_.at(panels.b, n * panels.k + first + k);
    for (std::size_t tile = 0; tile < tiles_; ++tile) {
      add_products(a_.data() + tile * count * kTile, b_.data(), count, sums_.data() + n * stride() + tile * kTile);
    }
  }

  Decoder decode_a_;
  Decoder decode_b_;
  std::size_t tiles_ = 0;
  std::vector<double> a_;
  std::array<double, kSlice> b_{};
  std::vector<double> sums_;
};

}  // namespace

void binary64_panels(const Gemm& gemm, const CodeTensor& a, const CodeTensor& b, std::uint64_t batch_index,
                     const std::function<void(const Binary64Panel&)>& visit, std::size_t panel_bytes) {
  PanelSums sums(*a.format, *b.format);
  visit_panels(gemm, a, b, batch_offsets(gemm, batch_index), panel_bytes, [&](const OperandPanels& panels) {
    sums.compute(panels);
    for (double& sum : sums.sums()) sum = sum * a.scale * b.scale;
    visit({panels.m_begin, panels.n_begin, panels.m_count, panels.n_count, sums.stride(), sums.sums().data()});
  });
}

double binary64_max(const Gemm& gemm, const CodeTensor& a, const CodeTensor& b) {
  double largest = 0.0;
  const auto track = [&](const Binary64Panel& panel) {
    for (std::size_t i = 0; i < panel.n_count * panel.stride; ++i) {  // columns beyond m_count are zeros
      largest = std::max(largest, std::fabs(panel.values[i]));
    }
  };
  for (std::uint64_t index = 0; index < gemm.count(); ++index) binary64_panels(gemm, a, b, index, track);
  return largest;
}

double binary64_max(const LayerPass& pass, std::span<const CodeTensor> tensors) {
  double largest = 0.0;
  for (const Gemm& gemm : pass.gemms) {
    largest = std::max(largest, binary64_max(gemm, tensors[gemm.a.tensor], tensors[gemm.b.tensor]));
  }
  return largest;
}

double output_scale(const numerics::Format& out, double max_abs, double headroom) {
  return out.usual_scale(max_abs * headroom);
}

}  // namespace lnsim
