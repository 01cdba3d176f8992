// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "kosinit/sockets/release_watch.hpp"

#include "kosinit/sockets/bpf.hpp"

#include <atomic>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <netinet/tcp.h>

namespace kos::init {

namespace {

constexpr std::size_t ring_size = 64u << 10;
constexpr std::size_t head_size = 8;

std::size_t page_size() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

std::uint64_t position(void* page) {
    return std::atomic_ref{*static_cast<std::uint64_t*>(page)}.load(std::memory_order_acquire);
}

/// Of the socket in register 1: its cookie to the ring, where it listens. The release goes on.
bpf::Code assemble(sys::Fd ring) {
    using namespace bpf;
    constexpr std::int16_t size = sizeof(std::uint64_t);
    Code tell{call(BPF_FUNC_get_socket_cookie), store(BPF_REG_10, -size, BPF_REG_0, BPF_DW)};
    append_map(tell, BPF_REG_1, ring);
    tell.insert(tell.end(),
                {copy(BPF_REG_2, BPF_REG_10), add(BPF_REG_2, -size), set(BPF_REG_3, size),
                 set(BPF_REG_4, 0), call(BPF_FUNC_ringbuf_output)});
    Code code{load(BPF_REG_2, BPF_REG_1, offsetof(bpf_sock, state)),
              jump_if_other(BPF_REG_2, TCP_LISTEN, static_cast<std::int16_t>(tell.size()))};
    code.insert(code.end(), tell.begin(), tell.end());
    code.insert(code.end(), {set(BPF_REG_0, 1), leave()});
    return code;
}

}  // namespace

sys::Result<void> ReleaseWatch::begin() {
    ring_ = KOS_TRY(bpf::make_map(BPF_MAP_TYPE_RINGBUF, 0, 0, ring_size));
    const sys::UniqueFd program = KOS_TRY(bpf::load_program(
        BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_RELEASE, assemble(ring_.get())));
    const sys::UniqueFd groups{
        KOS_TRY(sys::check(::open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY | O_CLOEXEC)))};
    program_ = KOS_TRY(bpf::link(program.get(), groups.get(), BPF_CGROUP_INET_SOCK_RELEASE));
    void* consumer =
        ::mmap(nullptr, page_size(), PROT_READ | PROT_WRITE, MAP_SHARED, ring_.get(), 0);
    if (consumer == MAP_FAILED) return sys::last_error();
    consumer_ = consumer;
    void* records = ::mmap(nullptr, page_size() + 2 * ring_size, PROT_READ, MAP_SHARED, ring_.get(),
                           static_cast<off_t>(page_size()));
    if (records == MAP_FAILED) return sys::last_error();
    records_ = records;
    return {};
}

Outcome<ReleaseWatch> ReleaseWatch::create() {
    ReleaseWatch watch;
    KOS_TRY(explain(watch.begin(), ErrorCode::GuestNetwork, "services", "watching listeners"));
    return watch;
}

ReleaseWatch::~ReleaseWatch() {
    if (consumer_ != nullptr) ::munmap(consumer_, page_size());
    if (records_ != nullptr) ::munmap(records_, page_size() + 2 * ring_size);
}

void ReleaseWatch::drain(const std::function<void(std::uint64_t)>& closed) {
    std::byte* data = static_cast<std::byte*>(records_) + page_size();
    std::atomic_ref consumed{*static_cast<std::uint64_t*>(consumer_)};
    std::uint64_t at = consumed.load(std::memory_order_relaxed);
    while (at < position(records_)) {
        std::byte* record = data + at % ring_size;
        const std::uint32_t head = std::atomic_ref{*reinterpret_cast<std::uint32_t*>(record)}.load(
            std::memory_order_acquire);
        if ((head & BPF_RINGBUF_BUSY_BIT) != 0) return;
        const std::uint32_t size = head & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
        std::uint64_t cookie = 0;
        const bool is_told = (head & BPF_RINGBUF_DISCARD_BIT) == 0 && size == sizeof cookie;
        if (is_told) std::memcpy(&cookie, record + head_size, sizeof cookie);
        at += (head_size + size + 7) & ~std::uint64_t{7};
        consumed.store(at, std::memory_order_release);
        if (is_told) closed(cookie);
    }
}

}  // namespace kos::init
