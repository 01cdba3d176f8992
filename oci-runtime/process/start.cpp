// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/linux/file.hpp"
#include "lib/linux/process.hpp"
#include "oci-runtime/process/hook_runner.hpp"
#include "oci-runtime/process/launch.hpp"
#include "oci-runtime/process/removal.hpp"
#include "oci-runtime/state/status.hpp"

#include <poll.h>
#include <signal.h>

namespace kos::oci {

namespace {

/// Reads until the writer is gone; or nothing, where the process ends without having opened.
sys::Result<std::string> read_complaint(const sys::UniqueFd& fifo,
                                        const std::optional<sys::UniqueFd>& process) {
    std::string text;
    for (;;) {
        pollfd entries[]{{fifo.get(), POLLIN, 0}, {process ? process->get() : -1, POLLIN, 0}};
        if (::poll(entries, 2, -1) < 0 && errno != EINTR) return sys::last_error();
        if (entries[0].revents == 0 && entries[1].revents == 0) continue;
        char buffer[4096];
        const ssize_t count = ::read(fifo.get(), buffer, sizeof buffer);
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (count < 0) return sys::last_error();
        if (count == 0) return text;
        text.append(buffer, static_cast<std::size_t>(count));
    }
}

}  // namespace

Result<void> start_container(const ContainerDirectory& directory, const Warn& warn) {
    KOS_TRY(directory.lock());
    const ContainerRecord record = KOS_TRY(directory.load());
    const std::string where = "container " + record.id;
    const Status status = status_of(directory, record);
    if (status != Status::Created) {
        return fail(where, "cannot be started: it is " + std::string{to_string(status)});
    }
    const auto process = open_process(record);
    // The container's process waits in open(2) for this. What it writes before the program runs,
    // which closes its end, is why the program does not run.
    const sys::UniqueFd fifo =
        KOS_TRY(explain(directory.open_fifo(O_RDONLY | O_NONBLOCK), where, "opening exec.fifo"));
    directory.remove_fifo();
    std::string complaint = KOS_TRY(explain(read_complaint(fifo, process), where, "exec.fifo"));
    if (!complaint.empty()) return fail("", std::move(complaint));
    const std::string text = KOS_TRY(directory.load_config());
    if (!may_have_hooks(text, "poststart")) return {};
    const Config config = KOS_TRY(parse_config(text));
    const auto hooks =
        run_hooks(config.hooks.poststart, "poststart", state_document(record, Status::Running));
    if (hooks) return {};
    if (process) static_cast<void>(sys::send_signal(process->get(), SIGKILL));
    warn("the container is stopped because a hook failed");
    return Err{hooks.error()};
}

}  // namespace kos::oci
