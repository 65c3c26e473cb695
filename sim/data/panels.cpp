// SPDX-License-Identifier: Apache-2.0
#include "sim/data/panels.hpp"

#include <algorithm>
#include <vector>

#include "sim/data/view_gather.hpp"

namespace lnsim {
namespace {

/// The panels of one operand, one at a time.
class Panel {
 public:
  Panel(const OperandView& view, const CodeTensor& tensor, std::uint64_t rows, std::uint64_t k,
        std::int64_t batch_offset, std::size_t panel_bytes)
      : gather_(view, tensor.format->container_bytes()),
        codes_(tensor.codes.data()),
        total_rows_(rows),
        k_(k),
        row_bytes_(k * tensor.format->container_bytes()),
        batch_offset_(batch_offset) {
    constexpr std::uint64_t kMostRows = 1024;
    const std::uint64_t fitting = std::max<std::uint64_t>(1, panel_bytes / row_bytes_);
    rows_ = std::min({fitting, kMostRows, total_rows_});
    codes_of_panel_.resize(rows_ * row_bytes_);
  }

  /// Gathers the panel that starts at `first`; returns its rows.
  std::size_t load(std::uint64_t first) {
    const std::uint64_t count = std::min(rows_, total_rows_ - first);
    for (std::uint64_t row = 0; row < count; ++row) {
      std::byte* out = codes_of_panel_.data() + row * row_bytes_;
      gather_.gather(codes_, first + row, 0, k_, batch_offset_, out);
    }
    return count;
  }
  [[nodiscard]] const std::byte* data() const { return codes_of_panel_.data(); }

 private:
  ViewGather gather_;
  const std::byte* codes_;
  std::uint64_t total_rows_;
  std::uint64_t k_;
  std::uint64_t row_bytes_;
  std::int64_t batch_offset_;
  std::uint64_t rows_ = 1;
  std::vector<std::byte> codes_of_panel_;
};

}  // namespace

void visit_panels(const Gemm& gemm, const CodeTensor& a, const CodeTensor& b, const BatchOffsets& offsets,
                  std::size_t panel_bytes, const std::function<void(const OperandPanels&)>& visit) {
  Panel panel_a(gemm.a, a, gemm.m, gemm.k, offsets.a, panel_bytes);
  Panel panel_b(gemm.b, b, gemm.n, gemm.k, offsets.b, panel_bytes);
  OperandPanels panels;
  panels.k = gemm.k;
  for (panels.m_begin = 0; panels.m_begin < gemm.m; panels.m_begin += panels.m_count) {
    panels.m_count = panel_a.load(panels.m_begin);
    panels.a = panel_a.data();
    for (panels.n_begin = 0; panels.n_begin < gemm.n; panels.n_begin += panels.n_count) {
      panels.n_count = panel_b.load(panels.n_begin);
      panels.b = panel_b.data();
      visit(panels);
    }
  }
}

}  // namespace lnsim
