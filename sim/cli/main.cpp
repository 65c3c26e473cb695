// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/program.hpp"

int main(int argc, char** argv) {
  return lnsim::cli::run_program({argv + (argc > 0 ? 1 : 0), argv + argc}, LNSIM_SOURCE_DATA_DIR);
}
