// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/supervise/commands.hpp"

#include "rootserver/console/line.hpp"
#include "rootserver/supervise/crash.hpp"
#include "rootserver/supervise/supervisor.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace kos::rootserver {

namespace {

using msg::AppState;
using msg::CommandReceiver;
using msg::CommandResult;
using msg::FrameType;

constexpr auto kill_signal = static_cast<std::uint32_t>(Signal::Kill);
constexpr std::uint32_t most_seconds_to_kill = 1'000'000;

/// Takes the first word off a line.
std::string_view next_word(std::string_view& line) {
    const std::size_t start = std::min(line.find_first_not_of(' '), line.size());
    const std::string_view rest = line.substr(start);
    const std::size_t length = std::min(rest.find(' '), rest.size());
    line = rest.substr(length);
    return rest.substr(0, length);
}

/// Nothing where it is no number up to \p most.
std::optional<std::uint32_t> number_of(std::string_view word, std::uint32_t most) {
    std::uint64_t value = 0;
    if (word.empty()) return std::nullopt;
    for (const char digit : word) {
        if (digit < '0' || digit > '9') return std::nullopt;
        value = value * 10 + static_cast<std::uint64_t>(digit - '0');
        if (value > most) return std::nullopt;
    }
    return static_cast<std::uint32_t>(value);
}

std::string_view describe(AppState state) {
    switch (state) {
        case AppState::Created:
            return "created";
        case AppState::Running:
            return "running";
        case AppState::Stopping:
            return "stopping";
        case AppState::Stopped:
            return "stopped";
        case AppState::Waiting:
            return "waiting";
        case AppState::Restarting:
            return "restarting";
    }
    return "unknown";
}

std::string_view describe(CommandResult result) {
    switch (result) {
        case CommandResult::Done:
            return "done";
        case CommandResult::NoSuchApp:
            return "there is no app of that name; ps lists them";
        case CommandResult::NotRunning:
            return "it does not run";
        case CommandResult::Malformed:
            return "not understood; help lists the commands";
        case CommandResult::Running:
            return "it runs";
        case CommandResult::Stopped:
        case CommandResult::Busy:
            break;  // of no command that can be typed
    }
    return "unknown";
}

}  // namespace

void Commands::receive(Bytes bytes) {
    while (!bytes.empty()) {
        bytes = bytes.subspan(receiver_.feed(bytes));
        for (;;) {
            const CommandReceiver::Event event = receiver_.next();
            if (event.kind == CommandReceiver::Kind::None) break;
            take(event);
        }
    }
}

void Commands::take(const CommandReceiver::Event& event) {
    switch (event.kind) {
        case CommandReceiver::Kind::Command: {
            const CommandResult result = carry_out(event.frame);
            if (event.frame.type == FrameType::ToGuest) {
                return console_.acknowledged(event.frame.sequence, result);
            }
            answers_[oldest_answer_] = {event.frame.sequence, static_cast<std::uint32_t>(result)};
            oldest_answer_ = (oldest_answer_ + 1) % answers_.size();
            console_.acknowledged(event.frame.sequence, result);
            break;
        }
        case CommandReceiver::Kind::Repeated:
            answer_again(event.frame.sequence);
            break;
        case CommandReceiver::Kind::Line:
            console_.plain("\r\n");
            take_line(event.text);
            break;
        case CommandReceiver::Kind::Echo:
            console_.plain(event.text);
            break;
        case CommandReceiver::Kind::Noise:
            rootserver::describe({ErrorCode::SerialNoise, {"what came is no command"}, 0, {}})
                .log_to(console_, msg::no_app);
            break;
        case CommandReceiver::Kind::None:
            break;
    }
}

/// The first acknowledgement was lost.
void Commands::answer_again(std::uint32_t sequence) {
    for (const msg::AckRecord& answer : answers_) {
        if (answer.sequence != sequence) continue;
        return console_.acknowledged(sequence,
                                     static_cast<CommandResult>(std::uint32_t{answer.result}));
    }
}

CommandResult Commands::carry_out(const msg::Frame& command) {
    const bool is_of_all = command.app == msg::no_app;
    if (!is_of_all && command.app >= supervisor_.app_count()) return CommandResult::NoSuchApp;
    const auto how = read_at<msg::StopCommand>(command.payload, 0);
    const bool has_how = how && command.payload.size() == sizeof(*how);
    switch (command.type) {
        case FrameType::Stop:
            if (!has_how) return CommandResult::Malformed;
            if (is_of_all) return supervisor_.stop_all(*how);
            return supervisor_.stop_app(command.app, how->signal, how->milliseconds_to_kill);
        case FrameType::Kill:
            if (is_of_all) return supervisor_.kill_all();
            return supervisor_.stop_app(command.app, kill_signal, msg::StopCommand::never);
        case FrameType::Start:
            for (std::uint32_t app = 0; is_of_all && app < supervisor_.app_count(); ++app) {
                (void)supervisor_.let_start(static_cast<std::uint8_t>(app));
            }
            return is_of_all ? CommandResult::Done : supervisor_.let_start(command.app);
        case FrameType::Restart:
            if (!has_how) return CommandResult::Malformed;
            if (is_of_all) return CommandResult::NoSuchApp;
            return supervisor_.restart_app(command.app, how->signal, how->milliseconds_to_kill);
        case FrameType::Remove:
            return is_of_all ? CommandResult::NoSuchApp : supervisor_.remove_app(command.app);
        case FrameType::Shutdown:
            return supervisor_.shut_down();
        case FrameType::ToGuest:
            return is_of_all ? CommandResult::NoSuchApp
                             : supervisor_.pass_to_guest(command.app, command.payload);
        case FrameType::QueryStatus:
            for (std::uint32_t app = 0; app < supervisor_.app_count(); ++app) {
                if (is_of_all || app == command.app) tell_status(static_cast<std::uint8_t>(app));
            }
            return CommandResult::Done;
        case FrameType::QueryReport:
            tell_report();
            return CommandResult::Done;
        default:
            return CommandResult::Malformed;
    }
}

void Commands::tell_status(std::uint8_t app) {
    console_.status(app, supervisor_.status_of(app), supervisor_.name_of(app));
}

void Commands::tell_report() {
    for (std::uint32_t app = 0; app < supervisor_.app_count(); ++app) {
        const auto number = static_cast<std::uint8_t>(app);
        if (const App* running = supervisor_.find_running(number)) {
            console_.usage(number, running->usage);
        }
    }
    console_.memory(supervisor_.memory_left());
}

namespace {

enum class Word : std::uint8_t { Ps, Report, Help, Start, Stop, Restart, Kill, Remove, Down };

struct TypedCommand {
    std::string_view word;
    Word meaning;
    bool has_app, has_seconds;
    std::string_view help;
};
constexpr std::array<TypedCommand, 9> typed_commands{{
    {"ps", Word::Ps, false, false, "ps                     the apps and their states"},
    {"report", Word::Report, false, false,
     "report                 memory that the apps have and that is left"},
    {"start", Word::Start, true, false, "start APP              once what it depends on lets it"},
    {"stop", Word::Stop, true, true,
     "stop APP [SECONDS]     tells the app to stop, kills it when its time is up"},
    {"restart", Word::Restart, true, true, "restart APP [SECONDS]  stops it and starts it again"},
    {"kill", Word::Kill, true, false, "kill APP               ends the app at once"},
    {"rm", Word::Remove, true, false, "rm APP                 gives back what an ended app holds"},
    {"down", Word::Down, false, false, "down                   stops all, dependents first"},
    {"help", Word::Help, false, false, "help"},
}};

}  // namespace

void Commands::take_line(std::string_view line) {
    const std::string_view word = next_word(line);
    const std::string_view name = next_word(line);
    const std::string_view option = next_word(line);
    if (word.empty()) return;
    const auto command = std::find_if(typed_commands.begin(), typed_commands.end(),
                                      [&](const TypedCommand& one) { return one.word == word; });
    const auto seconds = option.empty() ? 0 : number_of(option, most_seconds_to_kill);
    if (command == typed_commands.end() || name.empty() == command->has_app ||
        (!option.empty() && !command->has_seconds) || !seconds || !next_word(line).empty()) {
        return say(describe(CommandResult::Malformed));
    }
    if (!command->has_app) {
        switch (command->meaning) {
            case Word::Ps:
                return say_status();
            case Word::Report:
                return say_report();
            case Word::Down:
                return say(describe(supervisor_.shut_down()));
            default:
                for (const TypedCommand& one : typed_commands) say(one.help);
                return;
        }
    }
    const auto app = supervisor_.app_named(name);
    if (!app) return say(describe(CommandResult::NoSuchApp));
    const std::uint32_t grace = option.empty() ? msg::StopCommand::own_grace : *seconds * 1000;
    constexpr std::uint32_t own = msg::StopCommand::own_signal;
    switch (command->meaning) {
        case Word::Start:
            return say(describe(supervisor_.let_start(*app)));
        case Word::Stop:
            return say(describe(supervisor_.stop_app(*app, own, grace)));
        case Word::Restart:
            return say(describe(supervisor_.restart_app(*app, own, grace)));
        case Word::Kill:
            return say(describe(supervisor_.stop_app(*app, kill_signal, 0)));
        default:
            return say(describe(supervisor_.remove_app(*app)));
    }
}

void Commands::say(std::string_view text) { Line{}.text(text).log_to(console_, msg::no_app); }

void Commands::say_status() {
    for (std::uint32_t app = 0; app < supervisor_.app_count(); ++app) {
        const auto number = static_cast<std::uint8_t>(app);
        const msg::StatusRecord status = supervisor_.status_of(number);
        const auto state = static_cast<AppState>(std::uint32_t{status.state});
        Line line;
        line.text(supervisor_.name_of(number)).text(": ").text(describe(state));
        if (state == AppState::Stopped) {
            const std::uint32_t signal = status.exit_status & 0x7f;
            line.text(signal != 0 ? " by signal " : " with status ");
            line.decimal(signal != 0 ? signal : status.exit_status >> 8 & 0xff);
        }
        if (status.starts != 0) {
            line.text(", ran for ").decimal(status.milliseconds).text(" ms, ");
            line.decimal(status.heap_pages).text(" of ").decimal(status.heap_limit);
            line.text(" heap pages");
        }
        line.log_to(console_, number);
    }
}

void Commands::say_report() {
    for (std::uint32_t app = 0; app < supervisor_.app_count(); ++app) {
        const auto number = static_cast<std::uint8_t>(app);
        const App* running = supervisor_.find_running(number);
        const std::uint64_t held = supervisor_.bytes_held_by(number);
        if (held == 0) continue;
        Line line;
        line.text(supervisor_.name_of(number)).text(": ");
        line.decimal(held).text(" bytes of untypeds");
        if (running != nullptr) {
            line.text(", ").decimal(running->usage.object_bytes).text(" of objects, ");
            line.decimal(running->usage.slots).text(" slots");
        }
        line.log_to(console_, number);
    }
    const msg::InventoryRecord left = supervisor_.memory_left();
    Line line;
    line.text("left: ").decimal(left.untyped_bytes).text(" bytes in ").decimal(left.untypeds);
    line.text(" untypeds, ").decimal(left.slots).text(" slots");
    line.log_to(console_, msg::no_app);
}

}  // namespace kos::rootserver
