# SPDX-License-Identifier: Apache-2.0
# Compiler options shared by every target of the project: warnings are errors, and floating-point results do not
# depend on contraction, so every build type, target and compiler gives the same bits.
add_library(lnsim_options INTERFACE)
target_include_directories(lnsim_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(lnsim_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -ffp-contract=off)
# g++ 12 and 13 warn falsely about "text" + std::string (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  target_compile_options(lnsim_options INTERFACE -Wno-restrict)
endif()
if(LNSIM_SANITIZE)
  target_compile_options(lnsim_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(lnsim_options INTERFACE -fsanitize=address,undefined)
endif()
