// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/virtio/console/console.hpp"

#include <utility>

namespace kos::virtio {

namespace {

constexpr std::uint16_t queue_size = 64;

std::span<Queue> first_of(std::span<Queue> queues, std::size_t names) {
    if (names >= Console::max_ports) panic("Console: too many ports");
    // Without a port that has a name there are the control queues all the same.
    return queues.first(4 + 2 * names);
}

}  // namespace

Console::Console(ConsoleHost& host, std::span<const std::string_view> names)
    : Device(DeviceType::Console, first_of(queues_, names.size()), queue_size),
      host_(host),
      names_(names),
      ports_(static_cast<unsigned>(names.size()) + 1) {}

void Console::read_config(std::uint64_t offset, MutableBytes target) const {
    ConsoleConfig config;
    config.max_ports = ports_;
    read_config_of(bytes_of(config), offset, target);
}

void Console::on_reset() {
    messages_.clear();
    open_ = {};
    // Whoever waits to give input waits for the next driver.
}

Result<void, DriverError> Console::process(unsigned index) {
    const bool multiport = accepted(console_multiport);
    if (index == control_receive) return multiport ? tell() : Result<void, DriverError>{};
    if (index == control_transmit) {
        if (!multiport) return {};
        KOS_TRY(drain(index, [this](Chain& chain) { return control(chain); }));
        return tell();
    }
    const unsigned port = port_of(index);
    if (port != 0 && !multiport) return {};
    if (index == receive_queue(port)) {
        if (std::exchange(starved_[port], false)) host_.input_ready(port);
        return {};
    }
    return drain(index, [this, port](Chain& chain) { return transmit(port, chain); });
}

Result<void, DriverError> Console::transmit(unsigned port, Chain& chain) {
    ReadableBuffers source = chain.readable();
    source.each(source.size(), [this, port](Bytes part) { host_.output(port, part); });
    own_queue(receive_queue(port) + 1).push(chain, 0);
    return {};
}

Result<void, DriverError> Console::control(Chain& chain) {
    const auto message = chain.readable().read<ConsoleControl>();
    if (!message) return Err{RequestError::Header};
    own_queue(control_transmit).push(chain, 0);
    const bool yes = message->value == 1;
    const auto event = static_cast<ConsoleEvent>(std::uint16_t{message->event});
    if (event == ConsoleEvent::DeviceReady) {
        for (unsigned port = 0; yes && port < ports_; ++port) {
            messages_.add(port, ConsoleEvent::PortAdd);
        }
        return {};
    }
    // A port that there is not, or a message of the device's: nothing to do.
    if (message->port >= ports_) return {};
    if (event == ConsoleEvent::PortReady && yes) port_ready(message->port);
    if (event == ConsoleEvent::PortOpen && open_[message->port] != yes) {
        open_[message->port] = yes;
        host_.opened(message->port, yes);
    }
    return {};
}

void Console::port_ready(unsigned port) {
    messages_.add(port, port == 0 ? ConsoleEvent::ConsolePort : ConsoleEvent::PortName);
    messages_.add(port, ConsoleEvent::PortOpen);
}

Result<void, DriverError> Console::tell() {
    while (const auto message = messages_.next()) {
        if (!KOS_TRY(pop_buffer(control_receive))) return {};
        ConsoleControl control;
        control.port = message->port;
        control.event = static_cast<std::uint16_t>(message->event);
        control.value = std::uint16_t{1};
        WritableBuffers target = chain().writable();
        if (!target.write_value(control)) return Err{RequestError::Answer};
        std::uint64_t written = sizeof control;
        if (message->event == ConsoleEvent::PortName) {
            written += target.write(as_bytes(names_[message->port - 1].substr(0, max_name)));
        }
        own_queue(control_receive).push(chain(), written);
        messages_.done(*message);
    }
    return {};
}

std::size_t Console::input(unsigned port, Bytes bytes) {
    if (port >= ports_ || bytes.empty()) return 0;
    std::size_t taken = 0;
    run(receive_queue(port), [&]() -> Result<void, DriverError> {
        taken = KOS_TRY(receive(port, bytes));
        return {};
    });
    starved_[port] = taken < bytes.size();
    return taken;
}

Result<std::size_t, DriverError> Console::receive(unsigned port, Bytes bytes) {
    const unsigned index = receive_queue(port);
    std::size_t taken = 0;
    while (taken < bytes.size() && own_queue(index).running()) {
        if (!KOS_TRY(pop_buffer(index))) break;
        const std::uint64_t written = chain().writable().write(bytes.subspan(taken));
        if (written == 0) return Err{RequestError::Answer};
        own_queue(index).push(chain(), written);
        taken += static_cast<std::size_t>(written);
    }
    return taken;
}

}  // namespace kos::virtio
