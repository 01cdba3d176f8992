// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Packs an image of a layout into a system image: flatten, check, rewrite, plan, write. Pure but
// for reading the target programs.
#pragma once

#include "cli/oci/image.hpp"
#include "cli/pack/container_options.hpp"
#include "cli/pack/guest_parts.hpp"
#include "cli/pack/process.hpp"
#include "lib/base/error.hpp"
#include "lib/manifest/image.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace kos::pack {

/// kos's own programs that go into every image: their ELF files.
struct TargetPrograms {
    std::string root_server;
    std::string libos;
    std::string vmm{};
    std::string message_server{};
    std::string network_switch{};
    std::string gateway{};
};

/// From a folder with rootserver.elf, libos.elf, vmm.elf, msgserver.elf, netswitch.elf and
/// gateway.elf.
Outcome<TargetPrograms> load_target_programs(const std::string& folder);

/// What a microVM's guest is made of; asked for only where there is one.
struct GuestSupply {
    GuestPrograms programs;
    std::string seccomp_profile;  ///< the profile's content; empty: none
    std::vector<std::string> notes;
};
using GuestSource = std::function<Outcome<GuestSupply>()>;

/// What a guest may take, in milliseconds, before its container runs.
inline constexpr std::uint32_t guest_start = 30'000;

/// What happens once the app has ended.
struct Restart {
    manifest::RestartPolicy policy = manifest::RestartPolicy::No;
    std::uint32_t limit = 0;  ///< most restarts; 0: any number
    std::uint32_t delay = default_delay;
    std::uint32_t most_delay = 0;  ///< it doubles up to this; less than delay: it stays
    std::uint32_t window = 0;      ///< milliseconds' run after which they count anew; 0: never
    /// Milliseconds: docker's first delay.
    static constexpr std::uint32_t default_delay = 100;

    /// `window` from an app's start on: that of a guest is no run of its container.
    [[nodiscard]] std::uint32_t window_from_start(manifest::AppKind kind) const;
};

/// docker's --restart: no, always, on-failure, on-failure:N.
[[nodiscard]] std::optional<Restart> parse_restart(std::string_view text);

/// A signal that can stop an app, by name or number.
[[nodiscard]] std::optional<std::uint8_t> parse_stop_signal(std::string_view text);

/// What must be so of another app before this one starts.
struct DependsOn {
    std::string app;
    manifest::Condition condition = manifest::Condition::Started;
    bool required = true;
    bool restart = false;
};

/// How an app is stopped, when it is ready, and what it waits for.
struct Lifecycle {
    std::optional<std::uint8_t> stop_signal{};  ///< in place of the image's
    std::optional<std::uint32_t> stop_grace{};  ///< milliseconds
    manifest::Readiness readiness = manifest::Readiness::None;
    std::uint16_t ready_port = 0;
    std::string ready_protocol{};
    std::uint32_t ready_within = 0;  ///< milliseconds
    std::vector<DependsOn> depends_on{};
};

/// A file that is put into the root filesystem.
struct ExtraFile {
    std::string path;  ///< absolute
    std::string content;
    std::uint32_t mode = 0444;
    std::uint32_t user = 0;
    std::uint32_t group = 0;
};

/// A line of /etc/hosts.
struct ExtraHost {
    std::string name, address;
};

/// That an app is on a network, where it has other names as well.
struct Membership {
    std::string network;
    std::vector<std::string> aliases{};
};

struct PackOptions {
    std::optional<manifest::AppKind> kind;  ///< --native, --microvm
    ProcessOverrides process;
    Restart restart{};
    Lifecycle life{};
    std::optional<std::string> name{};       ///< in place of the image's
    std::optional<std::string> host_name{};  ///< in place of the app's name
    std::optional<std::uint8_t> priority{};  ///< in place of the image's
    /// Bytes in place of the image's: of the heap, or of the guest.
    std::optional<std::uint64_t> memory{};
    /// Processors that the app may keep busy, less than one: shared evenly among the threads, or
    /// the virtual processors, that it may have.
    std::optional<double> processors{};
    std::vector<ExtraFile> files{};
    std::vector<ExtraHost> hosts{};
    std::vector<Membership> networks{};
    /// Ports that it listens on and that the host reaches, each once.
    std::vector<std::uint16_t> ports{};
    bool uplink = false;           ///< an interface to the host's network; of microVMs alone
    ContainerOptions container{};  ///< likewise, but for tmpfs
};

/// Whether the image is to run natively or in a microVM: as asked for, as it says, or as its labels
/// tell (docs/labels.md).
Outcome<manifest::AppKind> kind_of(const oci::Image& image, const PackOptions& options);

struct Packed {
    std::vector<std::byte> image;
    std::vector<std::string> notes;  ///< what of the image has no effect, for people
};

/// An app of a system: an image, and what is asked for in place of what it says.
struct AppSource {
    oci::Image image;
    PackOptions options;
};

/// A network: the apps on it reach each other, through its message server.
struct NetworkSource {
    std::string name;
    std::string server = "kos";  ///< networks with the same one share it
    std::string socket{};        ///< /var/run/SOCKET.sock; empty: messages have no socket
    bool is_named = false;       ///< the server was asked for
    /// Whether native apps are on it at all.
    bool joins_natives = true;
    bool is_unnamed = false;  ///< nobody finds the others by their names
};

struct SystemSource {
    std::vector<AppSource> apps;  ///< each behind those that it depends on
    std::vector<NetworkSource> networks{};
    std::string project{};  ///< addresses of interfaces come from its name
    bool stays = false;     ///< with no app left the system waits for commands, and does not end
};

/// The kinds of the apps that a system image of these has, kos's own among them. KOS-E-UNSUPPORTED
/// and the like where their networks cannot be.
Outcome<std::set<manifest::AppKind>> kinds_of(const SystemSource& system);

/// A system image with these apps, in this order. What several have in common is in it once. A
/// working directory that an image lacks is made, as runtimes do. KOS-E-UNSUPPORTED where an app
/// would be a microVM and there is no \p guests, KOS-E-DEPENDENCY where it depends on one that is
/// not before it; errors and notes begin with an app's name where it was given one.
Outcome<Packed> pack_system(SystemSource system, const TargetPrograms& programs,
                            const GuestSource& guests = {});

/// A system image with one app.
Outcome<Packed> pack(oci::Image image, const PackOptions& options, const TargetPrograms& programs,
                     const GuestSource& guests = {});

}  // namespace kos::pack
