// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/commands.hpp"
#include "sim/cli/inputs.hpp"
#include "sim/cli/program.hpp"
#include "sim/cli/results.hpp"
#include "sim/support/error.hpp"
#include "sim/trace/trace_file.hpp"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace lnsim::cli {
namespace {

/// The command is over in milliseconds, a tenth of them in giving memory back to the system and asking for it again.
void keep_freed_memory() {
#if defined(__GLIBC__)
  constexpr int kMebibyte = 1 << 20;
  ::mallopt(M_MMAP_THRESHOLD, 64 * kMebibyte);
  ::mallopt(M_TRIM_THRESHOLD, 256 * kMebibyte);
  ::mallopt(M_TOP_PAD, 8 * kMebibyte);
#endif
}

}  // namespace

int run_energy(const std::vector<std::string>& arguments, Context& context) {
  Options options("energy --trace FILE [options]",
                  "Prices a stored trace again without simulating: the trace.json that `simulate --out` wrote, or one\n"
                  "of another simulator. Cycles and the clock stay those of the trace.");
  CommonOptions common;
  std::string trace_file;
  options.text("trace", trace_file, "FILE", "the trace");
  options.group("Prices");
  add_pricing_options(options, common);
  options.group("Results");
  add_output_options(options, common);
  add_data_dir_option(options, common);
  if (!options.parse(arguments)) {
    context.console.out(options.help());
    return kDone;
  }
  if (trace_file.empty()) throw InputError("--trace", "", "", "a trace.json, as simulate --out writes it");
  keep_freed_memory();
  Trace trace = read_trace_file(trace_file);
  const report::Pricing pricing = report::load_pricing(common.prices, shipped_files(common, context), trace.family);
  ResultFolder folder(common.out);
  const auto kept = std::make_shared<const report::PricedTrace>(report::price_trace(std::move(trace), pricing));
  context.kept.push_back(kept);
  const report::PricedTrace& priced = *kept;
  write_results(priced, pricing, folder);
  print_results(priced, pricing, common.format, context.console);
  return kDone;
}

}  // namespace lnsim::cli
