// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// kos-vhost-device: one device over vhost-user, until it is killed.

#include "lib/linux/event_loop.hpp"
#include "lib/linux/socket.hpp"
#include "vmm/engine/qemu/backend/entropy.hpp"
#include "vmm/engine/qemu/backend/file_disk.hpp"
#include "vmm/engine/qemu/backend/stream_link.hpp"
#include "vmm/engine/qemu/backend/tap_link.hpp"
#include "vmm/engine/qemu/backend/unix_sockets.hpp"
#include "vmm/engine/qemu/vhost_user/server.hpp"
#include "vmm/virtio/blk/block.hpp"
#include "vmm/virtio/net/net.hpp"
#include "vmm/virtio/rng/entropy.hpp"
#include "vmm/virtio/vsock/socket.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <string>
#include <vector>

namespace {

using namespace kos;

struct Options {
    std::string socket, file, serial, path, stream, tap;
    bool read_only = false;
    std::uint64_t cid = 3;
};

/// Streams of one guest at a time.
constexpr std::size_t max_streams = 4096;

int fail(const std::string& what, sys::Errno error) {
    (void)std::fprintf(stderr, "kos-vhost-device: %s: %s\n", what.c_str(),
                       sys::describe(error).c_str());
    return 1;
}

int serve(sys::EventLoop& loop, virtio::Device& device, const Options& options) {
    const auto server = vhost_user::Server::create(
        loop, device, options.socket,
        [](const std::string& line) { (void)std::fprintf(stderr, "%s\n", line.c_str()); });
    if (!server) return fail(options.socket, server.error());
    const auto done = loop.run();
    return done ? 0 : fail("epoll", done.error());
}

int serve_disk(sys::EventLoop& loop, const Options& options) {
    auto disk = qemu::FileDisk::open(options.file, options.read_only);
    if (!disk) return fail(options.file, disk.error());
    virtio::Block device{disk.value(), options.serial};
    return serve(loop, device, options);
}

int serve_sockets(sys::EventLoop& loop, const Options& options) {
    const auto sockets = qemu::UnixSockets::create(loop, options.path);
    if (!sockets) return fail(options.path, sockets.error());
    std::vector<virtio::Connection> connections(max_streams);
    virtio::Socket device{*sockets.value(), options.cid, connections};
    sockets.value()->attach(device);
    return serve(loop, device, options);
}

constexpr virtio::MacAddress own_address{0x02, 0x6b, 0x6f, 0x73, 0, 1};

int serve_tap(sys::EventLoop& loop, const Options& options) {
    const auto link = qemu::TapLink::open(loop, options.tap);
    if (!link) return fail(options.tap, link.error());
    virtio::Net device{*link.value(), own_address};
    link.value()->attach(device);
    return serve(loop, device, options);
}

int serve_network(sys::EventLoop& loop, const Options& options) {
    if (!options.tap.empty()) return serve_tap(loop, options);
    auto socket = sys::connect_stream(options.stream);
    if (!socket) return fail(options.stream, socket.error());
    const auto link = qemu::StreamLink::create(loop, std::move(socket).value());
    if (!link) return fail(options.stream, link.error());
    virtio::Net device{*link.value(), own_address};
    link.value()->attach(device);
    return serve(loop, device, options);
}

int serve_entropy(sys::EventLoop& loop, const Options& options) {
    qemu::HostEntropy source;
    virtio::Entropy device{source};
    return serve(loop, device, options);
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"A virtio device over vhost-user"};
    app.require_subcommand(1);
    CLI::App* const blk = app.add_subcommand("blk", "a disk");
    blk->add_option("--file", options.file, "the file that holds it")->required();
    blk->add_option("--serial", options.serial, "what the guest finds it by");
    blk->add_flag("--read-only", options.read_only);
    CLI::App* const vsock = app.add_subcommand("vsock", "stream sockets");
    vsock->add_option("--cid", options.cid, "the guest's");
    vsock->add_option("--path", options.path, "UNIX sockets: PATH and PATH_PORT")->required();
    CLI::App* const net = app.add_subcommand("net", "a network interface");
    CLI::Option_group* const peer = net->add_option_group("peer");
    peer->add_option("--stream", options.stream, "the socket of its peer");
    peer->add_option("--tap", options.tap, "an interface of the host");
    peer->require_option(1);
    CLI::App* const rng = app.add_subcommand("rng", "random bytes");
    for (CLI::App* const device : {blk, vsock, net, rng}) {
        device->add_option("--socket", options.socket, "where QEMU connects to")->required();
    }
    CLI11_PARSE(app, argc, argv);

    auto loop = sys::EventLoop::create();
    if (!loop) return fail("epoll", loop.error());
    if (blk->parsed()) return serve_disk(loop.value(), options);
    if (vsock->parsed()) return serve_sockets(loop.value(), options);
    if (net->parsed()) return serve_network(loop.value(), options);
    return serve_entropy(loop.value(), options);
}
