# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
#
# Third-party libraries, all of them Debian packages (scripts/packages). Targets to name in DEPENDS:
#   host         CLI11::CLI11  spdlog::spdlog  LibArchive::LibArchive  OpenSSL::Crypto
#                kos::zstd  kos::fdt  kos::dynarmic  kos::sqfs  yaml-cpp
#   sel4         kos::fdt
#   host, linux  nlohmann_json::nlohmann_json  kos::seccomp (static)

# An imported target for a library without a usable CMake package of its own.
function(kos_import NAME HEADER LIBRARY)
    find_path(KOS_${NAME}_INCLUDE_DIR ${HEADER} REQUIRED)
    find_library(KOS_${NAME}_LIBRARY ${LIBRARY} REQUIRED)
    mark_as_advanced(KOS_${NAME}_INCLUDE_DIR KOS_${NAME}_LIBRARY)
    add_library(kos::${NAME} UNKNOWN IMPORTED GLOBAL)
    set_target_properties(kos::${NAME} PROPERTIES
        IMPORTED_LOCATION ${KOS_${NAME}_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${KOS_${NAME}_INCLUDE_DIR})
endfunction()

if(NOT KOS_FREESTANDING)
    find_package(nlohmann_json 3.11 REQUIRED CONFIG)
    kos_import(seccomp seccomp.h libseccomp.a)
endif()

if(KOS_HOST)
    find_package(CLI11 2.1 REQUIRED CONFIG)
    find_package(spdlog 1.10 REQUIRED CONFIG)
    find_package(LibArchive 3.6 REQUIRED)
    find_package(OpenSSL 3 REQUIRED)
    find_package(yaml-cpp 0.7 REQUIRED CONFIG)
    kos_import(zstd zstd.h zstd)
    kos_import(fdt libfdt.h fdt)
    kos_import(sqfs sqfs/super.h squashfs)
    # Its own package file asks for the libraries that dynarmic was built from, which Debian does not ship.
    kos_import(dynarmic dynarmic/interface/A64/a64.h dynarmic)
endif()

if(KOS_HOST AND BUILD_TESTING)
    find_package(GTest 1.12 REQUIRED CONFIG)
    find_package(rapidcheck REQUIRED CONFIG)
    include(GoogleTest)
    enable_testing()
endif()
if(KOS_HOST AND KOS_BENCHMARKS)
    find_package(benchmark 1.7 REQUIRED CONFIG)
endif()

if(KOS_FREESTANDING)
    # Debian's libfdt for arm64 cannot be installed beside the host's: it is unpacked. A program that links it has to
    # define what stack protection needs (boot/support.cpp).
    execute_process(COMMAND ${PROJECT_SOURCE_DIR}/scripts/sysroot libfdt-dev:arm64
        OUTPUT_VARIABLE fdt_root OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    add_library(kos::fdt UNKNOWN IMPORTED GLOBAL)
    set_target_properties(kos::fdt PROPERTIES
        IMPORTED_LOCATION ${fdt_root}/usr/lib/aarch64-linux-gnu/libfdt.a
        INTERFACE_INCLUDE_DIRECTORIES ${fdt_root}/usr/include)
    # Nothing that leaves vector registers alone uses it, but every library has such a variant.
    add_library(kos::fdt_gr ALIAS kos::fdt)
endif()
