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
pkg_check_modules(YamlCpp REQUIRED IMPORTED_TARGET yaml-cpp>=0.7)
find_package(nlohmann_json 3.11 REQUIRED)
pkg_check_modules(Simdjson REQUIRED IMPORTED_TARGET simdjson>=3.0.1)
find_package(Boost 1.74 REQUIRED COMPONENTS program_options)
find_package(fmt 9 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLite3 REQUIRED)
# The classes of ONNX's file format, from the library that ONNX ships; its own CMake package names targets that Debian's
# does not install.
find_package(Protobuf 3.21 REQUIRED)
find_path(ONNX_INCLUDE_DIR onnx/onnx_pb.h REQUIRED)
find_library(ONNX_PROTO_LIBRARY onnx_proto REQUIRED)
add_library(lnsim_onnx_proto INTERFACE)
target_include_directories(lnsim_onnx_proto SYSTEM INTERFACE "${ONNX_INCLUDE_DIR}")
target_compile_definitions(lnsim_onnx_proto INTERFACE ONNX_ML=1 ONNX_NAMESPACE=onnx)
target_link_libraries(lnsim_onnx_proto INTERFACE "${ONNX_PROTO_LIBRARY}" protobuf::libprotobuf)
if(LNSIM_TESTS)
  find_package(Catch2 2.13 REQUIRED)
  find_package(rapidcheck REQUIRED)
endif()
