// SPDX-License-Identifier: Apache-2.0
#include "sim/systemc/waves.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "sim/support/error.hpp"
#include "sim/workload/selection.hpp"

namespace lnsim::systemc {
namespace {

/// What a change takes in the file beside its bits: "b", a space, an identifier, a line break.
constexpr std::uint64_t kBytesPerChange = 8;
constexpr std::uint64_t kBytesPerCycle = 24;  ///< "#", the time, and two line breaks

}  // namespace

Waves::Waves(Clock& clock, const WavesOptions& options)
    : sc_module(sc_core::sc_module_name("waves")),
      clock_(clock),
      options_(options),
      folder_(std::filesystem::temp_directory_path() / "lnsim-waves") {
  std::error_code error;
  if (!std::filesystem::create_directory(folder_.path(), error)) {
    throw InputError("--vcd", "", folder_.path().string(), "a temporary folder that can be made");
  }
  SC_METHOD(on_edge);
  sensitive << clock.edge;
  dont_initialize();
  SC_METHOD(sample);
  sensitive << settled_;
  dont_initialize();
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  file_ = sc_core::sc_create_vcd_trace_file((folder_.path() / "waves").c_str());
  file_->set_time_unit(1, sc_core::SC_PS);
}

Waves::~Waves() { close(); }

void Waves::close() {
  if (file_ != nullptr) sc_core::sc_close_vcd_trace_file(std::exchange(file_, nullptr));
}

void Waves::add(const std::string& module, const std::string& signal, int bits, Read read) {
  bool chosen = options_.modules.empty();
  for (const std::string& pattern : options_.modules) chosen |= matches(pattern, module);
  if (!chosen) return;
  Signal& added = signals_.emplace_back();
  added.read = std::move(read);
  added.bits = bits;
  sc_core::sc_trace(file_, added.value, module + "." + signal, bits);
}

// In the delta after the one in which every block has worked on its cycle.
void Waves::on_edge() { settled_.notify(sc_core::SC_ZERO_TIME); }

void Waves::sample() {
  const std::uint64_t cycle = clock_.cycle();
  if (file_ == nullptr || cycle < options_.first_cycle) return;
  if (cycle > options_.last_cycle || bytes_ > options_.most_bytes) {
    truncated_ |= cycle <= options_.last_cycle;
    return close();
  }
  bool any = false;
  for (Signal& signal : signals_) {
    const sc_dt::uint64 value = signal.read(cycle);
    if (value == signal.value) continue;
    signal.value = value;
    bytes_ += kBytesPerChange + static_cast<std::uint64_t>(signal.bits);
    any = true;
  }
  if (any) bytes_ += kBytesPerCycle;
}

std::string Waves::text() {
  if (signals_.empty())
    throw InputError("--vcd-modules", "", "no signal", "patterns of module names (docs/machine.md)");
  close();
  std::ifstream in(folder_.path() / "waves.vcd", std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  // SystemC's header has the date of the run and its own version: neither belongs into a reproducible result.
  const std::size_t body = text.find("$timescale");
  if (body == std::string::npos) throw std::runtime_error("SystemC has written no waveform");
  const std::string period = std::to_string(clock_.period().value());
  return "$version lnsim $end\n$comment cycle n of the pass is at (n + 1) x " + period + " ps $end\n" +
         text.substr(body);
}

}  // namespace lnsim::systemc
