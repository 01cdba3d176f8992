// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/machine/testdata/support.hpp"

#include "lib/base/address.hpp"
#include "lib/base/panic.hpp"
#include "lib/sel4/syscall.hpp"

namespace kos::test {

namespace {

using sel4::Word;

const sel4::BootInfo* info = nullptr;
Word next_slot = 0;
sel4::Cap<sel4::Untyped> memory;
Word next_ipc_buffer = 0x58'0000;

constexpr Word uart_physical = 0x900'0000;
constexpr Word uart_address = 0x5f'0000;
constexpr Word image_address = 0x40'0000;

constexpr std::size_t most_threads = 6;
alignas(16) std::byte stacks[most_threads][4096];
std::size_t threads = 0;

sel4::Cap<sel4::Untyped> untyped(Word index) {
    return sel4::Cap<sel4::Untyped>{info->untyped.start + index};
}

sel4::CPtr make_from(sel4::Cap<sel4::Untyped> source, sel4::ObjectType type, unsigned size_bits) {
    const Word slot = next_slot++;
    const sel4::RetypeDestination destination{
        .root = sel4::Cap<sel4::CNode>{sel4::root_slot::cnode}, .offset = slot};
    require(sel4::untyped_retype(source, type, size_bits, destination, 1));
    return {slot};
}

bool holds(const sel4::UntypedDescription& description, Word physical) {
    return physical >= description.physical_address &&
           physical - description.physical_address < Word{1} << description.size_bits;
}

void find_memory() {
    unsigned best = 0;
    for (Word i = 0; i < info->untyped.count(); ++i) {
        const sel4::UntypedDescription& description = info->untypeds[i];
        if (description.is_device != 0 || description.size_bits <= best) continue;
        best = description.size_bits;
        memory = untyped(i);
    }
}

/// Takes what lies below the UART off its device untyped, in the largest pieces, so that the next
/// frame made from it is the UART's.
void map_uart() {
    Word index = 0;
    while (!holds(info->untypeds[index], uart_physical)) ++index;
    Word position = info->untypeds[index].physical_address;
    while (position != uart_physical) {
        unsigned bits = 4;
        while (position % (Word{2} << bits) == 0 && position + (Word{2} << bits) <= uart_physical) {
            ++bits;
        }
        make_from(untyped(index), sel4::ObjectType::Untyped, bits);
        position += Word{1} << bits;
    }
    const sel4::Cap<sel4::Frame> frame{make_from(untyped(index), sel4::ObjectType::SmallPage, 0)};
    require(sel4::page_map(frame, own_vspace, uart_address, sel4::read_write,
                           sel4::VmAttributes::DeviceExecuteNever));
}

void put(char character) { uart(0) = static_cast<unsigned char>(character); }

}  // namespace

const sel4::BootInfo& boot_info() { return *info; }

sel4::CPtr empty_slot() { return {next_slot++}; }

volatile std::uint32_t& uart(unsigned offset) {
    // The one place that turns the UART's address into a pointer.
    return *reinterpret_cast<volatile std::uint32_t*>(uart_address + offset);
}

void print(std::string_view text) {
    for (const char character : text) put(character);
}

void print(std::uint64_t number) {
    int shift = 60;
    while (shift > 0 && (number >> shift) == 0) shift -= 4;
    for (; shift >= 0; shift -= 4) put("0123456789abcdef"[number >> shift & 15]);
    put(' ');
}

void require(const sel4::Invoked& outcome) {
    if (outcome) return;
    print(sel4::name_of(outcome.error().invocation));
    print(": ");
    panic(sel4::name_of(outcome.error().error).data());
}

sel4::CPtr make(sel4::ObjectType type, unsigned size_bits) {
    return make_from(memory, type, size_bits);
}

sel4::CPtr copy(sel4::CPtr original, Word badge) {
    const sel4::Cap<sel4::CNode> root{sel4::root_slot::cnode};
    const Word slot = next_slot++;
    require(sel4::cnode_mint({root, slot}, {root, original.value}, sel4::all_rights, badge));
    return {slot};
}

void map(sel4::Cap<sel4::Frame> frame, sel4::Cap<sel4::VSpace> vspace, Word address,
         sel4::Rights rights, bool executable) {
    require(sel4::page_map(
        frame, vspace, address, rights,
        executable ? sel4::VmAttributes::Cacheable : sel4::VmAttributes::CacheableExecuteNever));
}

sel4::Cap<sel4::Frame> map_frame(sel4::Cap<sel4::VSpace> vspace, Word address) {
    const auto frame = make<sel4::Frame>(sel4::ObjectType::SmallPage);
    map(frame, vspace, address);
    return frame;
}

sel4::Cap<sel4::VSpace> make_vspace() {
    const auto vspace = make<sel4::VSpace>(sel4::ObjectType::VSpace);
    require(sel4::asid_pool_assign(sel4::Cap<sel4::AsidPool>{sel4::root_slot::asid_pool}, vspace));
    for (int level = 0; level < 2; ++level) {
        require(sel4::page_table_map(make<sel4::PageTable>(sel4::ObjectType::PageTable), vspace,
                                     image_address, sel4::VmAttributes::Cacheable));
    }
    for (Word page = 0; page < info->user_image_frames.count(); ++page) {
        const sel4::Cap<sel4::Frame> frame{copy({info->user_image_frames.start + page})};
        map(frame, vspace, image_address + page * page_size, sel4::read_write, true);
    }
    return vspace;
}

sel4::Cap<sel4::Tcb> start_thread(const ThreadOptions& options) {
    const auto tcb = make<sel4::Tcb>(sel4::ObjectType::Tcb);
    const auto context = make<sel4::SchedContext>(sel4::ObjectType::SchedContext, 8);
    const Word ipc_buffer = next_ipc_buffer;
    next_ipc_buffer += page_size;
    const sel4::Cap<sel4::Frame> frame = map_frame(options.vspace, ipc_buffer);
    const sel4::Cap<sel4::SchedControl> control{info->sched_control.start};
    require(sel4::sched_control_configure(control, context, options.time));
    require(sel4::tcb_configure(
        tcb, {.cspace = sel4::Cap<sel4::CNode>{sel4::root_slot::cnode}, .vspace = options.vspace},
        ipc_buffer, frame));
    require(sel4::tcb_set_sched_params(tcb, sel4::Cap<sel4::Tcb>{sel4::root_slot::tcb},
                                       options.priority, options.priority, context,
                                       options.fault_endpoint));
    sel4::UserContext registers{};
    registers.pc = reinterpret_cast<Word>(options.entry);
    registers.sp = reinterpret_cast<Word>(stacks[++threads]);
    registers.x0 = options.argument;
    registers.tpidrro_el0 = ipc_buffer;
    require(sel4::tcb_write_registers(tcb, true, registers));
    return tcb;
}

void suspend_self() {
    for (;;) (void)sel4::tcb_suspend(sel4::Cap<sel4::Tcb>{sel4::root_slot::tcb});
}

}  // namespace kos::test

namespace kos {

void panic_handler(const char* message) {
    test::print(message);
    test::suspend_self();
}

namespace sel4 {

IpcBuffer& ipc_buffer() {
    Word address;
    asm("mrs %0, tpidrro_el0" : "=r"(address));
    if (address == 0) address = test::info->ipc_buffer;
    return *reinterpret_cast<IpcBuffer*>(address);
}

}  // namespace sel4

}  // namespace kos

__attribute__((weak)) void test_prepare(const kos::sel4::BootInfo&) {}

// Enters with x0 = boot information and no stack.
asm(R"(
    .section .text._start, "ax"
    .global _start
_start:
    adrp    x1, initial_stack_top
    add     x1, x1, :lo12:initial_stack_top
    mov     sp, x1
    bl      start
    .section .bss.initial_stack, "aw", %nobits
    .balign 16
    .space  8192
initial_stack_top:
)");

extern "C" [[noreturn]] void start(const kos::sel4::BootInfo* boot_info) {
    kos::test::info = boot_info;
    kos::test::next_slot = boot_info->empty.start;
    test_prepare(*boot_info);
    kos::test::find_memory();
    kos::test::map_uart();
    test_main();
    kos::test::suspend_self();
}
