# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
#
# The functions with which folders describe themselves; cmake/README.md shows each in use.

# Gives TARGET an include root of its own that holds one thing: its folder, under its path from the repository's root.
# So `#include "lib/base/result.hpp"` compiles only in targets that depend on lib/base's.
function(kos_include_root TARGET SCOPE)
    file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
    set(root ${CMAKE_BINARY_DIR}/include/${TARGET})
    kos_link_folder(${root}/${folder})
    target_include_directories(${TARGET} ${SCOPE} ${root})
    if(NOT SCOPE STREQUAL PRIVATE)
        # The target all_verify_interface_header_sets compiles each of these on its own.
        file(GLOB headers CONFIGURE_DEPENDS ${root}/${folder}/*.hpp ${root}/${folder}/*.h)
        target_sources(${TARGET} INTERFACE FILE_SET HEADERS BASE_DIRS ${root} FILES ${headers})
    endif()
    # __FILE__ and debug information name the file in the repository, not the link.
    target_compile_options(${TARGET} ${SCOPE} -ffile-prefix-map=${root}/=)
endfunction()

# Makes LINK stand for the current folder: a link to it, or where folders below it are targets of their own, a folder
# with links to its headers alone.
function(kos_link_folder LINK)
    file(GLOB_RECURSE nested ${CMAKE_CURRENT_SOURCE_DIR}/*/CMakeLists.txt)
    if(NOT nested AND NOT IS_SYMLINK ${LINK})
        file(REMOVE_RECURSE ${LINK})
        cmake_path(GET LINK PARENT_PATH parent)
        file(MAKE_DIRECTORY ${parent})
        file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${LINK} SYMBOLIC)
    elseif(nested)
        if(IS_SYMLINK ${LINK})
            file(REMOVE ${LINK})
        endif()
        file(MAKE_DIRECTORY ${LINK})
        file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.hpp ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
        foreach(header IN LISTS headers)
            cmake_path(GET header FILENAME name)
            file(CREATE_LINK ${header} ${LINK}/${name} SYMBOLIC)
        endforeach()
    endif()
endfunction()

# Remembers what TARGET depends on, for kos_check_dependencies(). Empty lists are fine.
function(kos_depends TARGET SCOPE)
    foreach(dependency IN LISTS ARGN)
        target_link_libraries(${TARGET} ${SCOPE} ${dependency})
        set_property(GLOBAL APPEND PROPERTY KOS_DEPENDENCIES "${TARGET}>${dependency}")
    endforeach()
endfunction()

# A name that is no target would silently become -lname and lose its include root: the target will not build, others may.
function(kos_check_dependencies)
    get_property(edges GLOBAL PROPERTY KOS_DEPENDENCIES)
    foreach(edge IN LISTS edges)
        string(REPLACE ">" ";" edge ${edge})
        list(GET edge 0 target)
        list(GET edge 1 dependency)
        if(NOT TARGET ${dependency})
            get_target_property(folder ${target} SOURCE_DIR)
            message(WARNING "${folder}: target ${target} depends on ${dependency}, which no folder defines")
        endif()
    endforeach()
endfunction()

# Sets arg_NAME, arg_SOURCES, … The name may stand first without its keyword, as in CMake's own functions.
macro(kos_parse FUNCTION OPTIONS SINGLE LISTS)
    cmake_parse_arguments(arg "${OPTIONS}" "NAME;${SINGLE}" "SOURCES;DEPENDS;${LISTS}" ${ARGN})
    if(NOT arg_NAME)
        list(POP_FRONT arg_UNPARSED_ARGUMENTS arg_NAME)
    endif()
    if(NOT arg_NAME)
        message(FATAL_ERROR "${FUNCTION}: NAME is missing")
    endif()
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "${FUNCTION}(${arg_NAME}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
    endif()
endmacro()

# One library target with its sources, or an interface target for a folder of headers.
function(kos_add_library NAME OPTIONS SOURCES DEPENDS PRIVATE_DEPENDS)
    if(SOURCES)
        add_library(${NAME} STATIC ${SOURCES})
        target_link_libraries(${NAME} PRIVATE ${OPTIONS})
        set(scope PUBLIC)
        kos_depends(${NAME} PRIVATE ${PRIVATE_DEPENDS})
    else()
        add_library(${NAME} INTERFACE)
        set(scope INTERFACE)
    endif()
    kos_include_root(${NAME} ${scope})
    kos_depends(${NAME} ${scope} ${DEPENDS})
endfunction()

# kos_library(NAME target [SOURCES file…] [HOSTED_SOURCES file…] [DEPENDS target…] [PRIVATE_DEPENDS target…]
#             [HOSTED|FREESTANDING])
#   HOSTED          needs an operating system: no freestanding build
#   FREESTANDING    needs the target's processor: no other build
#   HOSTED_SOURCES  files of which the freestanding build has other versions, or none
#   DEPENDS         targets whose headers this target's headers include; PRIVATE_DEPENDS: only its sources do
# In the freestanding build there is also <target>_gr: position independent, general registers only, compiled when it is
# linked (-flto), for libos.
function(kos_library)
    kos_parse(kos_library "HOSTED;FREESTANDING" "" "HOSTED_SOURCES;PRIVATE_DEPENDS" ${ARGN})
    if((KOS_FREESTANDING AND arg_HOSTED) OR (NOT KOS_FREESTANDING AND arg_FREESTANDING))
        return()
    endif()
    if(NOT KOS_FREESTANDING)
        list(APPEND arg_SOURCES ${arg_HOSTED_SOURCES})
    endif()
    kos_add_library(${arg_NAME} kos_options "${arg_SOURCES}" "${arg_DEPENDS}" "${arg_PRIVATE_DEPENDS}")
    if(KOS_FREESTANDING)
        list(TRANSFORM arg_DEPENDS APPEND _gr)
        list(TRANSFORM arg_PRIVATE_DEPENDS APPEND _gr)
        kos_add_library(${arg_NAME}_gr kos_options_gr "${arg_SOURCES}" "${arg_DEPENDS}" "${arg_PRIVATE_DEPENDS}")
        set_target_properties(${arg_NAME}_gr PROPERTIES EXCLUDE_FROM_ALL ON INTERPROCEDURAL_OPTIMIZATION ON)
    endif()
endfunction()

# kos_program(NAME target SOURCES file… [DEPENDS target…] [TARGET_PROGRAMS])
#   TARGET_PROGRAMS  needs the target ELF files: they are built first, and KOS_TARGET_DIR is their folder
# A program of the host or of the Linux guest; for the guest it writes bin/<target>, stripped, and prints its bytes.
function(kos_program)
    kos_parse(kos_program "TARGET_PROGRAMS" "" "" ${ARGN})
    if(KOS_FREESTANDING)
        return()
    endif()
    add_executable(${arg_NAME} ${arg_SOURCES})
    target_link_libraries(${arg_NAME} PRIVATE kos_options)
    kos_include_root(${arg_NAME} PRIVATE)
    kos_depends(${arg_NAME} PRIVATE ${arg_DEPENDS})
    if(arg_TARGET_PROGRAMS)
        kos_use_target_programs(${arg_NAME})
    endif()
    if(NOT KOS_HOST)
        set(stripped ${CMAKE_BINARY_DIR}/bin/${arg_NAME})
        add_custom_command(TARGET ${arg_NAME} POST_BUILD VERBATIM BYPRODUCTS ${stripped}
            COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/bin
            COMMAND ${CMAKE_STRIP} -o ${stripped} $<TARGET_FILE:${arg_NAME}>
            COMMAND wc -c ${stripped})
    endif()
endfunction()

# kos_check_size(NAME test PROGRAM name MOST bytes)
# A test that fails where the Linux guest's stripped program has more bytes.
function(kos_check_size)
    kos_parse(kos_check_size "" "PROGRAM;MOST" "" ${ARGN})
    if(KOS_HOST AND BUILD_TESTING AND KOS_TARGET_PROGRAMS)
        add_test(NAME ${arg_NAME} COMMAND ${CMAKE_COMMAND}
            -DFILE=${CMAKE_BINARY_DIR}/aarch64-linux/bin/${arg_PROGRAM} -DMOST=${arg_MOST}
            -P ${CMAKE_SOURCE_DIR}/cmake/check-size.cmake)
    endif()
endfunction()

# What tests may run and pack: folders of aarch64 Linux programs and of OCI layouts.
set(KOS_TEST_PROGRAMS ${CMAKE_BINARY_DIR}/test-programs)
set(KOS_TEST_IMAGES ${CMAKE_BINARY_DIR}/test-images)

# kos_test(NAME target SOURCES file… [DEPENDS target…] [LABELS label…]
#          [TARGET_PROGRAMS] [TEST_PROGRAMS] [TEST_IMAGES])
#   TEST_PROGRAMS, TEST_IMAGES  defines KOS_TEST_PROGRAMS or KOS_TEST_IMAGES, a folder (string literal) that ctest
#                               fills beforehand; tests/programs and tests/images say with what
# A GoogleTest program (gmock and RapidCheck are linked); every TEST becomes a test of ctest, labelled "unit" by default.
function(kos_test)
    kos_parse(kos_test "TARGET_PROGRAMS;TEST_PROGRAMS;TEST_IMAGES" "" "LABELS" ${ARGN})
    if(NOT KOS_HOST OR NOT BUILD_TESTING)
        return()
    endif()
    if(NOT arg_LABELS)
        set(arg_LABELS unit)
    endif()
    add_executable(${arg_NAME} ${arg_SOURCES})
    target_link_libraries(${arg_NAME} PRIVATE
        kos_options GTest::gmock_main rapidcheck rapidcheck_gtest rapidcheck_gmock)
    kos_depends(${arg_NAME} PRIVATE ${arg_DEPENDS})
    if(arg_TARGET_PROGRAMS)
        kos_use_target_programs(${arg_NAME})
    endif()
    set(fixtures)
    if(arg_TEST_PROGRAMS)
        target_compile_definitions(${arg_NAME} PRIVATE KOS_TEST_PROGRAMS="${KOS_TEST_PROGRAMS}")
        list(APPEND fixtures test-programs)
    endif()
    if(arg_TEST_IMAGES)
        target_compile_definitions(${arg_NAME} PRIVATE KOS_TEST_IMAGES="${KOS_TEST_IMAGES}")
        list(APPEND fixtures test-images)
    endif()
    gtest_discover_tests(${arg_NAME}
        TEST_PREFIX ${arg_NAME}. DISCOVERY_TIMEOUT 60
        PROPERTIES TIMEOUT 300 LABELS "${arg_LABELS}" FIXTURES_REQUIRED "${fixtures}")
endfunction()

# kos_fuzzer(NAME target SOURCES file… [DEPENDS target…] CORPUS folder)
# The fuzz preset makes a libFuzzer program of it. Every other host build links the same sources with a main that
# replays the checked-in corpus, as a test labelled "corpus".
function(kos_fuzzer)
    kos_parse(kos_fuzzer "" "CORPUS" "" ${ARGN})
    if(NOT KOS_HOST OR NOT (BUILD_TESTING OR KOS_FUZZ))
        return()
    endif()
    if(NOT arg_CORPUS)
        message(FATAL_ERROR "kos_fuzzer(${arg_NAME}): CORPUS is missing")
    endif()
    cmake_path(ABSOLUTE_PATH arg_CORPUS)
    add_executable(${arg_NAME} ${arg_SOURCES})
    target_link_libraries(${arg_NAME} PRIVATE kos_options)
    kos_depends(${arg_NAME} PRIVATE ${arg_DEPENDS})
    if(KOS_FUZZ)
        target_link_options(${arg_NAME} PRIVATE -fsanitize=fuzzer)
        set(findings ${CMAKE_BINARY_DIR}/findings/${arg_NAME})
        file(MAKE_DIRECTORY ${findings}/corpus)
        add_test(NAME ${arg_NAME} COMMAND ${arg_NAME}
            -max_total_time=${KOS_FUZZ_SECONDS} -artifact_prefix=${findings}/ ${findings}/corpus ${arg_CORPUS})
        set_tests_properties(${arg_NAME} PROPERTIES LABELS fuzz)
    else()
        target_sources(${arg_NAME} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/fuzz/replay.cpp)
        add_test(NAME ${arg_NAME} COMMAND ${arg_NAME} ${arg_CORPUS})
        set_tests_properties(${arg_NAME} PROPERTIES LABELS corpus TIMEOUT 300)
    endif()
endfunction()

# kos_benchmark(NAME target SOURCES file… [DEPENDS target…] [TARGET_PROGRAMS])
# A Google Benchmark program. As a test (labelled "bench") each benchmark only runs briefly, so that none rots.
function(kos_benchmark)
    kos_parse(kos_benchmark "TARGET_PROGRAMS" "" "" ${ARGN})
    if(NOT KOS_HOST OR NOT KOS_BENCHMARKS)
        return()
    endif()
    add_executable(${arg_NAME} ${arg_SOURCES})
    target_link_libraries(${arg_NAME} PRIVATE kos_options benchmark::benchmark_main)
    kos_include_root(${arg_NAME} PRIVATE)
    kos_depends(${arg_NAME} PRIVATE ${arg_DEPENDS})
    if(arg_TARGET_PROGRAMS)
        kos_use_target_programs(${arg_NAME})
    endif()
    if(BUILD_TESTING)
        add_test(NAME ${arg_NAME} COMMAND ${arg_NAME} --benchmark_min_time=0.001)
        set_tests_properties(${arg_NAME} PROPERTIES LABELS bench TIMEOUT 300)
    endif()
endfunction()

# kos_freestanding_program(NAME target SOURCES file… [DEPENDS target…] LINKER_SCRIPT file [GENERAL_REGS_ONLY] [PIC])
#   GENERAL_REGS_ONLY  leaves vector registers alone: links the _gr variants of DEPENDS, and no C library
#   PIC                a static position-independent executable without relocations left in its text
# Writes bin/<target>.elf and prints its size. The linker's warnings are errors, among them writable and executable
# segments.
function(kos_freestanding_program)
    kos_parse(kos_freestanding_program "GENERAL_REGS_ONLY;PIC" "LINKER_SCRIPT" "" ${ARGN})
    if(NOT KOS_FREESTANDING)
        return()
    endif()
    cmake_path(ABSOLUTE_PATH arg_LINKER_SCRIPT)
    add_executable(${arg_NAME} ${arg_SOURCES})
    set_target_properties(${arg_NAME} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin SUFFIX .elf LINK_DEPENDS ${arg_LINKER_SCRIPT})
    kos_include_root(${arg_NAME} PRIVATE)
    if(arg_GENERAL_REGS_ONLY)
        list(TRANSFORM arg_DEPENDS APPEND _gr)
        target_link_libraries(${arg_NAME} PRIVATE kos_options_gr)
        set_target_properties(${arg_NAME} PROPERTIES INTERPROCEDURAL_OPTIMIZATION ON)
    else()
        target_link_libraries(${arg_NAME} PRIVATE kos_options)
    endif()
    kos_depends(${arg_NAME} PRIVATE ${arg_DEPENDS})
    if(arg_PIC)
        target_compile_options(${arg_NAME} PRIVATE -fPIC)
        target_link_options(${arg_NAME} PRIVATE -static-pie LINKER:--no-dynamic-linker,-z,text)
    else()
        target_link_options(${arg_NAME} PRIVATE -static)
    endif()
    # The map is for code that is made when it is linked.
    target_link_options(${arg_NAME} PRIVATE
        LINKER:--fatal-warnings -T ${arg_LINKER_SCRIPT} -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
    add_custom_command(TARGET ${arg_NAME} POST_BUILD VERBATIM COMMAND ${CMAKE_SIZE} $<TARGET_FILE:${arg_NAME}>)
endfunction()

# kos_managed_program(NAME target SOURCES file… [DEPENDS target…])
#   A freestanding program of one thread that the root server starts beside apps (vmm/manager): its first function is
#   program_main().
function(kos_managed_program)
    kos_parse(kos_managed_program "" "" "" ${ARGN})
    set(manager ${PROJECT_SOURCE_DIR}/vmm/manager)
    kos_freestanding_program(NAME ${arg_NAME} LINKER_SCRIPT ${manager}/program.ld
        SOURCES ${arg_SOURCES} ${manager}/entry.cpp ${manager}/program.cpp
            ${PROJECT_SOURCE_DIR}/lib/base/library_support.cpp ${PROJECT_SOURCE_DIR}/lib/base/memory_functions.cpp
            ${PROJECT_SOURCE_DIR}/lib/sel4/syscall_aarch64.cpp
        DEPENDS base native sel4 vmm_manager ${arg_DEPENDS})
endfunction()
