# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
#
# Freestanding programs for seL4 on aarch64, with Debian's cross compiler. The headers are the cross compiler's own:
# picolibc's clash with libstdc++. Only picolibc's string functions are linked.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(KOS_PLATFORM sel4)

set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_ASM_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_SIZE aarch64-linux-gnu-size)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(freestanding
    -ffreestanding
    -march=armv8-a
    -mno-outline-atomics            # they would need libgcc's start code
    -fno-stack-protector
    -U_FORTIFY_SOURCE
    -fno-asynchronous-unwind-tables
    -ffunction-sections
    -fdata-sections)
list(JOIN freestanding " " freestanding)
set(CMAKE_ASM_FLAGS_INIT "-march=armv8-a")
set(CMAKE_C_FLAGS_INIT "${freestanding}")
set(CMAKE_CXX_FLAGS_INIT "${freestanding} -fno-exceptions -fno-rtti -fno-threadsafe-statics")
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "-nostdlib -nostartfiles -Wl,--gc-sections,--build-id=none,-z,max-page-size=4096,-z,noexecstack")

set(KOS_PICOLIBC /usr/lib/picolibc/aarch64-linux-gnu/lib/libc.a)
