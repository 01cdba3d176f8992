// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// A compose project as kos has it: what docs/compose.md says that it supports, typed and checked.
// Names are the Compose specification's.
#pragma once

#include "cli/compose/value.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace kos::compose {

using Duration = std::chrono::nanoseconds;
using Strings = std::vector<std::string>;

/// When a dependency lets its dependent start.
enum class Condition : std::uint8_t { Started, Healthy, CompletedSuccessfully };

struct Dependency {
    std::string service{};
    Condition condition = Condition::Started;
    bool restart = false;  ///< with the dependency
    bool required = true;  ///< false: the project works without it
    Position position{};
};

struct Healthcheck {
    enum class Test : std::uint8_t {
        Disabled,           ///< NONE
        Command,            ///< CMD, CMD-SHELL: in the container
        ProtocolPublished,  ///< PROTOCOL name: the app has published it
        PortListening,      ///< PORT number: the app listens on it
    };
    Test test = Test::Disabled;
    Strings arguments{};  ///< the test as written, its first word included
    Duration interval = std::chrono::seconds{30};
    Duration timeout = std::chrono::seconds{30};
    Duration start_period{};
    Duration start_interval = std::chrono::seconds{5};
    unsigned retries = 3;
    Position position{};
};

struct Restart {
    enum class When : std::uint8_t { No, Always, OnFailure, UnlessStopped };
    When when = When::No;
    std::optional<unsigned> most{};    ///< times; nothing: without end
    std::optional<Duration> delay{};   ///< between attempts
    std::optional<Duration> window{};  ///< how long it must run to count as started
};

struct TmpfsOptions {
    std::optional<std::uint64_t> size{};  ///< bytes
    std::optional<unsigned> mode{};       ///< of its root
    std::optional<std::uint32_t> user{}, group{};
    bool read_only = false;
};

struct Mount {
    enum class Type : std::uint8_t { Volume, Bind, Tmpfs };
    Type type = Type::Volume;
    std::string source{};  ///< volume or path; empty: an anonymous volume
    std::string target{};  ///< in the container
    bool read_only = false;
    TmpfsOptions tmpfs{};  ///< of that type
    Position position{};
};

struct Port {
    /// The first one of these that is free.
    struct Range {
        std::uint16_t first, last;
    };
    std::string host_ip{};
    std::optional<Range> published{};  ///< nothing: any
    std::uint16_t target = 0;
    std::string protocol = "tcp";
    std::string name{}, app_protocol{}, mode{};  ///< for people: nothing follows from them
    Position position{};
};

struct FileReference {
    std::string source{};  ///< its name in the project
    std::string target{};  ///< absolute path in the container
    std::optional<std::string> uid{}, gid{};
    std::optional<unsigned> mode{};
    Position position{};
};

struct Limit {
    std::int64_t soft, hard;  ///< -1: none
};

struct Device {
    std::string source{}, target{};
    std::string permissions = "rwm";
};

struct NetworkMembership {
    std::string network{};
    Strings aliases{};
    Position position{};
};

struct Logging {
    enum class Driver : std::uint8_t { JsonFile, Local, None };
    Driver driver = Driver::JsonFile;
    std::optional<std::uint64_t> max_size{};  ///< bytes of a file of it
    std::optional<unsigned> max_file{};       ///< how many files are kept
};

/// How the image is run; Image: as it says itself (DESIGN, "Which kind an image is").
enum class Kind : std::uint8_t { Image, Native, MicroVm };

struct Service {
    std::string name{};
    Position position{};
    std::map<std::string, Position> keys{};  ///< where each key that says something is
    std::string image{};
    Kind kind = Kind::Image;
    std::optional<Strings> command{}, entrypoint{};
    /// Without a value: taken from the environment of `kos`, or absent.
    std::map<std::string, std::optional<std::string>> environment{};
    std::map<std::string, std::string> labels{}, sysctls{}, extra_hosts{};
    std::vector<Dependency> depends_on{};
    std::optional<Healthcheck> healthcheck{};
    Restart restart{};
    std::vector<NetworkMembership> networks{};
    std::vector<Mount> volumes{};
    std::vector<Port> ports{};
    Strings expose{};
    std::vector<FileReference> secrets{}, configs{};
    std::vector<Device> devices{};
    std::map<std::string, Limit> ulimits{};
    Strings cap_add{}, cap_drop{}, profiles{};
    std::string user{}, working_dir{}, hostname{}, container_name{};
    bool privileged = false, read_only = false, init = false;
    std::optional<std::uint64_t> mem_limit{};  ///< bytes
    std::optional<double> cpus{};
    std::string stop_signal{};
    std::optional<Duration> stop_grace_period{};
    Logging logging{};
    std::optional<unsigned> priority{};  ///< x-kos-priority

    /// Of the key, or of the service where that does not have it.
    [[nodiscard]] const Position& position_of(const std::string& key) const {
        const auto found = keys.find(key);
        return found == keys.end() ? position : found->second;
    }
};

/// `x-msg-server: SERVER.SOCKET` of a network.
struct MessageServer {
    std::string server{};
    std::string socket{};
};

struct Network {
    std::string name{};
    bool internal = false;
    std::map<std::string, std::string> labels{};
    std::optional<MessageServer> message_server{};
};

struct Volume {
    std::string name{};
    std::map<std::string, std::string> labels{};
    std::optional<TmpfsOptions> tmpfs{};  ///< what its `driver_opts` make it
};

/// A secret or config: content that becomes a file.
struct File {
    std::string name{};
    std::string file{};     ///< path on the host, or
    std::string content{};  ///< the content itself
};

struct Project {
    std::string name{};
    std::string folder{};  ///< relative paths start there
    std::vector<Service> services{};
    std::vector<Network> networks{};
    std::vector<Volume> volumes{};
    std::vector<File> secrets{}, configs{};

    [[nodiscard]] const Service* find_service(std::string_view service) const;
    [[nodiscard]] const Volume* find_volume(std::string_view volume) const;
};

}  // namespace kos::compose
