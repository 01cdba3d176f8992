// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// ELF64 structures and constants as they are in a file, little-endian.
// Source: System V ABI (gABI) chapters 4 and 5; ELF for the Arm 64-bit Architecture (AAELF64).
#pragma once

#include "lib/base/little_endian.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace kos::elf::format {

struct FileHeader {
    std::array<std::uint8_t, 16> ident;  // 0x00
    Le16 type;                           // 0x10
    Le16 machine;                        // 0x12
    Le32 version;                        // 0x14
    Le64 entry;                          // 0x18
    Le64 phoff;                          // 0x20
    Le64 shoff;                          // 0x28
    Le32 flags;                          // 0x30
    Le16 ehsize;                         // 0x34
    Le16 phentsize;                      // 0x36
    Le16 phnum;                          // 0x38
    Le16 shentsize;                      // 0x3a
    Le16 shnum;                          // 0x3c
    Le16 shstrndx;                       // 0x3e
};
static_assert(sizeof(FileHeader) == 0x40);

inline constexpr std::array<std::uint8_t, 4> magic{0x7f, 'E', 'L', 'F'};
inline constexpr std::size_t ident_class = 4, ident_data = 5, ident_version = 6;
inline constexpr std::uint8_t class_64 = 2, data_little_endian = 1, version_current = 1;
inline constexpr std::uint16_t et_exec = 2, et_dyn = 3;
inline constexpr std::uint16_t em_aarch64 = 183;
inline constexpr std::uint16_t pn_xnum = 0xffff;

struct ProgramHeader {
    Le32 type{};    // 0x00
    Le32 flags{};   // 0x04
    Le64 offset{};  // 0x08
    Le64 vaddr{};   // 0x10
    Le64 paddr{};   // 0x18
    Le64 filesz{};  // 0x20
    Le64 memsz{};   // 0x28
    Le64 align{};   // 0x30
};
static_assert(sizeof(ProgramHeader) == 0x38);

inline constexpr std::uint32_t pt_load = 1, pt_dynamic = 2, pt_interp = 3, pt_note = 4, pt_phdr = 6,
                               pt_tls = 7, pt_gnu_stack = 0x6474e551, pt_gnu_relro = 0x6474e552;
inline constexpr std::uint32_t pf_execute = 1, pf_write = 2, pf_read = 4;

struct SectionHeader {
    Le32 name;       // 0x00
    Le32 type;       // 0x04
    Le64 flags;      // 0x08
    Le64 addr;       // 0x10
    Le64 offset;     // 0x18
    Le64 size;       // 0x20
    Le32 link;       // 0x28
    Le32 info;       // 0x2c
    Le64 addralign;  // 0x30
    Le64 entsize;    // 0x38
};
static_assert(sizeof(SectionHeader) == 0x40);

inline constexpr std::uint32_t sht_symtab = 2, sht_nobits = 8;
inline constexpr std::uint64_t shf_alloc = 2, shf_execinstr = 4;

struct Symbol {
    Le32 name;           // 0x00
    std::uint8_t info;   // 0x04
    std::uint8_t other;  // 0x05
    Le16 shndx;          // 0x06
    Le64 value;          // 0x08
    Le64 size;           // 0x10
};
static_assert(sizeof(Symbol) == 0x18);

inline constexpr std::uint8_t stb_weak = 2;
inline constexpr std::uint16_t shn_undef = 0, shn_abs = 0xfff1;

struct Dynamic {
    Le64 tag;    // 0x00
    Le64 value;  // 0x08
};
static_assert(sizeof(Dynamic) == 0x10);

inline constexpr std::uint64_t dt_null = 0, dt_needed = 1, dt_pltrelsz = 2, dt_strtab = 5,
                               dt_symtab = 6, dt_rela = 7, dt_relasz = 8, dt_relaent = 9,
                               dt_strsz = 10, dt_syment = 11, dt_rel = 17, dt_pltrel = 20,
                               dt_textrel = 22, dt_jmprel = 23, dt_flags = 30, dt_relrsz = 35,
                               dt_relr = 36, dt_relrent = 37;
inline constexpr std::uint64_t df_textrel = 4;

struct Rela {
    Le64 offset;  // 0x00
    Le64 info;    // 0x08: symbol << 32 | type
    Le64 addend;  // 0x10
};
static_assert(sizeof(Rela) == 0x18);

inline constexpr std::uint32_t r_aarch64_none = 0, r_aarch64_abs64 = 257, r_aarch64_glob_dat = 1025,
                               r_aarch64_jump_slot = 1026, r_aarch64_relative = 1027;

struct NoteHeader {
    Le32 name_size;         // 0x00
    Le32 description_size;  // 0x04
    Le32 type;              // 0x08
};
static_assert(sizeof(NoteHeader) == 0x0c);

}  // namespace kos::elf::format
