// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The kernel ABI record: the numbers that move with seL4's version and configuration.
//
// Invocation labels and object type numbers are generated when a kernel is built. Programs of kos
// hold none of them: they name an `Invocation` and look its label up in the record, which the
// packer derives from the user's kernel and passes in the device tree (/chosen, kos,kernel-abi).
#pragma once

#include "lib/base/bytes.hpp"
#include "lib/base/little_endian.hpp"
#include "lib/sel4/types.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kos::sel4 {

// X(enumerator, name in the seL4 API, label in the default record)
// The default record is that of seL4 16.0 for qemu-arm-virt: MCS, hypervisor, one core, 40-bit
// physical addresses.
#define KOS_INVOCATIONS(X)                                              \
    X(UntypedRetype, "Untyped_Retype", 1)                               \
    X(TcbReadRegisters, "TCB_ReadRegisters", 2)                         \
    X(TcbWriteRegisters, "TCB_WriteRegisters", 3)                       \
    X(TcbCopyRegisters, "TCB_CopyRegisters", 4)                         \
    X(TcbConfigure, "TCB_Configure", 5)                                 \
    X(TcbSetPriority, "TCB_SetPriority", 6)                             \
    X(TcbSetMcPriority, "TCB_SetMCPriority", 7)                         \
    X(TcbSetSchedParams, "TCB_SetSchedParams", 8)                       \
    X(TcbSetTimeoutEndpoint, "TCB_SetTimeoutEndpoint", 9)               \
    X(TcbSetIpcBuffer, "TCB_SetIPCBuffer", 10)                          \
    X(TcbSetSpace, "TCB_SetSpace", 11)                                  \
    X(TcbSuspend, "TCB_Suspend", 12)                                    \
    X(TcbResume, "TCB_Resume", 13)                                      \
    X(TcbBindNotification, "TCB_BindNotification", 14)                  \
    X(TcbUnbindNotification, "TCB_UnbindNotification", 15)              \
    X(TcbSetTlsBase, "TCB_SetTLSBase", 16)                              \
    X(TcbSetFlags, "TCB_SetFlags", 17)                                  \
    X(CNodeRevoke, "CNode_Revoke", 18)                                  \
    X(CNodeDelete, "CNode_Delete", 19)                                  \
    X(CNodeCancelBadgedSends, "CNode_CancelBadgedSends", 20)            \
    X(CNodeCopy, "CNode_Copy", 21)                                      \
    X(CNodeMint, "CNode_Mint", 22)                                      \
    X(CNodeMove, "CNode_Move", 23)                                      \
    X(CNodeMutate, "CNode_Mutate", 24)                                  \
    X(CNodeRotate, "CNode_Rotate", 25)                                  \
    X(IrqControlGet, "IRQControl_Get", 26)                              \
    X(IrqHandlerAck, "IRQHandler_Ack", 27)                              \
    X(IrqHandlerSetNotification, "IRQHandler_SetNotification", 28)      \
    X(IrqHandlerClear, "IRQHandler_Clear", 29)                          \
    X(SchedControlConfigureFlags, "SchedControl_ConfigureFlags", 33)    \
    X(SchedContextBind, "SchedContext_Bind", 34)                        \
    X(SchedContextUnbind, "SchedContext_Unbind", 35)                    \
    X(SchedContextUnbindObject, "SchedContext_UnbindObject", 36)        \
    X(SchedContextConsumed, "SchedContext_Consumed", 37)                \
    X(SchedContextYieldTo, "SchedContext_YieldTo", 38)                  \
    X(PageTableMap, "ARM_PageTable_Map", 44)                            \
    X(PageTableUnmap, "ARM_PageTable_Unmap", 45)                        \
    X(PageMap, "ARM_Page_Map", 46)                                      \
    X(PageUnmap, "ARM_Page_Unmap", 47)                                  \
    X(PageCleanData, "ARM_Page_Clean_Data", 48)                         \
    X(PageInvalidateData, "ARM_Page_Invalidate_Data", 49)               \
    X(PageCleanInvalidateData, "ARM_Page_CleanInvalidate_Data", 50)     \
    X(PageUnifyInstruction, "ARM_Page_Unify_Instruction", 51)           \
    X(PageGetAddress, "ARM_Page_GetAddress", 52)                        \
    X(AsidControlMakePool, "ARM_ASIDControl_MakePool", 53)              \
    X(AsidPoolAssign, "ARM_ASIDPool_Assign", 54)                        \
    X(VcpuSetTcb, "ARM_VCPU_SetTCB", 55)                                \
    X(VcpuInjectIrq, "ARM_VCPU_InjectIRQ", 56)                          \
    X(VcpuReadRegs, "ARM_VCPU_ReadRegs", 57)                            \
    X(VcpuWriteRegs, "ARM_VCPU_WriteRegs", 58)                          \
    X(VcpuAckVppi, "ARM_VCPU_AckVPPI", 59)                              \
    X(IrqControlGetTrigger, "ARM_IRQControl_GetTrigger", 60)            \
    X(VSpaceCleanData, "ARM_VSpace_Clean_Data", 39)                     \
    X(VSpaceInvalidateData, "ARM_VSpace_Invalidate_Data", 40)           \
    X(VSpaceCleanInvalidateData, "ARM_VSpace_CleanInvalidate_Data", 41) \
    X(VSpaceUnifyInstruction, "ARM_VSpace_Unify_Instruction", 42)

enum class Invocation : std::uint8_t {
#define KOS_INVOCATION_ENUMERATOR(name, api, label) name,
    KOS_INVOCATIONS(KOS_INVOCATION_ENUMERATOR)
#undef KOS_INVOCATION_ENUMERATOR
};
#define KOS_COUNT(...) +1
inline constexpr unsigned invocation_count = 0 KOS_INVOCATIONS(KOS_COUNT);

// X(enumerator, number in the default record, size bits in the default record)
// The size of a CNode is that of one slot, of a SchedContext its minimum; both take size bits when
// retyped, and so does an Untyped.
#define KOS_OBJECT_TYPES(X) \
    X(Untyped, 0, 0)        \
    X(Tcb, 1, 11)           \
    X(Endpoint, 2, 4)       \
    X(Notification, 3, 6)   \
    X(CNode, 4, 5)          \
    X(SchedContext, 5, 7)   \
    X(Reply, 6, 5)          \
    X(HugePage, 7, 30)      \
    X(VSpace, 8, 13)        \
    X(SmallPage, 9, 12)     \
    X(LargePage, 10, 21)    \
    X(PageTable, 11, 12)    \
    X(Vcpu, 12, 12)

enum class ObjectType : std::uint8_t {
#define KOS_OBJECT_TYPE_ENUMERATOR(name, number, size_bits) name,
    KOS_OBJECT_TYPES(KOS_OBJECT_TYPE_ENUMERATOR)
#undef KOS_OBJECT_TYPE_ENUMERATOR
};
inline constexpr unsigned object_type_count = 0 KOS_OBJECT_TYPES(KOS_COUNT);
#undef KOS_COUNT

/// The record as it travels. Little-endian; docs/kernel-abi.md.
struct KernelAbi {
    static constexpr std::uint32_t expected_magic = 0x41534f4b;  // "KOSA"
    static constexpr std::uint16_t expected_version = 1;
    /// No object is larger (seL4_MaxUntypedBits).
    static constexpr std::uint8_t max_size_bits = 47;
    /// Programs read CNTVCT_EL0: CNTPCT_EL0 traps on this kernel or machine.
    static constexpr std::uint16_t flag_virtual_counter = 1;

    Le32 magic = expected_magic;               // 0
    Le16 version = expected_version;           // 4
    Le16 flags = 0;                            // 6: flag_…
    std::array<Le16, 64> invocation_labels{};  // 8: by Invocation; 0 where the kernel has none
    std::array<Le16, 16> object_numbers{};     // 136: by ObjectType
    std::array<std::uint8_t, 16> object_size_bits{};  // 168: by ObjectType

    [[nodiscard]] constexpr Word label(Invocation invocation) const {
        return invocation_labels[static_cast<std::size_t>(invocation)];
    }
    /// A VSpace object of one page (kernels with 44-bit physical addresses) is a level-0 table,
    /// with a level-1 table below it; elsewhere the VSpace object is both.
    [[nodiscard]] constexpr bool has_level_0() const { return size_bits(ObjectType::VSpace) == 12; }
    [[nodiscard]] constexpr Word number(ObjectType type) const {
        return object_numbers[static_cast<std::size_t>(type)];
    }
    /// log2 of the object's bytes; \p size_bits counts for types that take one when retyped.
    [[nodiscard]] constexpr unsigned size_bits(ObjectType type, unsigned size_bits = 0) const {
        const unsigned fixed = object_size_bits[static_cast<std::size_t>(type)];
        switch (type) {
            case ObjectType::CNode:
                return fixed + size_bits;
            case ObjectType::SchedContext:
                return size_bits > fixed ? size_bits : fixed;
            case ObjectType::Untyped:
                return size_bits;
            default:
                return fixed;
        }
    }
};
static_assert(sizeof(KernelAbi) == 184 && invocation_count <= 64 && object_type_count <= 16);

/// The record of the kernel named above; the simulator's own.
[[nodiscard]] const KernelAbi& default_abi();

/// The record in \p bytes, or nothing where it is not one of this version.
[[nodiscard]] std::optional<KernelAbi> parse_abi(Bytes bytes);

/// The record in force in this program, used by lib/sel4/invoke.hpp.
[[nodiscard]] const KernelAbi& abi();
void set_abi(const KernelAbi& record);

/// The name in the seL4 API, such as "TCB_Resume".
[[nodiscard]] std::string_view name_of(Invocation invocation);
[[nodiscard]] std::string_view name_of(Error error);

}  // namespace kos::sel4
