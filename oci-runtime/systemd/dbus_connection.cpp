// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "oci-runtime/systemd/dbus_connection.hpp"

#include "lib/linux/file.hpp"
#include "lib/linux/socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kos::oci {

namespace {

constexpr const char* where = "--systemd-cgroup";
constexpr int patience_ms = 30'000;

std::string hex(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4];
        out += digits[byte & 0xf];
    }
    return out;
}

}  // namespace

Result<DbusConnection> DbusConnection::open(const std::string& socket) {
    DbusConnection connection{
        KOS_TRY(explain(sys::connect_stream(socket), where, "the bus at " + socket))};
    KOS_TRY(connection.authenticate());
    constexpr std::string_view bus = "org.freedesktop.DBus";
    static_cast<void>(
        KOS_TRY(connection.call({bus, "/org/freedesktop/DBus", bus, "Hello", ""}, "")));
    return connection;
}

Result<void> DbusConnection::authenticate() {
    using namespace std::string_literals;
    const std::string user = std::to_string(::geteuid());
    KOS_TRY(write("\0AUTH EXTERNAL "s + hex(user) + "\r\n"));
    std::size_t end = 0;
    while ((end = input_.find("\r\n")) == std::string::npos) KOS_TRY(read_more());
    const std::string answer = input_.substr(0, end);
    input_.erase(0, end + 2);
    if (!answer.starts_with("OK ")) return fail(where, "the bus refuses this user: " + answer);
    return write("BEGIN\r\n");
}

Result<void> DbusConnection::write(std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail(where, "writing to the bus", sys::Errno{errno});
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

Result<void> DbusConnection::read_more() {
    pollfd entry{socket_.get(), POLLIN, 0};
    const int ready = ::poll(&entry, 1, patience_ms);
    if (ready < 0 && errno == EINTR) return {};
    if (ready < 0) return fail(where, "waiting for the bus", sys::Errno{errno});
    if (ready == 0) return fail(where, "no answer within 30 s");
    char buffer[4096];
    const ssize_t count = ::recv(socket_.get(), buffer, sizeof buffer, 0);
    if (count < 0 && errno == EINTR) return {};
    if (count < 0) return fail(where, "reading from the bus", sys::Errno{errno});
    if (count == 0) return fail(where, "the bus has closed the connection");
    input_.append(buffer, static_cast<std::size_t>(count));
    return {};
}

Result<DbusMessage> DbusConnection::read_message() {
    constexpr std::size_t head = 16;
    while (input_.size() < head) KOS_TRY(read_more());
    const auto size = size_of_message(input_);
    if (!size) return fail(where, "the bus does not speak D-Bus");
    while (input_.size() < *size) KOS_TRY(read_more());
    auto message = parse_message(std::string_view{input_}.substr(0, *size));
    input_.erase(0, *size);
    if (!message) return fail(where, "the bus does not speak D-Bus");
    return std::move(*message);
}

Result<DbusMessage> DbusConnection::call(const DbusCall& call, const std::string& body) {
    const std::uint32_t serial = ++serial_;
    KOS_TRY(write(to_message(call, serial, body)));
    for (;;) {
        DbusMessage message = KOS_TRY(read_message());
        if (message.kind == DbusKind::Signal) signals_.push_back(std::move(message));
        if (message.reply_to != serial) continue;
        if (message.kind == DbusKind::Return) return message;
        std::size_t offset = 0;
        const std::string text = message.string_at(offset).value_or("");
        return fail(where, std::string{call.method} + ": " + message.error + ": " + text);
    }
}

Result<DbusMessage> DbusConnection::next_signal() {
    for (;;) {
        if (!signals_.empty()) {
            DbusMessage signal = std::move(signals_.front());
            signals_.pop_front();
            return signal;
        }
        DbusMessage message = KOS_TRY(read_message());
        if (message.kind == DbusKind::Signal) return message;
    }
}

}  // namespace kos::oci
