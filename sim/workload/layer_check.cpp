// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>
#include <string>

#include "sim/workload/layer_describe.hpp"

namespace lnsim {
namespace {

std::string number(std::uint64_t value) { return std::to_string(value); }

/// Returns false, with the problem reported, if the list of paddings has three values.
bool check_padding(const Sizes& padding, Problems& problems) {
  if (padding.size() != 3) return true;
  problems.add("/padding", "3 values", "[all], [height, width] or [top, left, bottom, right]");
  return false;
}

void check_axis(const WindowAxis& axis, const std::string& name, Problems& problems) {
  const std::uint64_t padded = axis.in + axis.pad_before + axis.pad_after;
  if (axis.out() > 0) return;
  problems.add("/kernel", "spans " + number(axis.span()) + " positions of the " + name,
               "at most " + number(padded) + ", the padded input");
}

void check_window(const Window& window, Problems& problems) {
  check_axis(window.h, "height", problems);
  check_axis(window.w, "width", problems);
}

void check_divides(const char* field, std::uint64_t channels, std::uint64_t groups, Problems& problems) {
  if (channels % groups == 0) return;
  problems.add(field, number(channels), "a multiple of the " + number(groups) + " groups");
}

}  // namespace

void check(const Conv2d& conv, Problems& problems) {
  if (!check_padding(conv.padding, problems)) return;
  check_window(window_of(conv), problems);
  check_divides("/in_channels", conv.in_channels, conv.groups, problems);
  check_divides("/out_channels", conv.out_channels, conv.groups, problems);
}

void check(const Pool& pool, Problems& problems) {
  if (!check_padding(pool.padding, problems)) return;
  const Window window = window_of(pool);
  check_window(window, problems);
  for (const WindowAxis& axis : {window.h, window.w}) {
    const std::uint64_t padding = std::max(axis.pad_before, axis.pad_after);
    if (padding >= axis.kernel) {
      problems.add("/padding", number(padding), "less than the window of " + number(axis.kernel));
    }
  }
}

void check(const ConvTranspose2d& conv, Problems& problems) {
  if (!check_padding(conv.padding, problems)) return;
  const auto check_output_padding = [&](std::uint64_t more, std::uint64_t stride) {
    if (more >= stride) problems.add("/output_padding", number(more), "less than the stride of " + number(stride));
  };
  check_output_padding(conv.output_padding.front(), conv.stride.front());
  check_output_padding(conv.output_padding.back(), conv.stride.back());
  const Conv2d adjoint = adjoint_of(conv);
  if (adjoint.height == 0 || adjoint.width == 0) {
    problems.add("/padding", "nothing left of the output", "padding that leaves at least one pixel");
  }
  check_divides("/in_channels", conv.in_channels, conv.groups, problems);
  check_divides("/out_channels", conv.out_channels, conv.groups, problems);
}

void check(const Binary& binary, Problems& problems) {
  if (binary.second == 0) return;
  std::uint64_t rest = binary.second;  // what the shape, factor by factor, has to cover
  for (const std::uint64_t size : binary.shape) rest /= std::gcd(rest, size);
  if (rest != 1) problems.add("/second", number(binary.second), "a divisor of the product of the shape");
}

void check(const Affine& affine, Problems& problems) {
  if (!affine.scale && !affine.shift) problems.add("/scale", "neither a scale nor a shift", "one of them, or both");
  std::uint64_t rest = affine.parameters;
  for (const std::uint64_t size : affine.shape) rest /= std::gcd(rest, size);
  if (rest != 1) problems.add("/parameters", number(affine.parameters), "a divisor of the product of the shape");
}

void check(const Reduce& reduce, Problems& problems) {
  if (reduce.in % reduce.out != 0) {
    problems.add("/out", number(reduce.out), "a divisor of the input's " + number(reduce.in) + " elements");
  }
}

}  // namespace lnsim
