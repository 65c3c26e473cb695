# SPDX-License-Identifier: Apache-2.0
# The Debian package: `cpack -G DEB` in a release build. Libraries that it depends on are found by dpkg-shlibdeps.
set(CPACK_PACKAGE_NAME lnsim)
set(CPACK_PACKAGE_VENDOR "lnsim")
set(CPACK_PACKAGE_CONTACT "lnsim maintainers <maintainers@lnsim.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "simulator of an accelerator that trains neural networks in LNS and other formats")
set(CPACK_PACKAGE_DESCRIPTION "Cycles, energy and carbon of training runs, in the logarithmic number system and in FP32,
FP16, BF16, FP8 and INT; design sweeps on one machine or a cluster; reports as JSON, CSV and HTML.")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS "python3, slurm-client")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
# lnsim is the program, lnsim-dev the libraries for other projects.
set(CPACK_COMPONENTS_ALL program development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME lnsim)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME lnsim-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "Headers and static libraries of lnsim: number formats and their dot-product units, energy per action.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
  "nlohmann-json3-dev, libsimdjson-dev, libhwy-dev, libfmt-dev, libboost-dev, pkg-config")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
include(CPack)

install(FILES LICENSE README.md CHANGELOG.md CITATION.cff VALIDATION.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY docs/ DESTINATION "${CMAKE_INSTALL_DOCDIR}/docs")
