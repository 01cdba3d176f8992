// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/policy/seccomp_file.hpp"

#include "lib/base/crc32.hpp"

#include <bit>
#include <cstring>
#include <seccomp.h>
#include <span>

namespace kos::oci {

namespace {

/// Changes whenever compile_seccomp() may give other instructions for the same profile.
constexpr std::uint32_t emitter_version = 1;

static_assert(std::endian::native == std::endian::little);

struct Header {
    std::array<char, 8> magic{'K', 'O', 'S', 'B', 'P', 'F', '\0', '\1'};
    SeccompKey key{};
    std::uint32_t count = 0;
    std::uint32_t checksum = 0;
};
static_assert(sizeof(Header) == 0x30 && offsetof(Header, key) == 0x08 &&
              offsetof(Header, count) == 0x28);
static_assert(sizeof(sock_filter) == 8);

/// A profile as bytes that differ wherever profiles do: numbers have eight bytes, texts and lists
/// their length in front.
class Canonical {
   public:
    void number(std::uint64_t value) {
        const Bytes bytes = bytes_of(value);
        bytes_.append(as_text(bytes));
    }
    void text(std::string_view value) {
        number(value.size());
        bytes_.append(value);
    }
    void optional(const std::optional<std::uint32_t>& value) {
        number(value ? 1 : 0);
        number(value.value_or(0));
    }
    void texts(const std::vector<std::string>& values) {
        number(values.size());
        for (const std::string& value : values) text(value);
    }
    template <class E>
    requires std::is_enum_v<E>
    void name(E value) { number(static_cast<std::uint64_t>(value)); }

    [[nodiscard]] SeccompKey digest() const { return sha256(as_bytes(bytes_)); }

   private:
    std::string bytes_;
};

void add(Canonical& canonical, const SeccompRule& rule) {
    canonical.texts(rule.names);
    canonical.name(rule.action);
    canonical.optional(rule.errno_value);
    canonical.number(rule.args.size());
    for (const SeccompArgument& argument : rule.args) {
        canonical.number(argument.index);
        canonical.number(argument.value);
        canonical.number(argument.value_two);
        canonical.name(argument.op);
    }
}

Bytes instructions_of(const SeccompProgram& program) {
    return std::as_bytes(std::span{program.data(), program.size()});
}

}  // namespace

SeccompKey seccomp_key(const Seccomp& profile, Machine machine) {
    const scmp_version* library = seccomp_version();
    Canonical canonical;
    canonical.number(emitter_version);
    for (const unsigned part : {library->major, library->minor, library->micro}) {
        canonical.number(part);
    }
    canonical.name(machine);
    canonical.name(profile.default_action);
    canonical.optional(profile.default_errno);
    canonical.texts(profile.architectures);
    canonical.number(profile.rules.size());
    for (const SeccompRule& rule : profile.rules) add(canonical, rule);
    return canonical.digest();
}

std::string to_hex(const SeccompKey& key) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : key) {
        text += digits[byte >> 4];
        text += digits[byte & 0xf];
    }
    return text;
}

std::string to_seccomp_file(const SeccompProgram& program, const SeccompKey& key) {
    Header header;
    header.key = key;
    header.count = static_cast<std::uint32_t>(program.size());
    header.checksum = crc32(instructions_of(program));
    std::string text{as_text(bytes_of(header))};
    return text.append(as_text(instructions_of(program)));
}

std::optional<SeccompProgram> parse_seccomp_file(std::string_view text, const SeccompKey& key) {
    const auto header = read_at<Header>(as_bytes(text), 0);
    if (!header || header->magic != Header{}.magic || header->key != key) return std::nullopt;
    const Bytes rest = as_bytes(text).subspan(sizeof(Header));
    if (header->count == 0 || header->count > BPF_MAXINSNS) return std::nullopt;
    if (rest.size() != header->count * sizeof(sock_filter)) return std::nullopt;
    if (crc32(rest) != header->checksum) return std::nullopt;
    SeccompProgram program(header->count);
    std::memcpy(program.data(), rest.data(), rest.size());
    return program;
}

}  // namespace kos::oci
