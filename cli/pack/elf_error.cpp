// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/elf_error.hpp"

#include "loader/elf/format.hpp"

#include <array>
#include <cstdio>

namespace kos::pack {
namespace {

struct Machine {
    std::uint16_t number;
    std::string_view name;
};

// e_machine of the gABI's registry: what containers are commonly built for.
constexpr std::array machines{
    Machine{3, "i386"}, Machine{8, "MIPS"},    Machine{21, "ppc64"},   Machine{22, "s390x"},
    Machine{40, "arm"}, Machine{62, "x86-64"}, Machine{243, "RISC-V"}, Machine{258, "LoongArch"}};

std::string machine_of(Bytes file) {
    const auto header = read_at<elf::format::FileHeader>(file, 0);
    if (!header) return "unknown";
    for (const Machine& machine : machines) {
        if (machine.number == header->machine) return std::string{machine.name};
    }
    return "machine " + std::to_string(header->machine);
}

ErrorCode code_of(elf::Error error) {
    switch (error) {
        case elf::Error::Machine:
        case elf::Error::Format:
            return ErrorCode::ElfArchitecture;
        case elf::Error::SegmentAddress:
        case elf::Error::SegmentOrder:
        case elf::Error::SharedPage:
            return ErrorCode::ElfSegments;
        case elf::Error::WriteExecute:
        case elf::Error::ExecutableStack:
            return ErrorCode::ElfWriteExecute;
        default:
            return ErrorCode::ElfInvalid;
    }
}

std::string hex(std::uint64_t value) {
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "%#llx", static_cast<unsigned long long>(value));
    return text.data();
}

}  // namespace

Err<Error> elf_error(const std::string& where, Bytes file, elf::Error error) {
    const ErrorCode code = code_of(error);
    if (code == ErrorCode::ElfArchitecture)
        return fail(code, where, "it is for " + machine_of(file));
    return fail(code, where, std::string{elf::describe(error)});
}

Err<Error> layout_error(const std::string& where, const plan::Error& error) {
    return fail(ErrorCode::LayoutCollision, where,
                std::string{plan::describe(error.problem)} + " (" + hex(error.size) + " bytes at " +
                    hex(error.address.value()) + ")");
}

Outcome<void> check_no_script(Bytes file, const std::string& where) {
    std::string_view text = as_text(file);
    if (!text.starts_with("#!")) return {};
    text = text.substr(2, text.find('\n') - 2);
    const std::size_t first = text.find_first_not_of(" \t");
    if (first != std::string_view::npos) text.remove_prefix(first);
    return fail(ErrorCode::EntrypointScript, where,
                "its interpreter is " + std::string{text.substr(0, text.find_first_of(" \t\r"))});
}

}  // namespace kos::pack
