// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/engine/qemu/vhost_user/session.hpp"

#include "lib/linux/file.hpp"

#include <unistd.h>

namespace kos::vhost_user {

namespace {

template <class T>
Session::Reply reply_of(const T& value) {
    const Bytes bytes = bytes_of(value);
    return {bytes.begin(), bytes.end()};
}

/// Whether it may be an eventfd: no file, pipe or socket, whose other end could make a write wait
/// or kill us by SIGPIPE.
bool may_be_event(sys::Fd fd) {
    const auto status = sys::stat(fd);
    return status && (status.value().st_mode & S_IFMT) == 0;
}

/// Another process may have filled its counter up: never wait for that.
void signal(sys::Fd event) {
    constexpr std::uint64_t one = 1;
    if (event >= 0) (void)!::write(event, &one, sizeof one);
}

}  // namespace

std::string_view describe(SessionError error) {
    switch (error) {
        case SessionError::Payload:
            return "a message has the wrong size";
        case SessionError::Descriptors:
            return "a message has the wrong number or kind of descriptors";
        case SessionError::Index:
            return "a message is about a queue that does not exist";
        case SessionError::Memory:
            return "the guest's memory cannot be mapped";
        case SessionError::Ring:
            return "a queue does not lie in the guest's memory";
        case SessionError::Features:
            return "features were accepted that were not offered";
        case SessionError::Unknown:
            return "a request is not known";
    }
    return "unknown error";
}

Session::Session(virtio::Device& device, KickWatcher& watcher, Log log)
    : device_(device), watcher_(watcher), log_(std::move(log)) {
    device_.attach(*this);
}

Session::~Session() {
    device_.reset();
    // Its backend may have news when no front end is there.
    device_.detach();
    for (const Vring& vring : vrings_) {
        if (vring.kick) watcher_.unwatch(vring.kick.get());
    }
}

Session::Handled Session::handle(Message& message) {
    switch (message.request) {
        case Request::GetFeatures:
            return reply_of(device_.offered() | virtio::ring_features | feature_protocol);
        case Request::SetFeatures:
            return set_features(message);
        case Request::GetProtocolFeatures:
            return reply_of(protocol_features());
        case Request::SetProtocolFeatures: {
            const auto features = message.as<std::uint64_t>();
            if (!features) return Err{SessionError::Payload};
            if ((*features & ~protocol_features()) != 0) {
                return Err{SessionError::Features};
            }
            has_protocol_features_ = true;
            return Reply{};
        }
        case Request::GetQueueNum:
            return reply_of(std::uint64_t{device_.queue_count()});
        case Request::SetOwner:
        case Request::ResetOwner:
            return Reply{};
        case Request::SetMemTable:
            return set_memory(message);
        case Request::SetVringNum:
        case Request::SetVringBase:
        case Request::SetVringEnable:
            return set_vring_state(message);
        case Request::SetVringAddr:
            return set_vring_address(message);
        case Request::GetVringBase:
            return get_vring_base(message);
        case Request::SetVringKick:
        case Request::SetVringCall:
        case Request::SetVringErr:
            return set_vring_descriptor(message);
        case Request::GetConfig:
            return get_config(message);
        case Request::SetConfig:
            return set_config(message);
    }
    return Err{SessionError::Unknown};
}

std::uint64_t Session::protocol_features() const {
    // QEMU warns where it makes the configuration itself.
    const bool has_config =
        device_.type() == virtio::DeviceType::Block || device_.type() == virtio::DeviceType::Socket;
    return protocol_reply_ack | (has_config ? protocol_config : 0);
}

Session::Handled Session::set_features(const Message& message) {
    const auto features = message.as<std::uint64_t>();
    if (!features) return Err{SessionError::Payload};
    const std::uint64_t offered = device_.offered() | virtio::ring_features | feature_protocol;
    if ((*features & ~offered) != 0) return Err{SessionError::Features};
    features_ = *features & ~feature_protocol;
    return Reply{};
}

Session::Handled Session::set_memory(Message& message) {
    const auto table = read_at<MemoryTable>(message.payload, 0);
    if (!table) return Err{SessionError::Payload};
    std::array<MemoryRegion, max_regions> regions;
    if (table->count > regions.size() ||
        message.payload.size() != sizeof(MemoryTable) + table->count * sizeof(MemoryRegion)) {
        return Err{SessionError::Payload};
    }
    if (message.descriptors.size() != table->count) return Err{SessionError::Descriptors};
    for (std::size_t i = 0; i < table->count; ++i) {
        const std::size_t offset = sizeof(MemoryTable) + i * sizeof(MemoryRegion);
        regions[i] = read_at<MemoryRegion>(message.payload, offset).value_or(MemoryRegion{});
    }
    // Queues that run look at the old memory: they go on in the new one, or not at all.
    std::array<bool, max_queues> ran{};
    for (unsigned i = 0; i < device_.queue_count(); ++i) {
        ran[i] = device_.queue(i).running();
        if (!ran[i]) continue;
        vrings_[i].base = device_.queue(i).next_available();
        device_.stop_queue(i);
    }
    if (!memory_.map(std::span{regions}.first(table->count), message.descriptors)) {
        return Err{SessionError::Memory};
    }
    for (unsigned i = 0; i < device_.queue_count(); ++i) {
        if (ran[i]) KOS_TRY(start_if_ready(i));
    }
    return Reply{};
}

Session::Handled Session::set_vring_state(const Message& message) {
    const auto state = message.as<VringState>();
    if (!state) return Err{SessionError::Payload};
    const auto index = index_of(state->index);
    if (!index) return Err{SessionError::Index};
    Vring& vring = vrings_[*index];
    if (message.request == Request::SetVringEnable) {
        vring.enabled = state->value != 0;
        if (vring.enabled) {
            KOS_TRY(start_if_ready(*index));
        } else if (device_.queue(*index).running()) {
            vring.base = device_.queue(*index).next_available();
            device_.stop_queue(*index);
        }
        return Reply{};
    }
    if (state->value > virtio::max_queue_size + 0u &&
        (message.request == Request::SetVringNum || state->value > 0xffff)) {
        return Err{SessionError::Ring};
    }
    (message.request == Request::SetVringNum ? vring.size : vring.base) =
        static_cast<std::uint16_t>(state->value);
    return Reply{};
}

Session::Handled Session::set_vring_address(const Message& message) {
    const auto address = message.as<VringAddress>();
    if (!address) return Err{SessionError::Payload};
    const auto index = index_of(address->index);
    if (!index) return Err{SessionError::Index};
    vrings_[*index].address = *address;
    KOS_TRY(start_if_ready(*index));
    return Reply{};
}

Session::Handled Session::get_vring_base(const Message& message) {
    const auto state = message.as<VringState>();
    if (!state) return Err{SessionError::Payload};
    const auto index = index_of(state->index);
    if (!index) return Err{SessionError::Index};
    stop(*index);
    const VringState answer{*index, vrings_[*index].base};
    deactivate_if_idle();
    return reply_of(answer);
}

Session::Handled Session::set_vring_descriptor(Message& message) {
    const auto value = message.as<std::uint64_t>();
    if (!value) return Err{SessionError::Payload};
    const auto index = index_of(*value & vring_index_mask);
    if (!index) return Err{SessionError::Index};
    const bool none = (*value & vring_no_descriptor) != 0;
    if (message.descriptors.size() != (none ? 0 : 1)) return Err{SessionError::Descriptors};
    sys::UniqueFd descriptor;
    if (!none) {
        descriptor = std::move(message.descriptors.front());
        if (!may_be_event(descriptor.get()) || !sys::do_not_block(descriptor.get())) {
            return Err{SessionError::Descriptors};
        }
    }
    Vring& vring = vrings_[*index];
    if (message.request == Request::SetVringCall) {
        vring.call = std::move(descriptor);
    } else if (message.request == Request::SetVringErr) {
        vring.error = std::move(descriptor);
    } else {
        // Without a descriptor the queue would have to be polled, which was not offered.
        if (none) return Err{SessionError::Descriptors};
        if (vring.kick) watcher_.unwatch(vring.kick.get());
        vring.kick = std::move(descriptor);
        watcher_.watch(*index, vring.kick.get());
        KOS_TRY(start_if_ready(*index));
    }
    return Reply{};
}

Session::Handled Session::get_config(const Message& message) const {
    const auto header = read_at<ConfigHeader>(message.payload, 0);
    if (!header || message.payload.size() != sizeof *header + header->size) {
        return Err{SessionError::Payload};
    }
    // The front end wants as many bytes as it asked for.
    Reply reply = message.payload;
    device_.read_config(header->offset, MutableBytes{reply}.subspan(sizeof *header));
    return reply;
}

Session::Handled Session::set_config(const Message& message) {
    const auto header = read_at<ConfigHeader>(message.payload, 0);
    if (!header || message.payload.size() != sizeof *header + header->size) {
        return Err{SessionError::Payload};
    }
    device_.write_config(header->offset, Bytes{message.payload}.subspan(sizeof *header));
    return Reply{};
}

std::optional<unsigned> Session::index_of(std::uint64_t index) const {
    if (index >= device_.queue_count() || index >= max_queues) return std::nullopt;
    return static_cast<unsigned>(index);
}

Result<void, SessionError> Session::start_if_ready(unsigned index) {
    Vring& vring = vrings_[index];
    // Without protocol features, queues are enabled from the start.
    const bool enabled = vring.enabled || !has_protocol_features_;
    if (!enabled || !vring.kick || !vring.address || device_.queue(index).running()) return {};
    const auto descriptors = memory_.translate(vring.address->descriptors);
    const auto available = memory_.translate(vring.address->available);
    const auto used = memory_.translate(vring.address->used);
    if (!descriptors || !available || !used) return Err{SessionError::Ring};
    const auto next_used = memory_.guest().read<std::uint16_t>(*used + virtio::ring_index_offset);
    if (!next_used) return Err{SessionError::Ring};
    const virtio::QueueConfig config{
        .size = vring.size,
        .descriptors = *descriptors,
        .available = *available,
        .used = *used,
        .indirect = (features_ & virtio::feature_indirect) != 0,
        .event_index = (features_ & virtio::feature_event_index) != 0,
        .next_available = vring.base,
        .next_used = next_used.value(),
    };
    if (!device_.active()) device_.negotiate(features_);
    const auto started = device_.start_queue(index, config, memory_.guest());
    if (!started) {
        log_(std::string{device_.name()} + ": queue " + std::to_string(index) + ": " +
             std::string{virtio::describe(started.error())});
        return Err{SessionError::Ring};
    }
    device_.activate();
    // What was made available before is not announced again.
    device_.notified(index);
    return {};
}

void Session::stop(unsigned index) {
    Vring& vring = vrings_[index];
    if (device_.queue(index).running()) {
        vring.base = device_.queue(index).next_available();
        device_.stop_queue(index);
    }
    if (vring.kick) watcher_.unwatch(vring.kick.get());
    vring.kick.reset();
    vring.call.reset();
}

void Session::deactivate_if_idle() {
    for (unsigned i = 0; i < device_.queue_count(); ++i) {
        if (device_.queue(i).running()) return;
    }
    device_.reset();
}

void Session::kicked(unsigned queue) {
    std::uint64_t count = 0;
    (void)!::read(vrings_[queue].kick.get(), &count, sizeof count);
    device_.notified(queue);
}

void Session::used(unsigned queue) { signal(vrings_[queue].call.get()); }

void Session::again(unsigned queue) { signal(vrings_[queue].kick.get()); }

void Session::failed(unsigned queue, virtio::DriverError error, bool first) {
    signal(vrings_[queue].error.get());
    if (!first) return;
    log_(std::string{device_.name()} + ": queue " + std::to_string(queue) + ": " +
         std::string{error.text()} + "; the device stops until the guest resets it");
}

}  // namespace kos::vhost_user
