# SPDX-License-Identifier: Apache-2.0
# Cross-building for aarch64 on Debian: -DCMAKE_TOOLCHAIN_FILE=cmake/aarch64-linux-gnu.cmake. Needs the packages
# g++-aarch64-linux-gnu and qemu-user-static, and the libraries of README with :arm64 behind their names.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static)
set(ENV{PKG_CONFIG_LIBDIR} /usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig)
