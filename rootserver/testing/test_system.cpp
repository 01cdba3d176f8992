// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/testing/test_system.hpp"

#include "rootserver/testing/device_tree_builder.hpp"

#include <cstring>

namespace kos::rootserver::testing {

namespace {

constexpr PhysicalAddress lowest_image_base{0x4000'0000};
/// Of the root server's program, which is one page, in the kernel's RAM.
constexpr PhysicalAddress program_base{0x6000'0000};
constexpr VirtualAddress program_address{0x40'0000};
constexpr VirtualAddress alarm_entry{0x41'0000};
constexpr std::uint64_t counter_hz = 62'500'000;

/// The kernel of the one system that there is at a time, for the clock.
sim::Kernel* running_kernel = nullptr;
/// Of TestSystem::after_clock().
std::function<void()> clock_hook;

PhysicalAddress image_base_of(Place place) {
    return place.in_root_image ? program_base + page_size : lowest_image_base + place.displacement;
}

std::string device_tree_of(Place place, std::uint64_t image_size) {
    const PhysicalAddress image_base = image_base_of(place);
    const auto end = static_cast<std::uint32_t>(image_base.value() + image_size);
    DeviceTreeBuilder tree;
    tree.begin("").begin("chosen");
    if (place.in_root_image) {
        const auto address = static_cast<std::uint32_t>((program_address + page_size).value());
        tree.cells("kos,image-address", {address}).cells("kos,image-frame", {1});
    }
    return tree.cells("linux,initrd-start", {static_cast<std::uint32_t>(image_base.value())})
        .cells("linux,initrd-end", {end})
        .property("rng-seed", "a seed of thirty-two bytes......")
        .cells("kos,boot-time", {1'000})
        .end()
        .end()
        .build();
}

}  // namespace

std::uint64_t read_clock() {
    const std::uint64_t time = running_kernel->now();
    if (clock_hook) clock_hook();
    return time;
}

TestSystem::TestSystem(const std::vector<std::byte>& image, sim::Hooks hooks, Place place)
    : device_tree_(device_tree_of(place, image.size())) {
    const PhysicalAddress image_base = image_base_of(place);
    inprocess::Options options;
    options.device_tree = as_bytes(device_tree_);
    if (place.in_root_image) options.image_pages = 1 + pages_for(image.size());
    system_ = must(inprocess::System::create(options), "a test system boots");
    system_->set_hooks(hooks);
    running_kernel = &system_->kernel();
    std::memcpy(running_kernel->memory().bytes(image_base, image.size()).data(), image.data(),
                image.size());

    clock_hook = {};
    system_->set_program(alarm_entry, [](sim::Thread& thread) {
        const auto& x = sim::registers_of(thread).x;
        run_alarm(sel4::Cap<sel4::Notification>{x[0]}, sel4::Cap<sel4::Notification>{x[1]});
    });
    const msg::ConsoleSink sink{
        [](void* to, std::string_view bytes) { static_cast<std::string*>(to)->append(bytes); },
        &console_};
    const Platform platform{
        .boot_info = system_->boot_info(),
        .clock = {read_clock, counter_hz},
        .alarm = {alarm_entry.value(), 0},
        .console = sink,
        .console_source = ConsoleSource{[](void* from, MutableBytes into) {
                                            auto& typed = *static_cast<std::string*>(from);
                                            const auto taken = std::min(into.size(), typed.size());
                                            std::memcpy(into.data(), typed.data(), taken);
                                            typed.erase(0, taken);
                                            return taken;
                                        },
                                        &typed_, console_interrupt},
    };
    server_ = std::make_unique<RootServer>(
        platform,
        must(read_boot_parameters(system_->extra_boot_info()), "the device tree is right"));
}

void TestSystem::command(msg::FrameType type, std::uint8_t app, std::uint32_t sequence,
                         Bytes payload) {
    std::string frame;
    const msg::ConsoleSink sink{
        [](void* to, std::string_view bytes) { static_cast<std::string*>(to)->append(bytes); },
        &frame};
    msg::put_frame(sink, type, app, sequence, payload);
    this->type(frame);
}

std::vector<ConsoleFrame> TestSystem::frames() const {
    std::vector<ConsoleFrame> found;
    msg::ControlReader reader;
    Bytes rest = as_bytes(console_);
    while (!rest.empty()) {
        rest = rest.subspan(reader.feed(rest));
        for (auto event = reader.next(); !event.empty(); event = reader.next()) {
            if (!event.frame) continue;
            found.push_back(
                {event.frame->type, event.frame->app, std::string{as_text(event.frame->payload)}});
        }
    }
    return found;
}

void TestSystem::after_clock(std::function<void()> happens) { clock_hook = std::move(happens); }

std::uint64_t TestSystem::now() const { return system_->kernel().now(); }
std::uint64_t TestSystem::ticks_per_millisecond() { return counter_hz / 1000; }

std::string TestSystem::text(msg::FrameType type) const {
    std::string all;
    for (const ConsoleFrame& frame : frames()) {
        if (frame.type == type) all += frame.payload;
    }
    return all;
}

Answer request(std::uint64_t thread, native::Request request,
               std::initializer_list<sel4::Word> words) {
    sel4::Message message;
    message.info =
        sel4::MessageInfo{static_cast<sel4::Word>(request), 0, static_cast<unsigned>(words.size())};
    std::copy(words.begin(), words.end(), message.words.begin());
    const sel4::Message answer = sel4::call(native::app_slot::manager(thread), message);
    return {answer.info.label(), answer.words[0]};
}

Answer write_text(std::uint64_t thread, std::string_view text) {
    std::array<sel4::Word, sel4::message_max_words> words{1, text.size()};
    std::memcpy(&words[2], text.data(), text.size());
    const auto length = static_cast<unsigned>(2 + (text.size() + 7) / 8);
    sel4::Message message;
    message.info = sel4::MessageInfo{static_cast<sel4::Word>(native::Request::Write), 0, length};
    for (unsigned i = 0; i < length; ++i) {
        (i < sel4::message_registers ? message.words[i] : sel4::ipc_buffer().message[i]) = words[i];
    }
    const sel4::Message answer = sel4::call(native::app_slot::manager(thread), message);
    return {answer.info.label(), answer.words[0]};
}

void exit_app(std::uint64_t thread, sel4::Word status) {
    (void)request(thread, native::Request::Exit, {status});
}

std::byte* touch(VirtualAddress address, Access access) {
    inprocess::raise_vm_fault({.address = address,
                               .is_fetch = access == Access::Fetch,
                               .is_write = access == Access::Write,
                               .syndrome = sim::vm_fault_syndrome(access == Access::Fetch,
                                                                  access == Access::Write, false)});
    return sel4::vspace_pointer(address.value());
}

}  // namespace kos::rootserver::testing
