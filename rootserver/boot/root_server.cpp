// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/boot/root_server.hpp"

#include "rootserver/spawn/spawn.hpp"

#include <new>

namespace kos::rootserver {

namespace {

/// Words that hold the books of all apps.
std::uint64_t words_of_all(const manifest::ImageView& image) {
    std::uint64_t words = 0;
    for (std::uint32_t number = 0; number < image.app_count(); ++number) {
        words += bookkeeping_words(image.app(number));
    }
    return words;
}

bool has_microvms(const manifest::ImageView& image) {
    for (std::uint32_t number = 0; number < image.app_count(); ++number) {
        if (image.app(number).vm != 0) return true;
    }
    return false;
}

/// What is kept of the apps: of as many as there are, so that the program stays small.
struct Books {
    std::span<App> apps;
    std::span<std::uint32_t> words;
};

Attempt<Books> make_books(RootVSpace& vspace, const manifest::ImageView& image) {
    const std::uint64_t words = words_of_all(image);
    const std::uint64_t bytes_of_apps = image.app_count() * sizeof(App);
    const MutableBytes books =
        KOS_TRY(vspace.make_bookkeeping(bytes_of_apps + words * sizeof(std::uint32_t)));
    auto* const apps = reinterpret_cast<App*>(books.data());
    for (std::uint32_t number = 0; number < image.app_count(); ++number) new (apps + number) App{};
    auto* const first_word = reinterpret_cast<std::uint32_t*>(books.data() + bytes_of_apps);
    return Books{{apps, image.app_count()}, {first_word, static_cast<std::size_t>(words)}};
}

}  // namespace

RootServer::RootServer(const Platform& platform, const BootParameters& parameters)
    : platform_(platform),
      parameters_(parameters),
      timeline_(parameters, platform.clock),
      memory_(platform.boot_info),
      vspace_(memory_, parameters.kernel_abi) {
    sel4::set_abi(parameters.kernel_abi);
    if (parameters.trace) tracer_.emplace(parameters.kernel_abi);
}

Attempt<> RootServer::boot() {
    KOS_TRY(open_console());
    if (tracer_) tracer_->attach(*console_);
    cspace_ = KOS_TRY(
        RootCSpace::create(memory_, static_cast<unsigned>(platform_.boot_info.root_cnode_bits)));
    KOS_TRY(vspace_.prepare_scratch());
    KOS_TRY(open_image());
    return make_supervisor();
}

void RootServer::run() {
    supervisor_->run();
    if (tracer_) tracer_->flush();
    console_->finished();
}

void RootServer::report(const Trouble& trouble) {
    if (console_) describe(trouble).fail_to(*console_, msg::no_app);
    if (tracer_) tracer_->flush();
}

Attempt<> RootServer::open_console() {
    if (platform_.console) {
        console_.emplace(*platform_.console);
        console_source_ = platform_.console_source;
        return {};
    }
    const Subject subject{"the console"};
    if (!parameters_.console) return trouble(ErrorCode::Unsupported, subject);
    const PhysicalAddress page = parameters_.console->aligned_down(page_size);
    const sel4::CPtr slot = KOS_TRY(memory_.slot(subject));
    KOS_TRY(memory_.make_device_frames(page, 1, page_bits, memory_.window(), slot.value));
    KOS_TRY(vspace_.map(sel4::Cap<sel4::Frame>{slot}, window::console, page_bits, sel4::read_write,
                        sel4::VmAttributes::DeviceExecuteNever));
    uart_.emplace((window::console + (*parameters_.console - page)).value());
    console_.emplace(uart_->sink());
    if (parameters_.console_interrupt) {
        uart_->enable_receiver();
        console_source_ = uart_->source(*parameters_.console_interrupt);
    }
    return {};
}

Attempt<> RootServer::open_console_source(const Wakeup& wakeup) {
    if (!console_source_) return {};
    const auto notification = KOS_TRY(wakeup.source(memory_, *cspace_, wakeup_badge::console));
    console_interrupt_ =
        KOS_TRY(Interrupt::create(memory_, *cspace_, console_source_->interrupt, notification));
    return {};
}

Attempt<> RootServer::open_image() {
    const SystemImage::Sources sources{memory_, *cspace_, vspace_};
    if (const auto& mapped = parameters_.mapped_image) {
        const sel4::CPtr first{platform_.boot_info.user_image_frames.start + mapped->first_frame};
        image_ = KOS_TRY(SystemImage::adopt(mapped->address, first, parameters_.image_size));
    } else {
        image_ = KOS_TRY(SystemImage::create(sources, parameters_.image, parameters_.image_size));
    }
    if (!parameters_.has_seed) {
        Line{}
            .text("the device tree has no rng-seed: random numbers of the apps can be foretold")
            .log_to(*console_, msg::no_app);
    }
    return {};
}

Attempt<sel4::Cap<sel4::CNode>> RootServer::make_empty_cspace() {
    if (!has_microvms(image_->manifest())) return sel4::Cap<sel4::CNode>{};
    return sel4::Cap<sel4::CNode>{KOS_TRY(memory_.make(
        sel4::ObjectType::CNode, Root::empty_cspace_bits, {"the guests' empty CSpace"}))};
}

Attempt<std::array<sel4::Cap<sel4::Frame>, 2>> RootServer::open_guest_interrupts() {
    std::array<sel4::Cap<sel4::Frame>, 2> frames;
    const auto& place = parameters_.guest_interrupts.gic_v2_cpu;
    if (!place || !has_microvms(image_->manifest())) return frames;
    PhysicalAddress page = *place;
    for (sel4::Cap<sel4::Frame>& frame : frames) {
        const sel4::CPtr slot = KOS_TRY(memory_.slot({"the guests' interrupt controller"}));
        KOS_TRY(memory_.make_device_frames(page, 1, page_bits, memory_.window(), slot.value));
        frame = sel4::Cap<sel4::Frame>{slot};
        page = page + page_size;
    }
    return frames;
}

Attempt<> RootServer::make_supervisor() {
    const sel4::Cap<sel4::SchedControl> control{platform_.boot_info.sched_control.start};
    const sel4::Cap<sel4::Endpoint> endpoint{
        KOS_TRY(memory_.make(sel4::ObjectType::Endpoint, 0, {"the endpoint of all apps"}))};
    const sel4::Cap<sel4::Reply> reply{
        KOS_TRY(memory_.make(sel4::ObjectType::Reply, 0, {"the reply object"}))};
    if (parameters_.guests) {
        external_ = KOS_TRY(ExternalGuests::create(memory_, *cspace_, vspace_, *parameters_.guests,
                                                   image_->manifest()));
    }
    if (parameters_.volumes && !external_) {
        volumes_ = KOS_TRY(VolumeDevices::create(memory_, *cspace_, vspace_, *parameters_.volumes,
                                                 image_->manifest()));
    }
    root_.emplace(Root{
        .memory = memory_,
        .cspace = *cspace_,
        .image = *image_,
        .endpoint = endpoint,
        .sched_control = control,
        .scratch_slot = KOS_TRY(memory_.slot({"the scratch slot"})),
        .seed = parameters_.seed,
        .boot_time = parameters_.boot_time,
        .counter_hz = platform_.clock.hz,
        .virtual_counter =
            (parameters_.kernel_abi.flags & sel4::KernelAbi::flag_virtual_counter) != 0,
        .gic_version = parameters_.guest_interrupts.gic_version,
        .empty_cspace = KOS_TRY(make_empty_cspace()),
        .gic_v2_cpu = KOS_TRY(open_guest_interrupts()),
        .external = external_ ? &*external_ : nullptr,
        .volumes = volumes_ ? &*volumes_ : nullptr,
    });
    const Wakeup wakeup = KOS_TRY(Wakeup::create(memory_));
    const auto expired = KOS_TRY(wakeup.source(memory_, *cspace_, wakeup_badge::alarm));
    alarm_ = KOS_TRY(
        Alarm::create(memory_, *cspace_, control, expired, platform_.alarm, platform_.clock));
    KOS_TRY(open_console_source(wakeup));
    const Books books = KOS_TRY(make_books(vspace_, image_->manifest()));
    supervisor_.emplace(Supervisor::Parts{
        .root = *root_,
        .console = *console_,
        .console_source = console_source_,
        .console_interrupt = console_interrupt_ ? &*console_interrupt_ : nullptr,
        .alarm = *alarm_,
        .clock = platform_.clock,
        .reply = reply,
        .apps = books.apps,
        .bookkeeping = books.words,
        .tracer = tracer_ ? &*tracer_ : nullptr,
        .timeline = timeline_,
    });
    return {};
}

}  // namespace kos::rootserver
