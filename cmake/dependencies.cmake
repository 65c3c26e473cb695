# SPDX-License-Identifier: Apache-2.0
find_package(PkgConfig REQUIRED)
pkg_check_modules(SystemC REQUIRED IMPORTED_TARGET systemc>=2.3.4)
# Debian's libsystemc is built as C++17 and checks that at link time.
target_compile_definitions(PkgConfig::SystemC INTERFACE SC_CPLUSPLUS=201703L)
pkg_check_modules(Highway REQUIRED IMPORTED_TARGET libhwy>=1.0.3)
# Kernels are compiled for every instruction set and chosen at run time (sim/numerics/simd_dispatch.hpp); Ice Lake and
# later count bits in a vector. They keep vectors in objects, which SVE vectors, of no fixed size, do not allow: aarch64
# uses NEON. Everything that includes Highway must agree on this.
target_compile_definitions(PkgConfig::Highway INTERFACE HWY_WANT_AVX3_DL
  "HWY_DISABLED_TARGETS=(HWY_SVE|HWY_SVE2|HWY_SVE_256|HWY_SVE2_128)")
if(UNIX AND NOT APPLE)
  # Of Highway only the headers are used, except by tests and under sanitizers; its library would cost every start 4 ms.
  target_link_options(PkgConfig::Highway INTERFACE LINKER:--as-needed)
endif()
find_package(nlohmann_json 3.11 REQUIRED)
pkg_check_modules(Simdjson REQUIRED IMPORTED_TARGET simdjson>=3.0.1)
find_package(Boost 1.74 REQUIRED COMPONENTS program_options)
find_package(fmt 9 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLite3 REQUIRED)
if(LNSIM_TESTS AND NOT LNSIM_FUZZ)
  find_package(Catch2 2.13 REQUIRED)
  find_package(rapidcheck REQUIRED)
endif()
