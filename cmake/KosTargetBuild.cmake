# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
#
# A host build also builds the programs of the targets, each platform in a nested build directory with its own
# toolchain: one `cmake --build` gives everything. Target programs are always optimised.
include(ExternalProject)

set(KOS_TARGET_DIR ${CMAKE_BINARY_DIR}/aarch64-sel4/bin CACHE PATH "Folder of rootserver.elf, libos.elf, …")

# PLATFORM is aarch64-sel4 or aarch64-linux; the target of that name stands for all of its programs.
function(kos_build_target_platform PLATFORM)
    ExternalProject_Add(${PLATFORM}
        SOURCE_DIR ${CMAKE_SOURCE_DIR}
        BINARY_DIR ${CMAKE_BINARY_DIR}/${PLATFORM}
        STAMP_DIR ${CMAKE_BINARY_DIR}/${PLATFORM}-stamp
        TMP_DIR ${CMAKE_BINARY_DIR}/${PLATFORM}-stamp
        DOWNLOAD_COMMAND ""
        CMAKE_ARGS
            -DCMAKE_TOOLCHAIN_FILE=${CMAKE_SOURCE_DIR}/cmake/toolchain/${PLATFORM}.cmake
            -DCMAKE_BUILD_TYPE=Release
            -DKOS_WERROR=${KOS_WERROR}
            -DBUILD_TESTING=${BUILD_TESTING}
        # The nested build knows best what is stale; asking it costs some ten milliseconds.
        BUILD_ALWAYS ON
        BUILD_COMMAND ${CMAKE_COMMAND} --build <BINARY_DIR>
        USES_TERMINAL_BUILD ON
        INSTALL_COMMAND "")
endfunction()

if(KOS_HOST AND KOS_TARGET_PROGRAMS)
    kos_build_target_platform(aarch64-sel4)
    kos_build_target_platform(aarch64-linux)
endif()

# TARGET runs target programs: it is built after them and finds them in the folder KOS_TARGET_DIR (a string literal).
function(kos_use_target_programs TARGET)
    target_compile_definitions(${TARGET} PRIVATE KOS_TARGET_DIR="${KOS_TARGET_DIR}")
    if(KOS_TARGET_PROGRAMS)
        add_dependencies(${TARGET} aarch64-sel4)
    endif()
endfunction()
