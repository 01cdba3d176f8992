// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/supervise/launcher.hpp"

#include "lib/linux/process.hpp"
#include "lib/linux/socket.hpp"
#include "oci-runtime/process/program.hpp"
#include "oci-runtime/process/removal.hpp"

#include <charconv>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

namespace kos::init {

namespace {

constexpr char started_mark = 's';
constexpr char failed_mark = 'f';
constexpr char warning_mark = 'w';
constexpr char filter_mark = 'c';

void tell(sys::Fd channel, char mark, const std::string& text, sys::Fd descriptor = -1) {
    // A message is one packet: what does not fit is cut.
    constexpr std::size_t longest = 4000;
    static_cast<void>(sys::send_message(channel, mark + text.substr(0, longest), descriptor));
}

/// In the helper: the descriptors that the container's process gets.
void install(const StandardFiles& files) {
    const sys::Fd nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    const sys::Fd sources[]{files.input, files.output, files.error};
    for (int target = 0; target < 3; ++target) {
        ::dup2(sources[target] >= 0 ? sources[target] : nothing, target);
    }
}

std::string to_text(const Error& error) {
    return "runtime.json: " + error.where + ": " + error.detail;
}

/// What LinuxKit does between a container's creation and its start.
oci::Result<oci::Launched> run_with_process_part(const oci::LaunchOptions& options,
                                                 const RuntimeConfig& runtime) {
    const oci::StateStore store{state_root};
    auto launched = KOS_TRY(oci::create_container(store, options));
    const auto prepared = prepare_process(runtime, launched.record.pid);
    const auto started = prepared ? oci::start_container(launched.directory, options.warn)
                                  : oci::fail("", to_text(prepared.error()));
    if (started) return launched;
    static_cast<void>(oci::delete_container(store, options.id, true, options.warn));
    return Err{started.error()};
}

pid_t number_of(std::string_view text) {
    pid_t pid = 0;
    std::from_chars(text.data(), text.data() + text.size(), pid);
    return pid;
}

}  // namespace

struct Launcher::Job {
    sys::UniqueFd channel;
    LaunchEvents events;
    bool is_settled = false;

    void started(pid_t pid, sys::UniqueFd terminal) {
        is_settled = true;
        events.started(pid, std::move(terminal));
    }
    void failed(const std::string& why) {
        if (is_settled) return;
        is_settled = true;
        events.failed(why);
    }
};

void Launcher::start(const Work& work, const StandardFiles& files, LaunchEvents events) {
    auto pair = sys::socket_pair();
    if (!pair) return events.failed("socketpair: " + sys::describe(pair.error()));
    const auto child = sys::clone({});
    if (!child) return events.failed("clone: " + sys::describe(child.error()));
    if (child->pid == 0) {
        oci::reset_signals();
        install(files);
        pair->first.reset();
        work(pair->second.get());
        ::_exit(0);
    }
    auto job = std::make_shared<Job>(std::move(pair->first), std::move(events));
    children_.expect();
    children_.watch(child->pid, [](int) {});
    const sys::Fd channel = job->channel.get();
    const auto added = loop_.add(channel, EPOLLIN, [this, job](std::uint32_t) { receive(job); });
    if (!added) job->failed("epoll: " + sys::describe(added.error()));
}

void Launcher::receive(const std::shared_ptr<Job>& job) {
    auto message = sys::receive_message(job->channel.get());
    if (!message || !*message || (*message)->text.empty()) {
        loop_.remove(job->channel.get());
        job->channel.reset();
        job->failed("the helper process ended");
        children_.expect_no_more();
        return;
    }
    const std::string text = (*message)->text.substr(1);
    switch ((*message)->text.front()) {
        case started_mark:
            return job->started(number_of(text), std::move((*message)->descriptor));
        case failed_mark:
            return job->failed(text);
        case filter_mark:
            return filter_.installed(std::move((*message)->descriptor));
        default:
            return job->events.warning(text);
    }
}

bool Launcher::install_filter(sys::Fd channel) const {
    if (!filter_.install) return true;
    const auto listener = filter_.install();
    if (listener) {
        tell(channel, filter_mark, "", listener->get());
    } else {
        tell(channel, failed_mark,
             "the filter of system calls: " + sys::describe(listener.error()));
    }
    return listener.ok();
}

void Launcher::run(const std::string& id, const std::string& bundle, const RuntimeConfig& runtime,
                   const StandardFiles& files, LaunchEvents events) {
    start(
        [&](sys::Fd channel) {
            if (!install_filter(channel)) return;
            oci::LaunchOptions options;
            options.id = id;
            options.bundle = bundle;
            options.warn = [channel](const std::string& text) {
                tell(channel, warning_mark, text);
            };
            const auto prepared = prepare_filesystem(runtime, bundle);
            if (!prepared) return tell(channel, failed_mark, to_text(prepared.error()));
            const auto launched = runtime.has_process_part()
                                      ? run_with_process_part(options, runtime)
                                      : oci::run_container(oci::StateStore{state_root}, options);
            if (!launched) return tell(channel, failed_mark, launched.error().text());
            tell(channel, started_mark, std::to_string(launched->record.pid),
                 launched->terminal.get());
        },
        files, std::move(events));
}

void Launcher::execute(const std::string& id, const oci::ExecChanges& changes,
                       const StandardFiles& files, LaunchEvents events) {
    start(
        [&](sys::Fd channel) {
            if (!install_filter(channel)) return;
            oci::ExecOptions options;
            options.changes = changes;
            options.warn = [channel](const std::string& text) {
                tell(channel, warning_mark, text);
            };
            const auto directory = oci::StateStore{state_root}.open(id);
            if (!directory) return tell(channel, failed_mark, directory.error().text());
            const auto executed = oci::exec_in_container(*directory, options);
            if (!executed) return tell(channel, failed_mark, executed.error().text());
            tell(channel, started_mark, std::to_string(executed->pid), executed->terminal.get());
        },
        files, std::move(events));
}

void Launcher::remove(const std::string& id, std::function<void(const std::string&)> done) {
    const auto problems = std::make_shared<std::string>();
    LaunchEvents events;
    events.started = [problems, done](pid_t, sys::UniqueFd) { done(*problems); };
    events.failed = [problems, done](const std::string& why) { done(*problems + why); };
    events.warning = [problems](const std::string& text) { *problems += text + "; "; };
    start(
        [&](sys::Fd channel) {
            const auto warn = [channel](const std::string& text) {
                tell(channel, warning_mark, text);
            };
            const auto removed = oci::delete_container(oci::StateStore{state_root}, id, true, warn);
            if (!removed) return tell(channel, failed_mark, removed.error().text());
            tell(channel, started_mark, "0");
        },
        {}, std::move(events));
}

}  // namespace kos::init
