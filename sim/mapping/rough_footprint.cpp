// SPDX-License-Identifier: Apache-2.0
#include "sim/mapping/rough_footprint.hpp"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <cmath>
#include <cstdlib>

namespace lnsim {
namespace {

/// Values of a tile in one direction, `unit` elements apart.
struct RoughAxis {
  double unit = 0, count = 1;
};
using Axes = boost::container::small_vector<RoughAxis, 8>;

/// Pixels in one direction: the windows of all digits that move along it.
struct Window {
  double reach = 1, step = 0;
  int moves = 0;
  void add(std::int64_t by, double count) {
    if (by == 0 || count <= 1) return;
    const auto size = static_cast<double>(std::abs(by));
    reach += size * (count - 1);
    step = moves++ == 0 ? size : 1;
  }
  void append(Axes& axes, std::int64_t stride, std::int64_t limit) const {
    const double steps = moves == 1 ? step : 1;
    const double pixels = std::min(reach, static_cast<double>(limit));
    axes.push_back({static_cast<double>(std::abs(stride)) * steps, std::floor((pixels - 1) / steps) + 1});
  }
};

/// The box of the first `length` values of a mixed-radix index; how much of it they fill.
double add_digits(const std::vector<Digit>& digits, std::uint64_t length, Axes& axes, Window& h, Window& w) {
  std::uint64_t turn = 1;
  double box = 1;
  for (std::size_t i = digits.size(); i-- > 0;) {
    const Digit& digit = digits[i];
    const auto count = static_cast<double>(std::min(digit.extent, (length + turn - 1) / turn));
    turn *= digit.extent;
    box *= count;
    if (digit.offset != 0 && count > 1) axes.push_back({static_cast<double>(std::abs(digit.offset)), count});
    h.add(digit.dh, count);
    w.add(digit.dw, count);
  }
  return std::min(static_cast<double>(length) / box, 1.0);
}

}  // namespace

std::uint64_t rough_tile_bursts(const OperandView& view, std::uint64_t rows, std::uint64_t k, ElementSize element,
                                std::uint64_t burst_bytes) {
  Axes axes;
  Window h, w;
  double filled = add_digits(view.rows, rows, axes, h, w);
  filled *= add_digits(view.ks, k, axes, h, w);
  if (view.spatial) {
    h.append(axes, view.h_stride, view.height);
    w.append(axes, view.w_stride, view.width);
  }
  std::sort(axes.begin(), axes.end(), [](const RoughAxis& x, const RoughAxis& y) { return x.unit < y.unit; });
  double length = 1, runs = 1, span = 1;
  for (const RoughAxis& axis : axes) {
    span += axis.unit * (axis.count - 1);
    if (runs == 1 && axis.unit <= length) {
      length += axis.unit * (axis.count - 1);
    } else {
      runs *= axis.count;
    }
  }
  const double burst_bits = static_cast<double>(burst_bytes) * 8;
  const double run_bits = length * element.bits();
  const double whole = std::ceil(run_bits / burst_bits);
  const double per_run = whole * burst_bits == run_bits ? whole : whole + 0.5;  // runs begin anywhere in a burst
  const double bursts = std::min(runs * per_run * filled, std::ceil(span * element.bits() / burst_bits) + 1);
  return static_cast<std::uint64_t>(std::ceil(std::max(bursts, 1.0)));
}

}  // namespace lnsim
