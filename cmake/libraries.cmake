# SPDX-License-Identifier: Apache-2.0
# find_package(lnsim): the libraries that others may use alone, lnsim::numerics and lnsim::energy, and what they need.
# Headers keep their paths: #include "sim/numerics/format.hpp".
include(CMakePackageConfigHelpers)
set(exported support numerics workload arch data trace energy)
foreach(library ${exported})
  set_target_properties(lnsim_${library} PROPERTIES EXPORT_NAME ${library})
endforeach()
list(TRANSFORM exported PREPEND lnsim_ OUTPUT_VARIABLE targets)
install(TARGETS ${targets} lnsim_options EXPORT lnsim_targets COMPONENT development
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
foreach(folder sim/support sim/numerics sim/workload sim/arch sim/data sim/trace energy)
  install(DIRECTORY "${folder}/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/lnsim/${folder}" COMPONENT development
    FILES_MATCHING PATTERN "*.hpp" PATTERN requests EXCLUDE)
endforeach()
set(package "${CMAKE_INSTALL_LIBDIR}/cmake/lnsim")
install(EXPORT lnsim_targets FILE lnsimTargets.cmake NAMESPACE lnsim:: DESTINATION "${package}" COMPONENT development)
configure_package_config_file(cmake/lnsimConfig.cmake.in "${PROJECT_BINARY_DIR}/lnsimConfig.cmake"
  INSTALL_DESTINATION "${package}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/lnsimConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/lnsimConfig.cmake" "${PROJECT_BINARY_DIR}/lnsimConfigVersion.cmake"
  DESTINATION "${package}" COMPONENT development)
