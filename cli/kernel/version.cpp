// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/kernel/version.hpp"

#include "lib/sel4/abi.hpp"
#include "lib/sel4/invoke.hpp"

#include <array>
#include <map>
#include <set>

namespace kos::kernel {

namespace {

/// Invocations that kos uses, by their names in the API.
constexpr auto used = std::to_array<std::string_view>({
#define KOS_API_NAME(name, api, label) api,
    KOS_INVOCATIONS(KOS_API_NAME)
#undef KOS_API_NAME
});

/// Enumerators of the invocation headers up to 16.0 that kos has no use for.
constexpr auto unused = std::to_array<std::string_view>({
    "InvalidInvocation",
    "TCBSetBreakpoint",
    "TCBGetBreakpoint",
    "TCBUnsetBreakpoint",
    "TCBConfigureSingleStepping",
    "DomainSetSet",
    "DomainScheduleConfigure",
    "DomainScheduleSetStart",
    "nInvocationLabels",
    "ARMSMCCall",
    "nSeL4ArchInvocationLabels",
    "ARMIOPageTableMap",
    "ARMIOPageTableUnmap",
    "ARMPageMapIO",
    "ARMIRQIssueIRQHandlerTriggerCore",
    "ARMIRQIssueSGISignal",
    "ARMSIDIssueSIDManager",
    "ARMSIDGetFault",
    "ARMSIDClearFault",
    "ARMSIDBindCB",
    "ARMSIDUnbindCB",
    "ARMCBIssueCBManager",
    "ARMCBTLBInvalidateAll",
    "ARMCBAssignVspace",
    "ARMCBUnassignVspace",
    "ARMCBTLBInvalidate",
    "ARMCBGetFault",
    "ARMCBClearFault",
    "nArchInvocationLabels",
});

/// Since 14.0; what kos does without it is said in lib/sel4.
constexpr std::string_view only_since_14 = "TCB_SetFlags";

/// Numbers that kos states itself, as all supported versions do.
struct Stated {
    std::string_view name;
    std::uint64_t number;
};
constexpr auto stated = std::to_array<Stated>({
#define KOS_STATED(name, number) {"seL4_VCPUReg_" name, static_cast<std::uint64_t>(number)}
    KOS_STATED("SCTLR", sel4::VcpuRegister::Sctlr),
    KOS_STATED("ESR", sel4::VcpuRegister::Esr),
    KOS_STATED("FAR", sel4::VcpuRegister::Far),
    KOS_STATED("VBAR", sel4::VcpuRegister::Vbar),
    KOS_STATED("SP_EL1", sel4::VcpuRegister::SpEl1),
    KOS_STATED("ELR_EL1", sel4::VcpuRegister::ElrEl1),
    KOS_STATED("SPSR_EL1", sel4::VcpuRegister::SpsrEl1),
    KOS_STATED("CNTV_CTL", sel4::VcpuRegister::CntvCtl),
    KOS_STATED("CNTV_CVAL", sel4::VcpuRegister::CntvCval),
    KOS_STATED("CNTVOFF", sel4::VcpuRegister::CntvOff),
#undef KOS_STATED
});

Err<Error> refuse(const std::string& where, std::string_view what, std::string_view name,
                  std::string_view why) {
    return fail(ErrorCode::KernelVersion, where,
                std::string{what} + ", as " + std::string{name} + " shows, which " +
                    std::string{why} + "; supported are " + std::string{supported_versions});
}

}  // namespace

std::string enumerator_of(std::string_view api_name) {
    static const std::map<std::string_view, std::string_view> irregular{
        {"IRQControl_Get", "IRQIssueIRQHandler"},
        {"IRQHandler_Ack", "IRQAckIRQ"},
        {"IRQHandler_SetNotification", "IRQSetIRQHandler"},
        {"IRQHandler_Clear", "IRQClearIRQHandler"},
        {"ARM_IRQControl_GetTrigger", "ARMIRQIssueIRQHandlerTrigger"},
        {"ARM_VCPU_ReadRegs", "ARMVCPUReadReg"},
        {"ARM_VCPU_WriteRegs", "ARMVCPUWriteReg"},
        {"ARM_Page_Clean_Data", "ARMPageClean_Data"},
        {"ARM_Page_Invalidate_Data", "ARMPageInvalidate_Data"},
        {"ARM_Page_CleanInvalidate_Data", "ARMPageCleanInvalidate_Data"},
        {"ARM_Page_Unify_Instruction", "ARMPageUnify_Instruction"},
        {"ARM_VSpace_Clean_Data", "ARMVSpaceClean_Data"},
        {"ARM_VSpace_Invalidate_Data", "ARMVSpaceInvalidate_Data"},
        {"ARM_VSpace_CleanInvalidate_Data", "ARMVSpaceCleanInvalidate_Data"},
        {"ARM_VSpace_Unify_Instruction", "ARMVSpaceUnify_Instruction"},
    };
    if (const auto found = irregular.find(api_name); found != irregular.end()) {
        return std::string{found->second};
    }
    std::string name{api_name};
    std::erase(name, '_');
    return name;
}

Outcome<std::string_view> version_of(const Numbers& invocations, const Numbers& everything,
                                     const std::string& where) {
    std::set<std::string, std::less<>> known{unused.begin(), unused.end()};
    for (const std::string_view api_name : used) {
        const std::string name = enumerator_of(api_name);
        if (!invocations.contains(name) && api_name != only_since_14) {
            return refuse(where, "it is older than 13.0", name, "it has not");
        }
        known.insert(name);
    }
    for (const auto& [name, number] : invocations) {
        if (!known.contains(name)) {
            return refuse(where, "it is newer than 16.0", name, "no supported version has");
        }
    }
    for (const auto& [name, number] : stated) {
        const auto found = everything.find(name);
        if (found == everything.end() || found->second != number) {
            return refuse(where, "it is none that is known", name, "has another number");
        }
    }
    if (everything.contains("seL4_VCPUReg_PAR")) return std::string_view{"16.0"};
    if (invocations.contains("DomainScheduleConfigure")) return std::string_view{"15.0"};
    if (invocations.contains(enumerator_of(only_since_14))) return std::string_view{"14.0"};
    return std::string_view{"13.0"};
}

}  // namespace kos::kernel
