// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos stats: what running apps use. Of a microVM its guest tells, by its containers' control
// groups; of a native app the root server, which knows what it has been given, not its processor
// time. What is not known is a dash, or null. One that does not answer is shown as such, and keeps
// the others waiting for a few seconds at most.

#include "cli/commands.hpp"
#include "cli/instance/client.hpp"
#include "cli/instance/guest_client.hpp"
#include "cli/instance_input.hpp"
#include "lib/base/address.hpp"
#include "lib/guest/encode.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <thread>
#include <unistd.h>

namespace kos::cli {
namespace {

using Clock = std::chrono::steady_clock;
using instance::GuestClient;
using Number = std::optional<std::uint64_t>;

struct Options {
    InstanceNames names;
    bool no_stream = false;
    std::string format = "table";
};

struct Use {
    Number cpu_us;
    Number memory, memory_peak, memory_limit;  ///< bytes
    Number processes, oom_kills;
    Number read_bytes, written_bytes;
    Clock::time_point taken;
};

/// One running app, as it was and as it is.
struct Row {
    std::string name, kind;
    Use before, now;
    std::optional<Error> error = {};  ///< why nothing is known

    [[nodiscard]] bool failed() const { return error.has_value(); }
    [[nodiscard]] std::optional<double> cpu_percent() const {
        if (!before.cpu_us || !now.cpu_us || *now.cpu_us < *before.cpu_us) return std::nullopt;
        const std::chrono::duration<double, std::micro> time = now.taken - before.taken;
        if (time.count() <= 0) return std::nullopt;
        return 100.0 * static_cast<double>(*now.cpu_us - *before.cpu_us) / time.count();
    }
};

/// The sum over the containers of a guest.
Outcome<Use> use_of_guest(GuestClient& guest) {
    Use use;
    std::vector<std::string> containers;
    KOS_TRY(guest.send(guest::encode(guest::QueryStatus{})));
    for (;;) {
        const guest::Frame frame = KOS_TRY(guest.receive());
        if (frame.type == guest::FrameType::Done) break;
        if (const auto status = guest::decode<guest::GuestStatus>(frame.payload);
            status && frame.type == guest::FrameType::GuestStatus) {
            use.memory_limit = status->memory_total;
        }
        const auto container = guest::decode<guest::ContainerStatus>(frame.payload);
        if (frame.type == guest::FrameType::ContainerStatus && container &&
            container->state == guest::ContainerState::Running) {
            containers.emplace_back(container->name);
        }
    }
    const auto add = [](Number& sum, std::uint64_t value) { sum = sum.value_or(0) + value; };
    for (const std::string& container : containers) {
        KOS_TRY(guest.send(guest::encode(guest::QueryUsage{container})));
        for (;;) {
            auto received = guest.receive();
            if (!received && received.error().code == ErrorCode::GuestContainer) break;  // ended
            const guest::Frame frame = KOS_TRY(std::move(received));
            if (frame.type == guest::FrameType::Done) break;
            const auto usage = guest::decode<guest::Usage>(frame.payload);
            if (frame.type != guest::FrameType::Usage || !usage) continue;
            add(use.cpu_us, usage->cpu_us);
            add(use.memory, usage->memory);
            add(use.memory_peak, usage->memory_peak);
            add(use.processes, usage->processes);
            add(use.oom_kills, usage->oom_kills);
            add(use.read_bytes, usage->read_bytes);
            add(use.written_bytes, usage->written_bytes);
        }
    }
    use.taken = Clock::now();
    return use;
}

/// All of its memory is its own from the start; heap pages count from when they are first used.
Outcome<Use> use_of_native(const instance::Folder& folder, const std::string& name,
                           std::uint8_t number) {
    auto client = KOS_TRY(instance::Client::connect(folder));
    std::uint64_t unused_heap = 0;
    for (const instance::Answer& answer :
         KOS_TRY(client.request(name, msg::FrameType::QueryStatus, number))) {
        const auto status = read_at<msg::StatusRecord>(as_bytes(answer.payload), 0);
        if (answer.type != msg::FrameType::Status || !status) continue;
        unused_heap = (std::uint64_t{status->heap_limit} - status->heap_pages) * page_size;
    }
    Use use;
    for (const instance::Answer& answer :
         KOS_TRY(client.request(name, msg::FrameType::QueryReport, msg::no_app))) {
        const auto usage = read_at<msg::UsageRecord>(as_bytes(answer.payload), 0);
        if (answer.type != msg::FrameType::Usage || answer.app != number || !usage) continue;
        use.memory_limit = std::uint64_t{usage->object_bytes};
        use.memory_peak = *use.memory_limit - unused_heap;
    }
    use.taken = Clock::now();
    return use;
}

/// The running apps of some instances.
class Sampler {
    /// Of a guest's answer, and until one that was silent is asked again.
    static constexpr std::chrono::seconds patience{5}, pause{10};
    using Key = std::pair<std::string, std::uint32_t>;  ///< a row's name, and which start of it

   public:
    explicit Sampler(const Options& options) : options_(options) {}

    /// What they use by now; those that have ended are left out.
    Outcome<std::vector<Row>> take() {
        std::vector<Row> rows;
        const std::vector<std::string> names =
            options_.names.names.empty() ? KOS_TRY(instance::Folder::list()) : KOS_TRY(names_of());
        for (auto& [key, guest] : guests_) guest.is_in_use = false;
        for (const std::string& name : names) KOS_TRY(add(name, rows));
        std::erase_if(guests_, [](const auto& entry) { return !entry.second.is_in_use; });
        std::erase_if(silent_, [](const auto& each) { return each.second.until < Clock::now(); });
        for (Row& row : rows) {
            const auto last = last_.find(row.name);
            row.before = last != last_.end() ? last->second : row.now;
        }
        last_.clear();
        for (const Row& row : rows) last_[row.name] = row.now;
        return rows;
    }

   private:
    Outcome<std::vector<std::string>> names_of() const { return resolve(options_.names); }

    Outcome<void> add(const std::string& name, std::vector<Row>& rows) {
        const auto selected = select(name);
        if (!selected && !options_.names.names.empty()) return Err{selected.error()};
        if (!selected) {
            const bool is_there = instance::Folder::find(name).ok();  // or has gone meanwhile
            if (is_there) rows.push_back({name, "-", {}, {}, selected.error()});
            return {};
        }
        for (const std::uint32_t number : selected->apps) {
            const instance::App* app = selected->state.find(number);
            if (app == nullptr || app->state != instance::AppState::Running) continue;
            const std::string row = selected->state.apps.size() > 1
                                        ? selected->state.name + "/" + app->name
                                        : selected->state.name;
            auto use =
                app->kind == instance::kind_microvm
                    ? use_of_microvm(row, *selected, *app)
                    : use_of_native(selected->folder, row, static_cast<std::uint8_t>(number));
            // One that ends meanwhile is no error.
            if (!use && use.error().code == ErrorCode::InstanceStopped) continue;
            if (use) {
                rows.push_back({row, app->kind, {}, *use});
            } else {
                rows.push_back({row, app->kind, {}, {}, use.error()});
            }
        }
        return {};
    }

    /// The stream to its guest is kept from one time to the next. One that was silent is not asked
    /// each time.
    Outcome<Use> use_of_microvm(const std::string& row, const SelectedApps& selected,
                                const instance::App& app) {
        const auto key = std::pair{row, app.starts};
        const auto silent = silent_.find(key);
        if (silent != silent_.end() && Clock::now() < silent->second.until) {
            return Err{silent->second.error};
        }
        auto use = ask_guest(key, selected, app);
        if (!use) silent_.insert_or_assign(key, Silent{use.error(), Clock::now() + pause});
        return use;
    }

    Outcome<Use> ask_guest(const Key& key, const SelectedApps& selected, const instance::App& app) {
        auto found = guests_.find(key);
        if (found == guests_.end()) {
            auto folder = std::make_unique<instance::Folder>(
                KOS_TRY(instance::Folder::find(selected.state.name)));
            auto client = KOS_TRY(GuestClient::connect(*folder, selected.state, app, patience));
            found = guests_.emplace(key, Guest{std::move(folder), std::move(client)}).first;
        }
        found->second.is_in_use = true;
        auto use = use_of_guest(found->second.client);
        if (!use) guests_.erase(found);
        return use;
    }

    struct Guest {
        std::unique_ptr<instance::Folder> folder;  ///< the client refers to it
        GuestClient client;
        bool is_in_use = true;
    };
    struct Silent {
        Error error;
        Clock::time_point until;  ///< then it is asked again
    };
    const Options& options_;
    std::map<Key, Guest> guests_;
    std::map<Key, Silent> silent_;
    std::map<std::string, Use> last_;
};

std::string text_of(const Number& bytes) {
    if (!bytes) return "-";
    constexpr std::array units{"B", "KiB", "MiB", "GiB"};
    auto value = static_cast<double>(*bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < units.size(); ++unit) value /= 1024;
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f%s" : "%.1f%s", value, units[unit]);
    return text.data();
}

std::string percent_of(std::optional<double> percent) {
    if (!percent) return "-";
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f%%", *percent);
    return text.data();
}

void print_table(const std::vector<Row>& rows) {
    if (isatty(STDOUT_FILENO) == 1) std::fputs("\x1b[H\x1b[J", stdout);
    std::printf("%-24s %-8s %-9s %-22s %-10s %-9s %-10s %-22s %s\n", "NAME", "KIND", "CPU %",
                "MEM USAGE / LIMIT", "MEM PEAK", "MEM %", "NET I/O", "BLOCK I/O", "PIDS");
    for (const Row& row : rows) {
        const Use& use = row.now;
        // Of a native app only the most is known.
        const Number memory = use.memory ? use.memory : use.memory_peak;
        std::optional<double> share;
        if (memory && use.memory_limit && *use.memory_limit != 0) {
            share = 100.0 * static_cast<double>(*memory) / static_cast<double>(*use.memory_limit);
        }
        const auto both = [](const Number& a, const Number& b) {
            return a || b ? text_of(a) + " / " + text_of(b) : std::string{"-"};
        };
        const std::string why =
            row.error ? "  " + std::string{entry_of(row.error->code).code} : std::string{};
        std::printf("%-24s %-8s %-9s %-22s %-10s %-9s %-10s %-22s %s%s\n", row.name.c_str(),
                    row.kind.c_str(), percent_of(row.cpu_percent()).c_str(),
                    both(use.memory, use.memory_limit).c_str(), text_of(use.memory_peak).c_str(),
                    percent_of(share).c_str(), "-", both(use.read_bytes, use.written_bytes).c_str(),
                    use.processes ? std::to_string(*use.processes).c_str() : "-", why.c_str());
    }
    std::fflush(stdout);
}

void print_json(const std::vector<Row>& rows) {
    const auto value = [](const auto& known) {
        return known ? nlohmann::ordered_json(*known) : nullptr;
    };
    for (const Row& row : rows) {
        const Use& use = row.now;
        const nlohmann::ordered_json json{
            {"Name", row.name},
            {"Kind", row.kind},
            {"CPUPercent", value(row.cpu_percent())},
            {"CPUMicroseconds", value(use.cpu_us)},
            {"MemoryBytes", value(use.memory)},
            {"MemoryPeakBytes", value(use.memory_peak)},
            {"MemoryLimitBytes", value(use.memory_limit)},
            {"BlockReadBytes", value(use.read_bytes)},
            {"BlockWrittenBytes", value(use.written_bytes)},
            {"Processes", value(use.processes)},
            {"OOMKills", value(use.oom_kills)},
            {"Error", row.error ? nlohmann::ordered_json(to_string(*row.error)) : nullptr}};
        std::printf("%s\n",
                    json.dump(-1, ' ', false, decltype(json)::error_handler_t::replace).c_str());
    }
    std::fflush(stdout);
}

Outcome<int> stats(const Options& options) {
    constexpr std::chrono::seconds interval{1};
    Sampler sampler{options};
    (void)KOS_TRY(sampler.take());
    do {
        std::this_thread::sleep_for(interval);
        const auto rows = KOS_TRY(sampler.take());
        options.format == "json" ? print_json(rows) : print_table(rows);
        // Whoever was named and has ended will not come back by itself.
        if (rows.empty() && !options.names.names.empty()) return 0;
        const auto failed = std::ranges::find_if(rows, &Row::failed);
        if (options.no_stream && failed != rows.end()) return Err{*failed->error};
    } while (!options.no_stream);
    return 0;
}

}  // namespace

void add_stats_command(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("stats", "Show what running apps use");
    auto options = std::make_shared<Options>();
    add_instance_names(*command, options->names, "-f,--file", "all that run");
    command->add_flag("--no-stream", options->no_stream, "once, after a second");
    command->add_option("--format", options->format, "table or json")
        ->check(CLI::IsMember({"table", "json"}));
    command->callback([options, &action] { action = [options] { return stats(*options); }; });
}

}  // namespace kos::cli
