# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
#
# Settings that hold for every target of the project, collected in the interface target kos_options.

set(KOS_SANITIZE "" CACHE STRING "Sanitizers of the host build: 'address,undefined', 'thread' or empty")
option(KOS_WERROR "Warnings are errors" ON)
option(KOS_FUZZ "Build the fuzzers with libFuzzer (needs clang)" OFF)
option(KOS_BENCHMARKS "Build the benchmarks" ON)
option(KOS_TARGET_PROGRAMS "A host build also builds the programs of the targets" ON)
option(BUILD_TESTING "Build the tests" ON)
set(KOS_FUZZ_SECONDS 10 CACHE STRING "How long ctest runs each fuzzer of the fuzz preset")

# The toolchain files set KOS_PLATFORM to linux or sel4.
if(NOT DEFINED KOS_PLATFORM)
    set(KOS_PLATFORM host)
endif()
string(COMPARE EQUAL ${KOS_PLATFORM} host KOS_HOST)
string(COMPARE EQUAL ${KOS_PLATFORM} sel4 KOS_FREESTANDING)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ON)

# Assertions stay in every build type: there is no NDEBUG build.
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g")
set(CMAKE_C_FLAGS_DEBUG "-Og -g")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g")
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Debug CACHE STRING "Debug or Release" FORCE)
endif()

find_program(KOS_CCACHE ccache)
if(KOS_CCACHE)
    # Paths relative to the build folder: what one build folder or checkout compiled serves all.
    set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${KOS_CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

add_library(kos_common INTERFACE)
set(is_c_family $<COMPILE_LANGUAGE:C,CXX>)
target_compile_options(kos_common INTERFACE
    "$<${is_c_family}:-Wall;-Wextra;-Wpedantic;-Wconversion;-Wshadow>"
    "$<$<AND:${is_c_family},$<BOOL:${KOS_WERROR}>>:-Werror>"
    # GCC's -Wconversion does not ask for these casts in C++.
    $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion>
    # The same bytes wherever the source is checked out; gdb finds sources when started in the root.
    -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)

if(KOS_SANITIZE)
    target_compile_options(kos_common INTERFACE
        -fsanitize=${KOS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(kos_common INTERFACE -fsanitize=${KOS_SANITIZE})
endif()
if(KOS_FUZZ)
    # Coverage in every library; the fuzzer's main is linked into fuzzers only.
    target_compile_options(kos_common INTERFACE -fsanitize=fuzzer-no-link)
    target_link_options(kos_common INTERFACE -fsanitize=fuzzer-no-link)
endif()

# What a target of ours links: kos_options, or kos_options_gr where the vector registers belong to another program,
# so that picolibc's string functions, which use them, are out of the question.
add_library(kos_options INTERFACE)
target_link_libraries(kos_options INTERFACE kos_common)
if(KOS_FREESTANDING)
    # Programs that link what is compiled then (docs/adr/0017) get no flag of CMake's: without this one the linker warns
    # that it uses one core.
    target_link_options(kos_common INTERFACE -flto=auto)
    target_link_libraries(kos_options INTERFACE ${KOS_PICOLIBC} gcc)
    add_library(kos_options_gr INTERFACE)
    target_link_libraries(kos_options_gr INTERFACE kos_common gcc)
    # Also freestanding, the compiler knows memcpy and its like: a copy of a known size is no call. All is below 1 MiB.
    target_compile_options(kos_options_gr INTERFACE
        -mgeneral-regs-only -fPIC -mcmodel=tiny -fvisibility=hidden -fbuiltin)
    # Its code is made when it is linked (docs/adr/0017).
    target_link_options(kos_options_gr INTERFACE -mgeneral-regs-only -mcmodel=tiny)
else()
    find_package(Threads REQUIRED)
    target_link_libraries(kos_options INTERFACE Threads::Threads)
    target_compile_definitions(kos_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()
