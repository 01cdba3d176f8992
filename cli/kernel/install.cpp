// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/kernel/install.hpp"

#include "cli/file/file.hpp"
#include "cli/kernel/version.hpp"
#include "lib/base/bytes.hpp"
#include "loader/elf/format.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace kos::kernel {

namespace {

namespace fs = std::filesystem;

/// The files of one layout, relative to its folder.
struct Layout {
    std::string_view kernel;
    std::string_view include;
    std::string_view platform;
};
constexpr auto layouts = std::to_array<Layout>({
    {"bin/kernel.elf", "libsel4/include", "support/platform_gen.json"},
    {"elf/sel4.elf", "include", "platform_gen.json"},
});

constexpr std::string_view conventional_folder = "/usr/local/share/kos/kernels";

Outcome<std::string> read_file(const fs::path& path) {
    return file::read(path, ErrorCode::KernelMissing);
}

// The enumerations of labels continue from one header to the next, in this order.
constexpr auto headers = std::to_array<std::string_view>({
    "sel4/invocation.h",
    "sel4/sel4_arch/invocation.h",
    "sel4/arch/invocation.h",
    "sel4/objecttype.h",
    "sel4/sel4_arch/objecttype.h",
    "sel4/arch/objecttype.h",
    "sel4/constants.h",
    "sel4/sel4_arch/constants.h",
});

/// By Invocation: its name in the API.
constexpr auto label_names = std::to_array<std::string_view>({
#define KOS_NATIVE_NAME(name, api, label) api,
    KOS_INVOCATIONS(KOS_NATIVE_NAME)
#undef KOS_NATIVE_NAME
});

/// By ObjectType: the enumerator of its number and the macro of its size.
struct ObjectNames {
    std::string_view number;
    std::string_view size_bits;
};
constexpr auto object_names = std::to_array<ObjectNames>({
    {"seL4_UntypedObject", ""},
    {"seL4_TCBObject", "seL4_TCBBits"},
    {"seL4_EndpointObject", "seL4_EndpointBits"},
    {"seL4_NotificationObject", "seL4_NotificationBits"},
    {"seL4_CapTableObject", "seL4_SlotBits"},
    {"seL4_SchedContextObject", "seL4_MinSchedContextBits"},
    {"seL4_ReplyObject", "seL4_ReplyBits"},
    {"seL4_ARM_HugePageObject", "seL4_HugePageBits"},
    {"seL4_ARM_VSpaceObject", "seL4_VSpaceBits"},
    {"seL4_ARM_SmallPageObject", "seL4_PageBits"},
    {"seL4_ARM_LargePageObject", "seL4_LargePageBits"},
    {"seL4_ARM_PageTableObject", "seL4_PageTableBits"},
    {"seL4_ARM_VCPUObject", "seL4_VCPUBits"},
});
static_assert(object_names.size() == sel4::object_type_count);

/// The first headers are those of invocations.
constexpr std::size_t invocation_headers = 3;

/// What the headers say.
struct Interface {
    std::string_view version;
    sel4::KernelAbi abi;
};

Outcome<Interface> read_interface(const fs::path& include, const Config& config) {
    Numbers numbers, invocations;
    const Macros macros = config.macros();
    for (std::size_t i = 0; i < headers.size(); ++i) {
        const fs::path path = include / headers[i];
        KOS_TRY(read_header(KOS_TRY(read_file(path)), path.string(), macros, numbers));
        if (i + 1 == invocation_headers) invocations = numbers;
    }
    const auto version = KOS_TRY(version_of(invocations, numbers, include.string()));
    sel4::KernelAbi record;
    for (std::size_t i = 0; i < label_names.size(); ++i) {
        const auto found = numbers.find(enumerator_of(label_names[i]));
        if (found != numbers.end()) {
            record.invocation_labels[i] = static_cast<std::uint16_t>(found->second);
        }
    }
    for (std::size_t i = 0; i < object_names.size(); ++i) {
        const auto& [number, size_bits] = object_names[i];
        const auto found = numbers.find(number);
        const auto size = numbers.find(size_bits);
        if (found == numbers.end() || (!size_bits.empty() && size == numbers.end())) {
            return fail(ErrorCode::KernelHeader, include.string(),
                        std::string{number} + " or its size is not defined");
        }
        record.object_numbers[i] = static_cast<std::uint16_t>(found->second);
        record.object_size_bits[i] =
            size_bits.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(size->second);
    }
    if (!config.is_on("EXPORT_PCNT_USER")) {
        record.flags = sel4::KernelAbi::flag_virtual_counter;
    }
    return Interface{version, record};
}

Outcome<std::vector<MemoryRange>> read_memory(const fs::path& path) {
    const std::string text = KOS_TRY(read_file(path));
    const auto document = nlohmann::json::parse(text, nullptr, false);
    std::vector<MemoryRange> ranges;
    if (document.is_object() && document.contains("memory") && document["memory"].is_array()) {
        for (const auto& range : document["memory"]) {
            const auto start = range.find("start"), end = range.find("end");
            if (start == range.end() || end == range.end() || !start->is_number_unsigned() ||
                !end->is_number_unsigned()) {
                return fail(ErrorCode::KernelConfig, path.string(), "a range lacks start or end");
            }
            ranges.push_back({start->get<std::uint64_t>(), end->get<std::uint64_t>()});
        }
    }
    if (ranges.empty()) return fail(ErrorCode::KernelConfig, path.string(), "it names no memory");
    return ranges;
}

/// Settings of the kernel and of its user-level library; the former count.
Outcome<Config> read_config(const fs::path& include) {
    const fs::path path = include / "kernel/gen_config.json";
    Config config = KOS_TRY(Config::parse(KOS_TRY(read_file(path)), path.string()));
    KOS_TRY(check_config(config, path.string()));
    return config;
}

/// A kernel for another processor is told by its ELF header, whatever its settings say.
Outcome<void> check_machine(const fs::path& kernel) {
    namespace format = elf::format;
    const std::string file = KOS_TRY(read_file(kernel));
    const auto header = read_at<format::FileHeader>(as_bytes(file), 0);
    if (!header || !std::ranges::equal(std::span{header->ident}.first<4>(), format::magic)) {
        return fail(ErrorCode::ElfInvalid, kernel.string(), "not an ELF file");
    }
    if (header->ident[format::ident_class] != format::class_64 ||
        header->machine != format::em_aarch64) {
        return fail(ErrorCode::KernelConfig, kernel.string(),
                    "its ELF machine is " + std::to_string(header->machine) + ", and must be " +
                        std::to_string(format::em_aarch64) + " (kos runs on aarch64)");
    }
    return {};
}

}  // namespace

Environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        if (value == nullptr || *value == '\0') return std::nullopt;
        return value;
    };
}

std::optional<fs::path> find_folder(const std::string& board, const Environment& environment) {
    if (const auto prefix = environment("SEL4_PREFIX")) return fs::path{*prefix};
    if (const auto sdk = environment("MICROKIT_SDK")) {
        const std::string config = environment("MICROKIT_CONFIG").value_or("release");
        return fs::path{*sdk} / "board" / board / config;
    }
    fs::path conventional = fs::path{conventional_folder} / board;
    if (fs::exists(conventional)) return conventional;
    return std::nullopt;
}

Outcome<Install> open_install(const fs::path& folder) {
    for (const auto& [kernel, include, platform] : layouts) {
        if (!fs::exists(folder / kernel)) continue;
        Config config = KOS_TRY(read_config(folder / include));
        KOS_TRY(check_machine(folder / kernel));
        const auto [version, abi] = KOS_TRY(read_interface(folder / include, config));
        return Install{folder,
                       folder / kernel,
                       std::move(config),
                       KOS_TRY(read_memory(folder / platform)),
                       version,
                       abi};
    }
    return fail(ErrorCode::KernelMissing, folder.string(),
                "neither bin/kernel.elf (an seL4 install) nor elf/sel4.elf (a Microkit SDK board)");
}

Outcome<Install> find_install(const std::string& board, const Environment& environment) {
    const auto folder = find_folder(board, environment);
    if (!folder) {
        return fail(ErrorCode::KernelMissing, board,
                    "SEL4_PREFIX and MICROKIT_SDK are not set, and there is no " +
                        std::string{conventional_folder} + "/" + board);
    }
    return open_install(*folder);
}

}  // namespace kos::kernel
