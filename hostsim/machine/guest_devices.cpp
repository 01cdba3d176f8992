// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/machine/guest_devices.hpp"

#include "lib/base/address.hpp"

#include <algorithm>
#include <cstring>

namespace kos::sim {

namespace {

using external::Register;
using external::State;

constexpr unsigned register_bytes = 4;

/// Where in the window at \p start an access goes, if all of it does.
std::optional<std::size_t> window_offset(std::uint64_t offset, unsigned bytes,
                                         std::uint32_t start) {
    if (offset < start || !range_within(offset - start, bytes, external::window_size)) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(offset - start);
}

/// What a window shows of \p content.
std::uint64_t read_window(Bytes content, std::size_t at, unsigned bytes) {
    std::uint64_t value = 0;
    if (at < content.size()) {
        std::memcpy(&value, content.data() + at, std::min<std::size_t>(bytes, content.size() - at));
    }
    return value;
}

/// How much of \p content the window shows.
std::uint32_t shown(Bytes content) {
    return static_cast<std::uint32_t>(std::min<std::size_t>(content.size(), external::window_size));
}

}  // namespace

std::size_t GuestDevices::Queue::drop(std::size_t count) {
    count = std::min(count, bytes_.size() - taken_);
    taken_ += count;
    if (taken_ >= bytes_.size() / 2) {
        bytes_.erase(0, taken_);
        taken_ = 0;
    }
    return count;
}

std::optional<std::uint64_t> GuestDevices::read(std::uint64_t offset, unsigned bytes) const {
    const Device& device = devices_.at(offset / page_size);
    offset %= page_size;
    if (const auto at = window_offset(offset, bytes, external::receive_window)) {
        return read_window(device.received.bytes(), *at, bytes);
    }
    if (const auto at = window_offset(offset, bytes, external::record_window)) {
        return read_window(device.records.bytes(), *at, bytes);
    }
    if (bytes != register_bytes) return std::nullopt;
    return value_of(device, offset);
}

std::optional<std::uint32_t> GuestDevices::value_of(const Device& device, std::uint64_t offset) {
    switch (static_cast<Register>(offset)) {
        case Register::Id:
            return external::id_value;
        case Register::Version:
            return external::version_value;
        case Register::State:
            return static_cast<std::uint32_t>(device.state);
        case Register::Events:
            return device.events;
        case Register::Link:
            return device.is_linked ? 1 : 0;
        case Register::Received:
            return shown(device.received.bytes());
        case Register::Room:
            return device.is_linked ? external::window_size : 0;
        case Register::Records:
            return shown(device.records.bytes());
        case Register::Command:
        case Register::SendRecords:
            return 0;
    }
    return std::nullopt;
}

bool GuestDevices::write(std::uint64_t offset, unsigned bytes, std::uint64_t value) {
    const auto app = static_cast<std::uint32_t>(offset / page_size);
    Device& device = devices_.at(app);
    offset %= page_size;
    if (const auto at = window_offset(offset, bytes, external::send_window)) {
        std::memcpy(device.send.data() + *at, &value, std::min<std::size_t>(bytes, sizeof(value)));
        return true;
    }
    if (const auto at = window_offset(offset, bytes, external::record_window)) {
        std::memcpy(device.send_records.data() + *at, &value,
                    std::min<std::size_t>(bytes, sizeof(value)));
        return true;
    }
    return bytes == register_bytes && set(app, offset, static_cast<std::uint32_t>(value));
}

bool GuestDevices::set(std::uint32_t app, std::uint64_t offset, std::uint32_t value) {
    Device& device = devices_[app];
    switch (static_cast<Register>(offset)) {
        case Register::Command:
            command(app, value);
            return true;
        case Register::Events:
            device.events &= ~value;
            if (device.events == 0) line_(app, false);
            return true;
        case Register::Link:
            if (runner_ != nullptr) runner_->set_link(app, (value & 1) != 0);
            return true;
        case Register::Received: {
            const std::size_t taken = device.received.drop(value);
            if (runner_ != nullptr) runner_->consumed(app, static_cast<std::uint32_t>(taken));
            return true;
        }
        case Register::Room:
            if (runner_ != nullptr && device.is_linked && value <= external::window_size) {
                runner_->send(app, Bytes{device.send}.first(value));
            }
            return true;
        case Register::Records:
            device.records.drop(value);
            return true;
        case Register::SendRecords:
            if (runner_ != nullptr && value <= external::window_size) {
                runner_->send_records(app, Bytes{device.send_records}.first(value));
            }
            return true;
        case Register::Id:
        case Register::Version:
        case Register::State:
            break;
    }
    return false;
}

void GuestDevices::command(std::uint32_t app, std::uint32_t value) {
    switch (static_cast<external::Command>(value)) {
        case external::Command::Start:
            devices_[app] = {};
            line_(app, false);
            if (runner_ == nullptr) return state_changed(app, State::Failed);
            devices_[app].state = State::Running;
            runner_->start(app);
            break;
        case external::Command::End:
            devices_[app] = {};
            line_(app, false);
            if (runner_ != nullptr) runner_->end(app);
            break;
    }
}

void GuestDevices::state_changed(std::uint32_t app, State state) {
    devices_.at(app).state = state;
    raise(app, external::event::state);
}

void GuestDevices::link_changed(std::uint32_t app, bool is_open) {
    devices_.at(app).is_linked = is_open;
    raise(app, external::event::link | (is_open ? external::event::room : 0));
}

void GuestDevices::received(std::uint32_t app, Bytes bytes) {
    devices_.at(app).received.add(bytes);
    raise(app, external::event::received);
}

void GuestDevices::records_came(std::uint32_t app, Bytes records) {
    devices_.at(app).records.add(records);
    raise(app, external::event::records);
}

void GuestDevices::raise(std::uint32_t app, std::uint32_t events) {
    devices_[app].events |= events;
    line_(app, true);
}

}  // namespace kos::sim
