// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// socket(2) and its kin.
#include "libos/dispatch/calls.hpp"

#include "libos/abi/thread.hpp"
#include "libos/core/process.hpp"
#include "libos/files/install_pair.hpp"
#include "libos/net/socket.hpp"

#include <algorithm>

namespace kos::libos::calls {

namespace {

namespace type {
constexpr unsigned stream = 1, packets = 5, mask = 0xf;
constexpr unsigned status = abi::open_flag::nonblock;
constexpr unsigned settable = abi::open_flag::nonblock | abi::open_flag::close_on_exec;
}  // namespace type

namespace message_flag {
constexpr unsigned peek = 2, do_not_wait = 0x40, wait_all = 0x100, no_signal = 0x4000;
}

/// Keeps the file open while the socket is used.
struct OpenSocket {
    FileReference file;
    Socket* socket;
    Socket& operator*() const { return *socket; }
    Socket* operator->() const { return socket; }
};

Outcome<OpenSocket> socket_of(Descriptor descriptor) {
    FileReference file = KOS_TRY(process().descriptors.get(descriptor));
    Socket* const socket = file->as_socket();
    if (socket == nullptr) return Err{Errno::Enotsock};
    return OpenSocket{std::move(file), socket};
}

Answer done(const Outcome<void>& outcome) {
    if (!outcome) return Err{outcome.error()};
    return Word{0};
}

Answer send_bytes(Socket& socket, Bytes bytes, unsigned flags) {
    const bool blocks = socket.blocking() && (flags & message_flag::do_not_wait) == 0;
    const auto sent = socket.send(bytes, blocks);
    if (!sent && sent.error() == Errno::Epipe && (flags & message_flag::no_signal) == 0) {
        raise(abi::signal::pipe);
    }
    return sent;
}

Answer receive_bytes(Socket& socket, MutableBytes bytes, unsigned flags) {
    const Socket::Manner manner{
        .blocks = socket.blocking() && (flags & message_flag::do_not_wait) == 0,
        .keeps = (flags & message_flag::peek) != 0};
    Word total = KOS_TRY(socket.receive(bytes, manner));
    const bool wants_all = (flags & message_flag::wait_all) != 0 && manner.blocks &&
                           !manner.keeps && !socket.keeps_messages_apart();
    while (wants_all && total > 0 && total < bytes.size()) {
        const auto more = socket.receive(bytes.subspan(total), manner);
        if (!more || *more == 0) break;
        total += *more;
    }
    return total;
}

}  // namespace

Answer socket(int domain, unsigned kind, int protocol) {
    const auto family = static_cast<Family>(domain);
    const bool is_unix = family == Family::Unix;
    if (!is_unix && family != Family::Inet && family != Family::Inet6) {
        return Err{Errno::Eafnosupport};
    }
    constexpr int tcp = 6;
    const bool is_stream = (kind & type::mask) == type::stream;
    if ((!is_stream && (!is_unix || (kind & type::mask) != type::packets)) ||
        (protocol != 0 && (is_unix || protocol != tcp))) {
        return Err{Errno::Eprotonosupport};
    }
    if ((kind & ~(type::mask | type::settable)) != 0) return Err{Errno::Einval};
    const FileReference file =
        KOS_TRY(process().descriptors.make<Socket>(family, is_stream, kind & type::status));
    return process().descriptors.install(file, (kind & abi::open_flag::close_on_exec) != 0);
}

Answer socketpair(int domain, unsigned kind, int protocol, UserPointer<int> pair) {
    if (static_cast<Family>(domain) != Family::Unix) return Err{Errno::Eopnotsupp};
    if ((kind & type::mask) != type::stream || protocol != 0) return Err{Errno::Eprotonosupport};
    if ((kind & ~(type::mask | type::settable)) != 0) return Err{Errno::Einval};
    Process& self = process();
    const auto end = claim_stream(self.pipes);
    if (!end) return Err{Errno::Enfile};
    // What is made closes its end; the other goes by hand until it is made as well.
    const auto one = self.descriptors.make<Socket>(*end, kind & type::status);
    if (!one) end->close(self.activity);
    const auto two = self.descriptors.make<Socket>(end->other(), kind & type::status);
    if (!two) end->other().close(self.activity);
    if (!one || !two) return Err{Errno::Enfile};
    return install_pair(*one, *two, (kind & abi::open_flag::close_on_exec) != 0, pair);
}

Answer bind(Descriptor file, Word address, unsigned size) {
    const OpenSocket socket = KOS_TRY(socket_of(file));
    if (socket->family() == Family::Unix) {
        return done(socket->bind_path(KOS_TRY(read_socket_path(address, size))));
    }
    return done(socket->bind(KOS_TRY(read_endpoint(socket->family(), address, size))));
}

Answer listen(Descriptor file, int backlog) {
    const OpenSocket socket = KOS_TRY(socket_of(file));
    return done(socket->listen(static_cast<Word>(std::max(backlog, 1))));
}

Answer connect(Descriptor file, Word address, unsigned size) {
    const OpenSocket socket = KOS_TRY(socket_of(file));
    if (socket->family() == Family::Unix) {
        return done(socket->connect_to_path(KOS_TRY(read_socket_path(address, size))));
    }
    return done(socket->connect(KOS_TRY(read_endpoint(socket->family(), address, size))));
}

Answer accept4(Descriptor file, Word address, UserPointer<std::uint32_t> size, unsigned flags) {
    if ((flags & ~type::settable) != 0) return Err{Errno::Einval};
    const OpenSocket socket = KOS_TRY(socket_of(file));
    const Socket::Accepted accepted = KOS_TRY(socket->accept());
    const auto made =
        process().descriptors.make<Socket>(socket->family(), accepted, flags & type::status);
    if (!made) {
        accepted.close();
        return Err{made.error()};
    }
    KOS_TRY(write_endpoint(socket->family(), accepted.peer, address, size));
    return process().descriptors.install(*made, (flags & abi::open_flag::close_on_exec) != 0);
}

Answer accept(Descriptor file, Word address, UserPointer<std::uint32_t> size) {
    return accept4(file, address, size, 0);
}

Answer getsockname(Descriptor file, Word address, UserPointer<std::uint32_t> size) {
    const OpenSocket socket = KOS_TRY(socket_of(file));
    if (socket->family() == Family::Unix) {
        return done(write_socket_path(socket->own_path(), address, size));
    }
    return done(write_endpoint(socket->family(), socket->own(), address, size));
}

Answer getpeername(Descriptor file, Word address, UserPointer<std::uint32_t> size) {
    const OpenSocket socket = KOS_TRY(socket_of(file));
    if (socket->state() != Socket::State::Connected) return Err{Errno::Enotconn};
    if (socket->family() == Family::Unix) {
        return done(write_socket_path(socket->peer_path(), address, size));
    }
    return done(write_endpoint(socket->family(), socket->peer(), address, size));
}

Answer shutdown(Descriptor file, int how) {
    const OpenSocket socket = KOS_TRY(socket_of(file));
    return done(socket->shut_down(how));
}

Answer setsockopt(Descriptor file, int /*level*/, int /*option*/, Word value, unsigned size) {
    KOS_TRY(socket_of(file));
    KOS_TRY(user_bytes(value, size));
    return Word{0};
}

Answer getsockopt(Descriptor file, int level, int option, UserPointer<int> value,
                  UserPointer<std::uint32_t> size) {
    constexpr int socket_level = 1;
    enum : int { Type = 3, SendBuffer = 7, ReceiveBuffer = 8, Listens = 30, Domain = 39 };
    const OpenSocket socket = KOS_TRY(socket_of(file));
    int answer = 0;
    if (level == socket_level) {
        if (option == Type) {
            answer = static_cast<int>(socket->is_of_stream_type() ? type::stream : type::packets);
        }
        if (option == SendBuffer || option == ReceiveBuffer) answer = message::ring_size;
        if (option == Listens) answer = socket->state() == Socket::State::Listening ? 1 : 0;
        if (option == Domain) answer = static_cast<int>(socket->family());
    }
    if (KOS_TRY(size.read()) < sizeof answer) return Err{Errno::Einval};
    KOS_TRY(value.write(answer));
    return done(size.write(sizeof answer));
}

Answer sendto(Descriptor file, Word buffer, Word size, unsigned flags) {
    const OpenSocket socket = KOS_TRY(socket_of(file));
    return send_bytes(*socket, KOS_TRY(user_bytes(buffer, size)), flags);
}

Answer recvfrom(Descriptor file, Word buffer, Word size, unsigned flags, Word address,
                UserPointer<std::uint32_t> address_size) {
    const OpenSocket socket = KOS_TRY(socket_of(file));
    const Word received = KOS_TRY(receive_bytes(*socket, KOS_TRY(user_bytes(buffer, size)), flags));
    if (address != 0) KOS_TRY(address_size.write(0));
    return received;
}

/// A message lies in one buffer; of a stream one buffer after another goes.
Answer sendmsg(Descriptor file, UserPointer<abi::MessageHeader> header, unsigned flags) {
    const OpenSocket socket = KOS_TRY(socket_of(file));
    const abi::MessageHeader head = KOS_TRY(header.read());
    const UserPointer<abi::IoVector> vectors{head.vectors};
    if (head.control_size > 0) return Err{Errno::Eopnotsupp};
    if (head.vector_count > abi::io_vector_max) return Err{Errno::Emsgsize};
    if (socket->keeps_messages_apart() && head.vector_count > 1) return Err{Errno::Emsgsize};
    Word total = 0;
    for (Word i = 0; i < head.vector_count; ++i) {
        const abi::IoVector vector = KOS_TRY(vectors.at(i).read());
        const auto sent =
            send_bytes(*socket, KOS_TRY(user_bytes(vector.base, vector.length)), flags);
        if (!sent) {
            if (total > 0) return total;
            return sent;
        }
        total += *sent;
        if (*sent < vector.length) break;
    }
    return total;
}

Answer recvmsg(Descriptor file, UserPointer<abi::MessageHeader> header, unsigned flags) {
    const OpenSocket socket = KOS_TRY(socket_of(file));
    abi::MessageHeader head = KOS_TRY(header.read());
    const UserPointer<abi::IoVector> vectors{head.vectors};
    if (head.vector_count > abi::io_vector_max) return Err{Errno::Emsgsize};
    Word total = 0;
    for (Word i = 0; i < head.vector_count; ++i) {
        const abi::IoVector vector = KOS_TRY(vectors.at(i).read());
        const unsigned now = total > 0 ? flags | message_flag::do_not_wait : flags;
        const auto received =
            receive_bytes(*socket, KOS_TRY(user_bytes(vector.base, vector.length)), now);
        if (!received) {
            if (total > 0) break;
            return received;
        }
        total += *received;
        const bool is_peek = (flags & message_flag::peek) != 0;
        if (*received < vector.length || is_peek || socket->keeps_messages_apart()) break;
    }
    head.name_size = 0;
    head.control_size = 0;
    head.flags = 0;
    KOS_TRY(header.write(head));
    return total;
}

}  // namespace kos::libos::calls
