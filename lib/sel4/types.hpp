// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Words, capability pointers, messages and errors of the seL4 API (MCS, 64-bit).
// Source: seL4 Reference Manual, chapters 2–6 and appendix B; layouts of the IPC buffer and of
// boot information as in its C binding.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace kos::sel4 {

using Word = std::uint64_t;

/// Index of a capability in the invoking thread's CSpace, resolved with depth 64.
struct CPtr {
    Word value = 0;
    friend constexpr bool operator==(CPtr, CPtr) = default;
};

// Object kinds, as tags of capability types.
struct Untyped;
struct Tcb;
struct Endpoint;
struct Notification;
struct Reply;
struct SchedContext;
struct SchedControl;
struct CNode;
struct Frame;
struct PageTable;
struct VSpace;
struct AsidPool;
struct AsidControl;
struct IrqControl;
struct IrqHandler;
struct Vcpu;

/// A borrowed capability to an object of that kind: names it, does not own it.
template <class Object>
class Cap {
   public:
    constexpr Cap() = default;
    constexpr explicit Cap(CPtr cptr) : cptr_(cptr) {}
    constexpr explicit Cap(Word cptr) : cptr_{cptr} {}
    [[nodiscard]] constexpr CPtr cptr() const { return cptr_; }
    [[nodiscard]] constexpr bool is_null() const { return cptr_.value == 0; }
    friend constexpr bool operator==(Cap, Cap) = default;

   private:
    CPtr cptr_;
};

/// A slot as CNode invocations name it: a CNode capability, and an index resolved from there.
struct Slot {
    Cap<CNode> root;
    Word index = 0;
    std::uint8_t depth = 64;  ///< bits of `index` to resolve
};

/// What an invocation answers (label of the reply).
enum class Error : std::uint8_t {
    None = 0,
    InvalidArgument = 1,
    InvalidCapability = 2,
    IllegalOperation = 3,
    RangeError = 4,
    AlignmentError = 5,
    FailedLookup = 6,
    TruncatedMessage = 7,
    DeleteFirst = 8,
    RevokeFirst = 9,
    NotEnoughMemory = 10,
};
inline constexpr unsigned error_count = 11;

/// Message tag: label 52 bits, capsUnwrapped 3, extraCaps 2, length 7.
class MessageInfo {
   public:
    constexpr MessageInfo() = default;
    constexpr explicit MessageInfo(Word raw) : raw_(raw) {}
    constexpr MessageInfo(Word label, unsigned extra_caps, unsigned length)
        : raw_((label << 12) | (Word{extra_caps} << 7) | length) {}

    [[nodiscard]] constexpr Word raw() const { return raw_; }
    [[nodiscard]] constexpr Word label() const { return raw_ >> 12; }
    [[nodiscard]] constexpr unsigned caps_unwrapped() const { return (raw_ >> 9) & 7; }
    [[nodiscard]] constexpr unsigned extra_caps() const { return (raw_ >> 7) & 3; }
    [[nodiscard]] constexpr unsigned length() const { return raw_ & 0x7f; }

   private:
    Word raw_ = 0;
};

inline constexpr unsigned message_registers = 4;  ///< carried in x2–x5
inline constexpr unsigned message_max_words = 120;
inline constexpr unsigned message_max_caps = 3;

/// The IPC buffer: 1024 bytes, aligned to its size.
struct alignas(1024) IpcBuffer {
    Word tag;                               // 0
    Word message[message_max_words];        // 8
    Word user_data;                         // 968
    Word caps_or_badges[message_max_caps];  // 976
    Word receive_cnode;                     // 1000
    Word receive_index;                     // 1008
    Word receive_depth;                     // 1016
};
static_assert(sizeof(IpcBuffer) == 1024 && offsetof(IpcBuffer, caps_or_badges) == 976 &&
              offsetof(IpcBuffer, receive_depth) == 1016);

/// Rights of a capability or mapping.
struct Rights {
    bool write = false;
    bool read = false;
    bool grant = false;
    bool grant_reply = false;

    [[nodiscard]] constexpr Word raw() const {
        return Word{write} | Word{read} << 1 | Word{grant} << 2 | Word{grant_reply} << 3;
    }
    friend constexpr bool operator==(Rights, Rights) = default;
};
inline constexpr Rights read_only{.read = true};
inline constexpr Rights read_write{.write = true, .read = true};
inline constexpr Rights all_rights{.write = true, .read = true, .grant = true, .grant_reply = true};

/// Attributes of a mapping (seL4_ARM_VMAttributes).
enum class VmAttributes : Word {
    Device = 0,     ///< uncached; executable unless ExecuteNever is added
    Cacheable = 1,  ///< page cacheable
    DeviceExecuteNever = 4,
    CacheableExecuteNever = 5,
};

/// The registers of a thread in the order of TCB_ReadRegisters and WriteRegisters (aarch64).
struct UserContext {
    Word pc, sp, spsr;
    Word x0, x1, x2, x3, x4, x5, x6, x7, x8, x16, x17, x18, x29, x30;
    Word x9, x10, x11, x12, x13, x14, x15, x19, x20, x21, x22, x23, x24, x25, x26, x27, x28;
    Word tpidr_el0, tpidrro_el0;
};
inline constexpr unsigned user_context_words = 36;
static_assert(sizeof(UserContext) == user_context_words * sizeof(Word));

/// Guard of a CNode capability as TCB_Configure, CNode_Mint and CNode_Mutate take it.
[[nodiscard]] constexpr Word cnode_guard(Word guard, unsigned guard_bits) {
    return guard << 6 | guard_bits;
}

/// Slots of the root CNode that the kernel fills (seL4_RootCNodeCapSlots).
namespace root_slot {
inline constexpr CPtr tcb{1}, cnode{2}, vspace{3}, irq_control{4}, asid_control{5}, asid_pool{6},
    boot_info{9}, ipc_buffer{10}, domain{11}, sched_context{14}, smc{15};
inline constexpr Word first_free = 16;
}  // namespace root_slot

}  // namespace kos::sel4
