// SPDX-License-Identifier: Apache-2.0
#include "sim/import/scale_sim.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>
#include <vector>

#include "sim/import/csv_cells.hpp"
#include "sim/support/error.hpp"
#include "sim/support/text.hpp"

namespace lnsim {
namespace {

constexpr std::size_t kMostLayers = 100000;
constexpr std::array<const char*, 7> kConvColumns{"IFMAP height", "IFMAP width", "filter height", "filter width",
                                                  "channels",     "filters",     "stride"};
constexpr std::array<const char*, 3> kGemmColumns{"M", "N", "K"};

std::optional<std::uint64_t> number_of(const std::string& cell) {
  std::uint64_t value = 0;
  const char* const end = cell.data() + cell.size();
  const auto [at, error] = std::from_chars(cell.data(), end, value);
  return error == std::errc() && at == end ? std::optional(value) : std::nullopt;
}

bool is_sparsity(const std::string& cell) {
  const std::size_t colon = cell.find(':');
  return colon != std::string::npos && number_of(cell.substr(0, colon)) && number_of(cell.substr(colon + 1));
}

bool has_digits(const std::string& cell) { return cell.find_first_of("0123456789") != std::string::npos; }

class Topology {
 public:
  Topology(std::string_view text, const std::string& file, const ScaleSimOptions& options)
      : file_(file), options_(options), lines_(csv_lines(text, file)) {
    network_.file = file;
    network_.name = options.name;
    network_.source = "imported from a SCALE-Sim topology";
    network_.batch = options.batch;
  }

  ImportResult read() {
    take_header();
    if (lines_.empty()) throw InputError(file_, "", "no layers", "a line per layer");
    if (lines_.size() > kMostLayers) {
      throw InputError(file_, "", std::to_string(lines_.size()) + " layers", "at most " + std::to_string(kMostLayers));
    }
    gemms_ = is_gemm_file();
    network_.family = gemms_ ? "transformer" : "cnn";
    for (const CsvLine& line : lines_) add(line);
    note_what_was_seen();
    // With the limits of workload files.
    result_.network = read_network({file_, write_network(network_)});
    return std::move(result_);
  }

 private:
  // SCALE-Sim passes over the first line whatever it says.
  void take_header() {
    if (lines_.empty()) return;
    const std::vector<std::string>& cells = lines_.front().cells;
    const bool layer = cells.size() > 3 && number_of(cells[1]) && number_of(cells[2]) && number_of(cells[3]);
    if (layer) {
      result_.repaired.push_back(
          "no header line: the first line, which SCALE-Sim would pass over, is taken as a layer");
      return;
    }
    header_ = lines_.front();
    lines_.erase(lines_.begin());
  }

  /// Layers of GEMMs have three numbers and perhaps one that nobody asked for, those of convolutions seven.
  [[nodiscard]] bool is_gemm_file() const {
    std::string head;
    for (const std::string& cell : header_.cells) {
      for (const char c : cell) head += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    if (head.find("ifmap") != std::string::npos || head.find("filter") != std::string::npos) return false;
    const std::vector<std::string>& cells = lines_.front().cells;
    std::size_t numbers = 0;
    while (1 + numbers < cells.size() && has_digits(cells[1 + numbers]) && !is_sparsity(cells[1 + numbers])) ++numbers;
    return numbers <= kGemmColumns.size() + 1;
  }

  /// A whole number of at least 1 in column `column` of the layer's numbers.
  [[nodiscard]] std::uint64_t number(const CsvLine& line, std::size_t column, const char* what) const {
    const std::string where = "line " + std::to_string(line.number) + ", column " + std::to_string(column + 2);
    const std::string cell = column + 1 < line.cells.size() ? line.cells[column + 1] : "";
    const auto value = number_of(cell);
    if (!value || *value == 0) {
      throw InputError(file_, where, cell.empty() ? "nothing" : brief_json(Json(cell)),
                       std::string(what) + ", a whole number of at least 1");
    }
    return *value;
  }

  [[nodiscard]] std::string layer_name(const CsvLine& line) {
    std::string name = line.cells.front();
    if (name.empty()) {
      name = "layer" + std::to_string(network_.entries.size() + 1);
      ++unnamed_;
    }
    const std::string given = name;
    for (std::uint64_t i = 2; !names_.insert(name).second; ++i) name = given + "_" + std::to_string(i);
    if (name != given) ++renamed_;
    return name;
  }

  void add(const CsvLine& line) {
    const std::size_t columns = gemms_ ? kGemmColumns.size() : kConvColumns.size();
    for (std::size_t i = columns + 1; i < line.cells.size(); ++i) {
      if (is_sparsity(line.cells[i])) {
        ++sparse_;
      } else if (!line.cells[i].empty()) {
        ++spare_;
      }
    }
    Layer layer;
    layer.name = layer_name(line);
    layer.inputs.clear();
    layer.input_gradient = !network_.entries.empty();
    layer.op = gemms_ ? LayerOp(gemm(line)) : LayerOp(convolution(line, layer.name));
    Entry entry;
    entry.name = layer.name;
    entry.layers.push_back(std::move(layer));
    network_.entries.push_back(std::move(entry));
  }

  [[nodiscard]] Linear gemm(const CsvLine& line) const {
    Linear linear;
    linear.rows = number(line, 0, kGemmColumns[0]);
    linear.out_features = number(line, 1, kGemmColumns[1]);
    linear.in_features = number(line, 2, kGemmColumns[2]);
    return linear;
  }

  [[nodiscard]] Conv2d convolution(const CsvLine& line, const std::string& name) {
    std::array<std::uint64_t, kConvColumns.size()> of{};
    for (std::size_t i = 0; i < of.size(); ++i) of[i] = number(line, i, kConvColumns[i]);
    Conv2d conv;
    conv.height = of[0];
    conv.width = of[1];
    conv.kernel = {of[2], of[3]};
    conv.in_channels = of[4];
    conv.out_channels = of[5];
    conv.stride = {of[6], of[6]};
    if (name.find("DP") != std::string::npos) make_depthwise(conv, line);
    if (of[2] > of[0] + (options_.same_padding ? of[2] : 0) || of[3] > of[1] + (options_.same_padding ? of[3] : 0)) {
      throw InputError(file_, "line " + std::to_string(line.number),
                       "a filter of " + std::to_string(of[2]) + "x" + std::to_string(of[3]) + " on an IFMAP of " +
                           std::to_string(of[0]) + "x" + std::to_string(of[1]),
                       "a filter that fits, or --padding same");
    }
    conv.padding = options_.same_padding ? same_padding(conv) : rounded_up(conv);
    rounded_ += !options_.same_padding && conv.padding[2] + conv.padding[3] > 0 ? 1U : 0U;
    unpadded_ += !options_.same_padding && (of[2] > 1 || of[3] > 1) ? 1U : 0U;
    return conv;
  }

  /// One filter, or as many as channels: each channel has its own. Of one channel: each filter has its own.
  void make_depthwise(Conv2d& conv, const CsvLine& line) {
    const std::uint64_t filters = conv.out_channels;
    if (conv.in_channels == 1) conv.in_channels = filters;
    if (filters != 1 && filters % conv.in_channels != 0) {
      throw InputError(file_, "line " + std::to_string(line.number),
                       std::to_string(filters) + " filters of a depthwise layer",
                       "1, or a multiple of its " + std::to_string(conv.in_channels) + " channels");
    }
    conv.groups = conv.in_channels;
    conv.out_channels = std::max(filters, conv.in_channels);
    ++depthwise_;
  }

  /// What `outputs` windows need beyond the size.
  static std::uint64_t beyond(std::uint64_t size, std::uint64_t outputs, std::uint64_t kernel, std::uint64_t stride) {
    const std::uint64_t needed = (outputs - 1) * stride + kernel;
    return needed > size ? needed - size : 0;
  }

  /// Top, left, bottom, right, as TensorFlow's SAME: what is odd goes to the bottom and right.
  static Sizes same_padding(const Conv2d& conv) {
    const auto total = [](std::uint64_t size, std::uint64_t kernel, std::uint64_t stride) {
      return beyond(size, (size + stride - 1) / stride, kernel, stride);
    };
    const std::uint64_t high = total(conv.height, conv.kernel[0], conv.stride[0]);
    const std::uint64_t wide = total(conv.width, conv.kernel[1], conv.stride[1]);
    return {high / 2, wide / 2, high - high / 2, wide - wide / 2};
  }

  /// SCALE-Sim has ceil((size - kernel + stride) / stride) outputs: the last window may reach beyond the IFMAP.
  static Sizes rounded_up(const Conv2d& conv) {
    const auto bottom = [](std::uint64_t size, std::uint64_t kernel, std::uint64_t stride) {
      return beyond(size, (size - kernel + 2 * stride - 1) / stride, kernel, stride);
    };
    return {0, 0, bottom(conv.height, conv.kernel[0], conv.stride[0]),
            bottom(conv.width, conv.kernel[1], conv.stride[1])};
  }

  void note_what_was_seen() {
    const auto note = [](std::vector<std::string>& notes, std::uint64_t count, const std::string& text) {
      if (count > 0) notes.push_back(std::to_string(count) + (count == 1 ? " layer " : " layers ") + text);
    };
    note(result_.repaired, unnamed_, "without a name");
    note(result_.repaired, renamed_, "with a name that was taken: a number was added");
    if (spare_ > 0) result_.repaired.push_back(std::to_string(spare_) + " spare cells passed over");
    note(result_.approximated, sparse_, "with a sparsity N:M, which is computed densely");
    note(result_.approximated, depthwise_, "depthwise by the DP in the name");
    note(result_.approximated, rounded_,
         "whose last window reaches beyond the IFMAP, as SCALE-Sim rounds the outputs up: "
         "padded at the bottom and right");
    note(result_.approximated, unpadded_,
         "with filters above 1x1 and no padding, which the format does not have; "
         "--padding same pads them");
    result_.approximated.push_back(
        "how layers connect is not in the file: each reads a tensor from outside; norms, activations, pooling and "
        "biases "
        "are missing");
  }

  const std::string& file_;
  const ScaleSimOptions& options_;
  std::vector<CsvLine> lines_;
  CsvLine header_;
  Network network_;
  ImportResult result_;
  std::set<std::string> names_;
  bool gemms_ = false;
  std::uint64_t unnamed_ = 0, renamed_ = 0, spare_ = 0, sparse_ = 0, depthwise_ = 0, unpadded_ = 0,
                rounded_ = 0;  ///< layers; cells
};

}  // namespace

ImportResult import_scale_sim(std::string_view text, const std::string& file, const ScaleSimOptions& options) {
  return Topology(text, file, options).read();
}

}  // namespace lnsim
