// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "loader/rewrite/rewrite.hpp"

#include "lib/base/panic.hpp"
#include "lib/native/thread_block.hpp"
#include "loader/rewrite/stub.hpp"

#include <algorithm>
#include <cstring>

namespace kos::rewrite {

namespace {

/// Room of one stub, whichever kind; that of a known call takes two.
constexpr std::uint64_t stub_stride = system_call_words * instruction_size;
constexpr std::uint64_t common_bytes = common_words * instruction_size;
static_assert(thread_pointer_words <= system_call_words &&
              known_call_words == 2 * system_call_words);

Instruction word_at(Bytes bytes, std::uint64_t offset) { return *read_at<Le32>(bytes, offset); }

void put_word(MutableBytes bytes, std::uint64_t offset, Instruction word) {
    const Le32 stored{word};
    std::memcpy(bytes.data() + offset, &stored, sizeof(stored));
}

std::uint64_t word_count(const Code& code) { return code.bytes.size() / instruction_size; }

/// The number of a call whose answer is known beforehand, where the word before the `svc` sets it.
std::optional<unsigned> known_call(Instruction before) {
    const auto number = value_set(before, x8);
    if (!number || *number < native::first_known_call ||
        *number >= native::first_known_call + native::known_calls) {
        return std::nullopt;
    }
    return number;
}

/// The word of a site and the one before it; 0 where there is none.
struct Place {
    Instruction word, before;
};

Place place_at(Bytes bytes, std::uint64_t offset) {
    return {word_at(bytes, offset), offset == 0 ? 0 : word_at(bytes, offset - instruction_size)};
}

void count(const Place& place, Counts& counts) {
    const Instruction word = place.word;
    if (is_system_call(word)) {
        ++counts.system_calls;
        if (known_call(place.before)) ++counts.known_calls;
    } else if (thread_pointer_write(word)) {
        ++counts.thread_pointer_writes;
    }
}

bool is_site(Instruction word) {
    return is_system_call(word) || thread_pointer_write(word).has_value();
}

/// Hands out stubs and undo entries, one after another.
class Rewriter {
   public:
    Rewriter(StubArea stubs, std::span<manifest::Undo> undo) : stubs_(stubs), undo_(undo) {
        put(common_stub());
    }

    void rewrite(const Code& code) {
        for (std::uint64_t index = 0; index < word_count(code); ++index) {
            const std::uint64_t offset = index * instruction_size;
            const Place place = place_at(code.bytes, offset);
            if (!is_site(place.word)) continue;
            count(place, result_.counts);
            undo_[undone_++] = {(code.address + offset).value(), place.word, 0};
            put_word(code.bytes, offset, replacement(code.address + offset, place));
        }
    }

    [[nodiscard]] Rewritten result() const {
        return {.counts = result_.counts, .stub_bytes = used_};
    }

   private:
    Instruction replacement(VirtualAddress site, const Place& place) {
        const Instruction word = place.word;
        const VirtualAddress stub = stubs_.address + used_;
        if (!reaches(site, stub, word)) {
            ++result_.counts.unreachable;
            return undefined(is_system_call(word) ? undefined_system_call
                                                  : undefined_thread_pointer);
        }
        if (const auto source = thread_pointer_write(word)) {
            put(thread_pointer_stub(stub, *source, site));
        } else if (const auto number = known_call(place.before)) {
            put(known_call_stub(stub, stubs_.address, site, *number));
        } else {
            put(system_call_stub(stub, stubs_.address, site));
        }
        used_ = align_stub(used_);
        return branch(site, stub);
    }

    /// Whether the branches there, to the shared part, and back from the stub's last word all
    /// reach.
    [[nodiscard]] bool reaches(VirtualAddress site, VirtualAddress stub, Instruction word) const {
        const std::size_t words = is_system_call(word) ? known_call_words : thread_pointer_words;
        const VirtualAddress last = stub + (words - 1) * instruction_size;
        return branch_reaches(site, stub) && branch_reaches(last, stubs_.address) &&
               branch_reaches(last, site + instruction_size);
    }

    static std::uint64_t align_stub(std::uint64_t used) {
        const std::uint64_t behind_common = used - common_bytes;
        return common_bytes + (behind_common + stub_stride - 1) / stub_stride * stub_stride;
    }

    template <std::size_t Words>
    void put(const std::array<Instruction, Words>& words) {
        for (const Instruction word : words) {
            put_word(stubs_.bytes, used_, word);
            used_ += instruction_size;
        }
    }

    StubArea stubs_;
    std::span<manifest::Undo> undo_;
    Rewritten result_{};
    std::uint64_t used_ = 0;
    std::size_t undone_ = 0;
};

Result<void, Error> check(std::span<const Code> code, StubArea stubs,
                          std::span<manifest::Undo> undo) {
    const auto aligned = [](VirtualAddress address) {
        return address.is_aligned(instruction_size);
    };
    if (!aligned(stubs.address) || !std::all_of(code.begin(), code.end(), [&](const Code& range) {
            return aligned(range.address);
        })) {
        return Err{Error::Alignment};
    }
    const Counts counts = measure(code);
    if (counts.stub_bytes() > stubs.bytes.size()) return Err{Error::StubSpace};
    if (counts.sites() > undo.size()) return Err{Error::UndoSpace};
    return {};
}

}  // namespace

std::string_view describe(Error error) {
    switch (error) {
        case Error::Alignment:
            return "code does not start on an instruction";
        case Error::StubSpace:
            return "the stub area is too small";
        case Error::UndoSpace:
            return "the undo table is too small";
    }
    return "unknown error";
}

std::uint64_t Counts::stub_bytes() const {
    return sites() == 0 ? 0 : common_bytes + std::uint64_t{sites() + known_calls} * stub_stride;
}

Counts measure(std::span<const Code> code) {
    Counts counts;
    for (const Code& range : code) {
        for (std::uint64_t index = 0; index < word_count(range); ++index) {
            count(place_at(range.bytes, index * instruction_size), counts);
        }
    }
    return counts;
}

Result<Rewritten, Error> rewrite(std::span<const Code> code, StubArea stubs,
                                 std::span<manifest::Undo> undo) {
    KOS_TRY(check(code, stubs, undo));
    if (measure(code).sites() == 0) return Rewritten{};
    Rewriter rewriter{stubs, undo};
    for (const Code& range : code) rewriter.rewrite(range);
    if (measure(code).sites() != 0) panic("rewrite: a system call was left in the code");
    return rewriter.result();
}

void restore(std::span<const manifest::Undo> undo, Code code) {
    for (const manifest::Undo& entry : undo) {
        const VirtualAddress address{entry.address};
        if (address < code.address) continue;
        const std::uint64_t offset = address - code.address;
        if (!range_within(offset, instruction_size, code.bytes.size())) continue;
        put_word(code.bytes, offset, entry.original);
    }
}

}  // namespace kos::rewrite
