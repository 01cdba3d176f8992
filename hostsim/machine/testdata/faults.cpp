// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A thread in a VSpace of its own faults in every way; the initial thread prints each fault's
// message, repairs what can be repaired, and lets it go on.
#include "hostsim/machine/testdata/support.hpp"
#include "lib/sel4/fault.hpp"
#include "lib/sel4/syscall.hpp"

namespace {

using namespace kos;  // NOLINT(google-build-using-namespace): a program's own file

constexpr sel4::Word missing_page = test::free_address;
constexpr sel4::Word read_only_page = test::free_address + 0x1000;
constexpr sel4::Word data_page = test::free_address + 0x2000;
constexpr std::uint32_t ret = 0xd65f'03c0;

volatile sel4::Word& word_at(sel4::Word address) {
    return *reinterpret_cast<volatile sel4::Word*>(address);
}

void faulting(sel4::Word endpoint) {
    const sel4::Word read = word_at(missing_page + 8);
    word_at(read_only_page + 16) = read + 1;
    reinterpret_cast<void (*)()>(data_page)();
    register sel4::Word number asm("x7") = 0x1000;
    register sel4::Word result asm("x0") = 0xa0;
    asm volatile("svc #3" : "+r"(result) : "r"(number) : "memory");
    asm volatile("udf #0" ::: "memory");
    asm volatile("brk #5" ::: "memory");
    const sel4::Word sum = result + word_at(read_only_page + 16);
    (void)sel4::call({endpoint}, {sel4::MessageInfo{0x100, 0, 1}, {sum}});
}

/// Whether word `i` of a fault message is the same for every compiler: no address of code or stack.
bool is_stable(sel4::FaultKind kind, unsigned i) {
    switch (kind) {
        case sel4::FaultKind::VmFault:
            return i != sel4::vm_fault::ip;
        case sel4::FaultKind::UnknownSyscall:
            return i == 0 || i == sel4::unknown_syscall::number;
        case sel4::FaultKind::UserException:
            return i != sel4::user_exception::fault_ip && i != sel4::user_exception::sp;
        default:
            return true;
    }
}

void print_fault(const sel4::Message& fault) {
    test::print(fault.info.label());
    for (unsigned i = 0; i < fault.info.length(); ++i) {
        if (!is_stable(static_cast<sel4::FaultKind>(fault.info.label()), i)) continue;
        test::print(i < sel4::message_registers ? fault.words[i] : sel4::ipc_buffer().message[i]);
    }
    test::print("\n");
}

}  // namespace

void test_main() {
    const auto vspace = test::make_vspace();
    const auto endpoint = test::make<sel4::Endpoint>(sel4::ObjectType::Endpoint);
    const auto reply = test::make<sel4::Reply>(sel4::ObjectType::Reply);
    const auto fill = test::map_frame(test::own_vspace, missing_page);
    word_at(missing_page + 8) = 0x41;
    const auto shared = test::make<sel4::Frame>(sel4::ObjectType::SmallPage);
    test::map(shared, vspace, read_only_page, sel4::read_only);
    const auto code = test::map_frame(test::own_vspace, data_page);
    word_at(data_page) = ret;
    const sel4::Cap<sel4::Frame> code_alias{test::copy(code.cptr())};
    test::map(code_alias, vspace, data_page);

    const auto thread = test::start_thread({.entry = faulting,
                                            .argument = endpoint.cptr().value,
                                            .vspace = vspace,
                                            .fault_endpoint = endpoint});
    sel4::Message fault = sel4::recv(endpoint.cptr(), reply);
    print_fault(fault);
    test::map(sel4::Cap<sel4::Frame>{test::copy(fill.cptr())}, vspace, missing_page);

    fault = sel4::reply_recv(endpoint.cptr(), {}, reply);
    print_fault(fault);
    test::map(shared, vspace, read_only_page, sel4::read_write);

    fault = sel4::reply_recv(endpoint.cptr(), {}, reply);
    print_fault(fault);
    test::map(code_alias, vspace, data_page, sel4::read_only, true);

    fault = sel4::reply_recv(endpoint.cptr(), {}, reply);
    print_fault(fault);
    // The answer's words are x0–x7, FaultIP, …: the thread goes on behind the svc with x0 = 0xb.
    constexpr unsigned ip = sel4::unknown_syscall::fault_ip;
    sel4::ipc_buffer().message[ip] = sel4::ipc_buffer().message[ip] + 4;
    sel4::Message answer = fault;
    answer.info = sel4::MessageInfo{0, 0, ip + 1};
    answer.words[0] = 0xb;

    fault = sel4::reply_recv(endpoint.cptr(), answer, reply);
    print_fault(fault);
    answer = fault;
    answer.info = sel4::MessageInfo{0, 0, 1};
    answer.words[sel4::user_exception::fault_ip] += 4;

    fault = sel4::reply_recv(endpoint.cptr(), answer, reply);
    print_fault(fault);
    const auto read = sel4::tcb_read_registers(thread, true);
    if (!read) panic("ReadRegisters failed");
    // A VCPU fault's answer carries nothing: the program counter is written.
    sel4::UserContext context = *read;
    context.pc += 4;
    test::require(sel4::tcb_write_registers(thread, true, context));

    fault = sel4::recv(endpoint.cptr(), reply);
    print_fault(fault);
}
