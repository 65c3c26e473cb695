// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace lnsim::numerics {

/// The stored bits of one element as an unsigned integer. LNS(B, gamma): sign in bit B-1, exponent code e below it.
using Code = std::uint32_t;

enum class FormatKind : std::uint8_t { kLns, kInt, kFloat };

/// A format, a unit or a request that the definitions do not allow.
class SpecError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// A code that is not a number of its format (NaN, Inf, or beyond its width), or a NaN given to a quantiser.
class CodeError : public std::domain_error {
 public:
  using std::domain_error::domain_error;
};

/// One element after quantisation.
struct Encoded {
  Code code = 0;
  bool clipped = false;  ///< the magnitude was beyond the largest finite code and became it
};

class BlockFormat;

/// A number format: value = scale * decode(code). Immutable and shared; one object per distinct format.
class Format {
 public:
  virtual ~Format() = default;

  [[nodiscard]] virtual FormatKind kind() const = 0;
  /// Unique text, e.g. "int8", "fp8_e4m3", "lns(8,8,zero_code)"; of block-scaled elements the block format's.
  [[nodiscard]] std::string name() const;
  /// What scales blocks of the elements (block_scaled() in block_format.hpp); null where a tensor has one scale. Codes
  /// mean what they mean without it, times the block's scale.
  [[nodiscard]] const std::shared_ptr<const BlockFormat>& block() const { return block_; }
  /// Bits of one stored element in memories and on wires.
  [[nodiscard]] virtual unsigned bits() const = 0;
  /// Bytes of one code in this program's arrays: 1, 2 or 4, native byte order.
  [[nodiscard]] unsigned container_bytes() const { return bits() <= 8 ? 1U : bits() <= 16 ? 2U : 4U; }

  /// True if the code is a number of this format.
  [[nodiscard]] virtual bool valid(Code code) const = 0;
  /// Nearest code of x / scale with saturation, as the definitions of the format say. Throws CodeError for NaN.
  [[nodiscard]] virtual Encoded encode(double x, double scale) const = 0;
  /// scale * value of the code, in binary64. Throws CodeError if the code is not valid.
  [[nodiscard]] virtual double decode(Code code, double scale) const = 0;
  /// The usual scale of a tensor whose largest magnitude is max_abs (>= 0, finite); 1 where max_abs = 0.
  [[nodiscard]] virtual double usual_scale(double max_abs) const = 0;

  /// Quantises a tensor into codes of container_bytes() each; returns how many were clipped. Throws CodeError for NaN.
  virtual std::uint64_t quantize(std::span<const double> x, double scale, std::byte* codes) const;

 private:
  friend std::shared_ptr<const Format> block_scaled(const std::shared_ptr<const BlockFormat>& format);
  [[nodiscard]] virtual std::string own_name() const = 0;

  std::shared_ptr<const BlockFormat> block_;
};

using FormatPtr = std::shared_ptr<const Format>;

/// The format of that name ("int2".."int16", "fp8_e4m3", "fp8_e5m2", "fp16", "bf16", "fp32", ...); nullptr if unknown.
/// LNS formats are made by make_lns (lns.hpp).
[[nodiscard]] FormatPtr find_format(std::string_view name);

/// Every named format, in a fixed order: for tests, messages and documentation.
[[nodiscard]] const std::vector<FormatPtr>& named_formats();

/// Reads / writes element i of an array of codes with the given container width (1, 2 or 4 bytes).
[[nodiscard]] Code load_code(const std::byte* codes, std::size_t i, unsigned container_bytes);
void store_code(std::byte* codes, std::size_t i, unsigned container_bytes, Code code);

}  // namespace lnsim::numerics
