# SPDX-License-Identifier: Apache-2.0
# Compiler options shared by every target of the project: warnings are errors, and floating-point results do not
# depend on contraction, so every build type, target and compiler gives the same bits.
add_library(lnsim_options INTERFACE)
target_include_directories(lnsim_options INTERFACE "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>"
  "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/lnsim>")
target_compile_features(lnsim_options INTERFACE cxx_std_20)
# What checks this project is not for those who link its libraries.
add_library(lnsim_build_options INTERFACE)
target_link_libraries(lnsim_options INTERFACE $<BUILD_INTERFACE:lnsim_build_options>)
target_compile_options(lnsim_build_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -ffp-contract=off)
# g++ 12 and 13 warn falsely about "text" + std::string (GCC bug 105651) and about members of std::optional (bug 80635).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  target_compile_options(lnsim_build_options INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
endif()
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ takes the files that a unity build includes for headers, in which a type with members from an unnamed namespace
  # would be a mistake.
  target_compile_options(lnsim_build_options INTERFACE -Wno-subobject-linkage)
endif()
if(LNSIM_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "LNSIM_FUZZ needs libFuzzer: configure with -DCMAKE_CXX_COMPILER=clang++")
  endif()
  target_compile_options(lnsim_build_options INTERFACE -O1 -g1 -fsanitize=fuzzer-no-link,address,undefined
    -fno-sanitize-recover=all -fno-omit-frame-pointer -D_GLIBCXX_ASSERTIONS)
  target_link_options(lnsim_build_options INTERFACE -fsanitize=address,undefined)
endif()
if(LNSIM_SANITIZE AND NOT LNSIM_FUZZ)
  # -O1 instead of the debug build's -O0: several times faster under the sanitizers. Their instrumentation makes
  # "may be used uninitialized" guess wrong (GCC manual, -fsanitize), so it stays a warning.
  target_compile_options(lnsim_build_options INTERFACE -O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all
    -fno-omit-frame-pointer -D_GLIBCXX_ASSERTIONS -Wno-error=maybe-uninitialized)
  target_link_options(lnsim_build_options INTERFACE -fsanitize=address,undefined)
endif()
if(LNSIM_COVERAGE)
  target_compile_options(lnsim_build_options INTERFACE -O0 -g --coverage -fprofile-update=atomic)
  target_link_options(lnsim_build_options INTERFACE --coverage)
endif()
