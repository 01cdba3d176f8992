// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/pack.hpp"

#include "cli/file/file.hpp"
#include "cli/pack/app_kind.hpp"
#include "cli/pack/app_parts.hpp"
#include "cli/pack/extra_files.hpp"
#include "cli/pack/image_builder.hpp"
#include "cli/pack/layout.hpp"
#include "cli/pack/memory_files.hpp"
#include "cli/pack/message_servers.hpp"
#include "cli/pack/microvm.hpp"
#include "cli/pack/native.hpp"
#include "cli/pack/switches.hpp"
#include "cli/pack/system_plan.hpp"
#include "lib/base/address.hpp"
#include "lib/linux/signal_name.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <filesystem>

namespace kos::pack {
namespace {

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::vector<std::byte> copied(std::string_view text) {
    const Bytes bytes = as_bytes(text);
    return {bytes.begin(), bytes.end()};
}

/// What the image asks for that a Linux program has no use for.
std::vector<std::string> notes_on(const oci::ImageConfig& config,
                                  const oci::AppSettings& settings) {
    std::vector<std::string> notes;
    if (settings.untyped_large != 0 || settings.untyped_4k != 0) {
        notes.emplace_back(
            "ut_large_page and ut_4k_pages have no effect: a Linux program cannot use untypeds, so "
            "no memory is set aside for them");
    }
    if (!config.exposed_ports.empty()) {
        notes.emplace_back("ExposedPorts has no effect: a native app has no ports of the host");
    }
    return notes;
}

Outcome<void> override_settings(const PackOptions& options, oci::AppSettings& settings) {
    if (options.priority) {
        if (*options.priority > manifest::priority_ceiling) {
            return fail(ErrorCode::LabelValue, "priority",
                        std::to_string(*options.priority) + " is above " +
                            std::to_string(manifest::priority_ceiling));
        }
        settings.priority = *options.priority;
        settings.max_priority = std::max(settings.max_priority, settings.priority);
    }
    if (!options.memory) return {};
    settings.vm_memory = std::max(*options.memory, manifest::min_guest_memory);
    settings.heap_pages = std::max<std::uint64_t>(pages_for(*options.memory), 1);
    return {};
}

/// What tells the app to stop: as asked for, as the image says, or SIGTERM.
Outcome<std::uint8_t> stop_signal_of(const oci::ImageConfig& config, const PackOptions& options) {
    if (options.life.stop_signal) return *options.life.stop_signal;
    if (config.stop_signal.empty()) return std::uint8_t{SIGTERM};
    if (const auto signal = parse_stop_signal(config.stop_signal)) return *signal;
    return fail(ErrorCode::JsonInvalid, "StopSignal",
                "\"" + config.stop_signal + "\" is no signal");
}

/// The apps of a system, one after another, into an image.
class SystemPacker {
   public:
    SystemPacker(const TargetPrograms& programs, const GuestSource& guests)
        : programs_(programs), guests_(guests) {
        builder_.set_root_server(
            builder_.add_blob(manifest::BlobKind::RootServer, copied(programs.root_server)));
    }

    /// Message servers and switches are apps before the others, and behind them the gateway, where
    /// one is needed.
    Outcome<void> add_networks(const SystemSource& system) {
        SystemPlan plan = KOS_TRY(plan_system(system));
        notes_ = std::move(plan.notes);
        networks_ = std::move(plan.networks);
        KOS_TRY(add_message_servers(networks_.servers, programs_.message_server, builder_));
        for (const ServerPlan& server : networks_.servers) names_.push_back(server.name);
        KOS_TRY(add_switches(networks_.switches, programs_.network_switch, builder_));
        for (const SwitchPlan& joint : networks_.switches) names_.push_back(switch_name(joint));
        if (!plan.gateway.is_needed()) return {};
        KOS_TRY(plan.gateway.add(networks_, programs_.gateway, builder_));
        gateway_ = static_cast<std::uint32_t>(names_.size());
        names_.emplace_back();  // no service is called that
        return {};
    }

    Outcome<void> add(AppSource source) {
        const AppNetworks& networks = networks_.apps[names_.size() - networks_.server_count()];
        oci::AppSettings settings = KOS_TRY(settings_of(source.image));
        const PackOptions& options = source.options;
        const bool is_microvm = kind_of(settings, options) == manifest::AppKind::MicroVm;
        KOS_TRY(override_settings(options, settings));
        for (const ExtraFile& file : options.files) KOS_TRY(put(file, source.image.rootfs));
        using manifest::Readiness;
        const bool is_seen = !networks.memberships.empty() ||
                             options.life.readiness == Readiness::None ||
                             options.life.readiness == Readiness::Test;
        if (is_microvm && !is_seen) {
            return fail(ErrorCode::Unsupported, "healthcheck",
                        "PORT and PROTOCOL are seen by message servers, and this microVM is on no "
                        "network that has one; CMD tests it");
        }
        if (is_microvm && !guests_) {
            return fail(ErrorCode::Unsupported, source.image.name,
                        "there is nothing to make a guest of");
        }
        const Process process = KOS_TRY(make_process(source.image, settings, options.process));
        const std::string image_name = settings.name.value_or(file_name(process.executable));
        const std::string name = options.name.value_or(image_name);
        const AppParts parts{
            .settings = settings,
            .process = process,
            .options = options,
            .names = {.app = name, .host = options.host_name.value_or(name)},
            .stop_signal = KOS_TRY(stop_signal_of(source.image.config, options)),
            .dependencies = KOS_TRY(dependencies_of(options, networks)),
            .networks = networks,
        };
        KOS_TRY(is_microvm ? add_microvm(parts, std::move(source.image))
                           : add_native(parts, std::move(source.image)));
        names_.push_back(name);
        return {};
    }

    Outcome<void> add(LayoutSource layout, const Restart& restart) {
        // Services, then those of the end, have 10 s each (docs/guest.md, shutdown_ms).
        constexpr std::uint32_t most_to_end = 22'000;
        oci::AppSettings settings;
        settings.vm_memory = std::max(layout.memory, manifest::min_guest_memory);
        settings.vm_cpus = layout.cpus;
        PackOptions options;
        options.restart = restart;
        options.life.stop_grace = most_to_end;
        const Process process;
        const AppNetworks networks;
        const AppParts parts{
            .settings = settings,
            .process = process,
            .options = options,
            .names = {.app = layout.name, .host = layout.name},
            .stop_signal = SIGTERM,
            .dependencies = {},
            .networks = networks,
        };
        KOS_TRY(prepare_microvms());
        const std::string arguments = layout.kernel_arguments;
        KOS_TRY(microvms_->add(parts, KOS_TRY(make_layout_disk(std::move(layout))), arguments));
        names_.push_back(parts.names.app);
        return {};
    }

    Outcome<Packed> finish(bool stays) && {
        builder_.set_stays(stays);
        auto bytes = KOS_TRY(std::move(builder_).finish());
        return Packed{std::move(bytes), std::move(notes_)};
    }

   private:
    /// Those of the apps before have numbers.
    Outcome<std::vector<manifest::Dependency>> dependencies_of(const PackOptions& options,
                                                               const AppNetworks& networks) const {
        std::vector<manifest::Dependency> dependencies;
        for (const auto* members : {&networks.memberships, &networks.switches}) {
            for (const MemberPlan& one : *members) dependencies.push_back(started(one.server));
        }
        if (!options.ports.empty()) dependencies.push_back(started(gateway_));
        for (const DependsOn& on : options.life.depends_on) {
            const auto found = std::find(names_.begin(), names_.end(), on.app);
            if (found == names_.end()) {
                return fail(ErrorCode::DependencyFailed, on.app,
                            "it is not packed before this app");
            }
            manifest::Dependency dependency;
            dependency.app = static_cast<std::uint32_t>(found - names_.begin());
            dependency.condition = static_cast<std::uint8_t>(on.condition);
            dependency.flags =
                static_cast<std::uint8_t>((on.required ? manifest::dependency_flag::required : 0) |
                                          (on.restart ? manifest::dependency_flag::restart : 0));
            dependencies.push_back(dependency);
        }
        return dependencies;
    }

    Outcome<void> add_native(const AppParts& parts, oci::Image image) {
        if (!native_) native_ = KOS_TRY(NativePacker::create(programs_.libos, builder_));
        image.rootfs.make_directories(parts.process.working_directory);
        KOS_TRY(add_hosts(parts.options.hosts, parts.networks.hosts, image.rootfs));
        const std::uint64_t memory_pages =
            KOS_TRY(place_memory_files(parts.options, parts.process, image.rootfs));
        KOS_TRY(native_->add(parts, image.rootfs, memory_pages));
        const std::string name = parts.options.name ? *parts.options.name + ": " : "";
        for (const std::string& note : notes_on(image.config, parts.settings)) {
            notes_.push_back(name + note);
        }
        return {};
    }

    /// The first guest makes what all of them share.
    Outcome<void> prepare_microvms() {
        if (microvms_) return {};
        GuestSupply supply = KOS_TRY(guests_());
        GuestParts guest = KOS_TRY(make_guest_parts(supply.programs));
        microvms_ = KOS_TRY(MicrovmPacker::create(programs_.vmm, std::move(guest),
                                                  supply.seccomp_profile, builder_));
        notes_.insert(notes_.end(), supply.notes.begin(), supply.notes.end());
        return {};
    }

    Outcome<void> add_microvm(const AppParts& parts, oci::Image image) {
        if (parts.settings.vm_kernel) {
            return fail(ErrorCode::Unsupported, "com.koskit.vm.kernel",
                        "guests have one kernel for all; KOS_GUEST_KERNEL names its folder");
        }
        KOS_TRY(prepare_microvms());
        if (parts.options.processors) {
            notes_.push_back(parts.names.app +
                             ": cpus limits its guest on seL4 alone, not in the simulator");
        }
        return microvms_->add(parts, std::move(image));
    }

    const TargetPrograms& programs_;
    const GuestSource& guests_;
    ImageBuilder builder_;
    std::optional<NativePacker> native_;
    std::optional<MicrovmPacker> microvms_;
    NetworkPlan networks_;
    std::uint32_t gateway_ = 0;       ///< its number, where there is one
    std::vector<std::string> names_;  ///< of the apps so far
    std::vector<std::string> notes_;
};

}  // namespace

std::uint32_t Restart::window_from_start(manifest::AppKind kind) const {
    if (window == 0 || kind != manifest::AppKind::MicroVm) return window;
    return std::max(window, window + guest_start);  // beyond 49 days there is no more
}

std::optional<Restart> parse_restart(std::string_view text) {
    using manifest::RestartPolicy;
    if (text == "no") return Restart{};
    if (text == "always") return Restart{.policy = RestartPolicy::Always};
    constexpr std::string_view on_failure = "on-failure";
    if (!text.starts_with(on_failure)) return std::nullopt;
    Restart restart{.policy = RestartPolicy::OnFailure};
    text.remove_prefix(on_failure.size());
    if (text.empty()) return restart;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + 1, end, restart.limit);
    const bool whole = text.front() == ':' && error == std::errc{} && stop == end;
    return whole && restart.limit != 0 ? std::optional{restart} : std::nullopt;
}

std::optional<std::uint8_t> parse_stop_signal(std::string_view text) {
    const auto signal = sys::parse_signal(text);
    if (!signal || *signal < 1 || *signal > manifest::max_signal) return std::nullopt;
    return static_cast<std::uint8_t>(*signal);
}

Outcome<TargetPrograms> load_target_programs(const std::string& folder) {
    const std::filesystem::path path{folder};
    std::string root_server = KOS_TRY(file::read(path / "rootserver.elf"));
    std::string libos = KOS_TRY(file::read(path / "libos.elf"));
    std::string vmm = KOS_TRY(file::read(path / "vmm.elf"));
    std::string message_server = KOS_TRY(file::read(path / "msgserver.elf"));
    std::string network_switch = KOS_TRY(file::read(path / "netswitch.elf"));
    std::string gateway = KOS_TRY(file::read(path / "gateway.elf"));
    return TargetPrograms{std::move(root_server),    std::move(libos),          std::move(vmm),
                          std::move(message_server), std::move(network_switch), std::move(gateway)};
}

Outcome<Packed> pack_system(SystemSource system, const TargetPrograms& programs,
                            const GuestSource& guests) {
    SystemPacker packer{programs, guests};
    KOS_TRY(packer.add_networks(system));
    for (AppSource& app : system.apps) {
        const std::optional<std::string> name = app.options.name;
        const auto added = packer.add(std::move(app));
        if (added) continue;
        const Error& error = added.error();
        return fail(error.code, name ? *name + ": " + error.where : error.where, error.detail);
    }
    return std::move(packer).finish(system.stays);
}

Outcome<Packed> pack_layout(LayoutSource layout, const Restart& restart,
                            const TargetPrograms& programs, const GuestSource& guests) {
    SystemPacker packer{programs, guests};
    KOS_TRY(packer.add(std::move(layout), restart));
    return std::move(packer).finish(false);
}

Outcome<Packed> pack(oci::Image image, const PackOptions& options, const TargetPrograms& programs,
                     const GuestSource& guests) {
    SystemSource system;
    system.apps.push_back({std::move(image), options});
    return pack_system(std::move(system), programs, guests);
}

}  // namespace kos::pack
