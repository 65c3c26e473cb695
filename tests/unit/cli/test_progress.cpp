// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "sim/cli/progress.hpp"

using lnsim::cli::progress_line;

TEST_CASE("the progress line tells layer, share, speed and time left", "[progress]") {
  CHECK(progress_line("conv1 forward", 0.25, 3000000, 2.0, 80) == "conv1 forward   25 %   1.50 Mcycles/s   0:06 left");
  CHECK(progress_line("x", 0.5, 1500, 3661, 80) == "x   50 %   0.0 kcycles/s   1:01:01 left");
}

TEST_CASE("at the start the progress line promises nothing", "[progress]") {
  CHECK(progress_line("conv1", 0, 0, 0, 80) == "conv1   0 %");
}

TEST_CASE("a narrow terminal cuts the layer's name first", "[progress]") {
  CHECK(progress_line("layer3.block5.conv2", 0.5, 0, 10, 24) == "layer   50 %   0:10 left");
  CHECK(progress_line("layer3.block5.conv2", 0.5, 0, 10, 4).size() == 4);
}

TEST_CASE("control characters in a layer's name do not reach the terminal", "[progress]") {
  CHECK(progress_line("a\x1b[2Jb", 0, 0, 0, 80) == "a\\x1b[2Jb   0 %");
}
