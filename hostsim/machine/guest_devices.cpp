// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/machine/guest_devices.hpp"

#include "lib/base/address.hpp"

#include <algorithm>

namespace kos::sim {

namespace {

using external::Register;
using external::State;

constexpr unsigned register_bytes = 4;

}  // namespace

std::uint32_t GuestDevices::Queue::shown() const {
    return static_cast<std::uint32_t>(
        std::min<std::size_t>(bytes_.size() - taken_, external::window_size));
}

void GuestDevices::Queue::add(Bytes bytes, MutableBytes window) {
    const std::uint32_t before = shown();
    bytes_ += as_text(bytes);
    const Bytes more = as_bytes(bytes_).subspan(taken_).first(shown()).subspan(before);
    std::ranges::copy(more, window.subspan(before).begin());
}

std::uint32_t GuestDevices::Queue::drop(std::uint32_t count, MutableBytes window) {
    count = std::min(count, shown());
    taken_ += count;
    if (taken_ >= bytes_.size() / 2) {
        bytes_.erase(0, taken_);
        taken_ = 0;
    }
    std::ranges::copy(as_bytes(bytes_).subspan(taken_).first(shown()), window.begin());
    return count;
}

std::optional<std::uint64_t> GuestDevices::read(std::uint64_t offset, unsigned bytes) const {
    if (bytes != register_bytes) return std::nullopt;
    return value_of(devices_.at(offset / page_size), offset % page_size);
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
            return device.received.shown();
        case Register::Room:
            return device.is_linked ? external::window_size : 0;
        case Register::Records:
            return device.records.shown();
        case Register::Command:
        case Register::SendRecords:
            return 0;
    }
    return std::nullopt;
}

bool GuestDevices::write(std::uint64_t offset, unsigned bytes, std::uint64_t value) {
    return bytes == register_bytes && set(static_cast<std::uint32_t>(offset / page_size),
                                          offset % page_size, static_cast<std::uint32_t>(value));
}

bool GuestDevices::set(std::uint32_t app, std::uint64_t offset, std::uint32_t value) {
    Device& device = devices_.at(app);
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
            const std::uint32_t taken =
                device.received.drop(value, window(app, external::receive_window));
            if (runner_ != nullptr) runner_->consumed(app, taken);
            return true;
        }
        case Register::Room:
            if (runner_ != nullptr && device.is_linked && value <= external::window_size) {
                runner_->send(app, window(app, external::send_window).first(value));
            }
            return true;
        case Register::Records:
            device.records.drop(value, window(app, external::record_window));
            return true;
        case Register::SendRecords:
            if (runner_ != nullptr && value <= external::window_size) {
                runner_->send_records(app, window(app, external::send_record_window).first(value));
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
    devices_.at(app).received.add(bytes, window(app, external::receive_window));
    raise(app, external::event::received);
}

void GuestDevices::records_came(std::uint32_t app, Bytes records) {
    devices_.at(app).records.add(records, window(app, external::record_window));
    raise(app, external::event::records);
}

void GuestDevices::raise(std::uint32_t app, std::uint32_t events) {
    devices_[app].events |= events;
    line_(app, true);
}

}  // namespace kos::sim
