// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "hostsim/machine/device_tree.hpp"

#include "hostsim/machine/memory_map.hpp"
#include "lib/base/bytes.hpp"

#include <libfdt.h>

#include <charconv>
#include <string>
#include <string_view>

namespace kos::sim {

namespace {

/// Far more than the nodes below need.
constexpr std::size_t capacity = 16384;

/// libfdt's sequential writer. It fails only where the buffer is too small or calls are out of
/// order: neither depends on what the tree holds.
class Writer {
   public:
    Writer() : buffer_(capacity) {
        check(fdt_create(buffer_.data(), static_cast<int>(buffer_.size())));
        check(fdt_finish_reservemap(buffer_.data()));
    }

    /// A node whose contents `fill` writes.
    template <class Fill>
    void node(const std::string& name, Fill fill) {
        check(fdt_begin_node(buffer_.data(), name.c_str()));
        fill();
        check(fdt_end_node(buffer_.data()));
    }
    void cells(const char* name, std::uint32_t value) {
        check(fdt_property_u32(buffer_.data(), name, value));
    }
    void number(const char* name, std::uint64_t value) {
        check(fdt_property_u64(buffer_.data(), name, value));
    }
    /// A string, or several: each ends with a NUL.
    void text(const char* name, std::string_view value) {
        std::string terminated{value};
        terminated.push_back('\0');
        bytes(name, as_bytes(terminated));
    }
    void bytes(const char* name, Bytes value) {
        check(fdt_property(buffer_.data(), name, value.data(), static_cast<int>(value.size())));
    }
    /// reg with two cells each for address and size.
    void range(PhysicalAddress start, std::uint64_t size) {
        const std::array<fdt64_t, 2> cells{cpu_to_fdt64(start.value()), cpu_to_fdt64(size)};
        bytes("reg", bytes_of(cells));
    }
    void ranges(PhysicalAddress first, std::uint64_t first_size, PhysicalAddress second,
                std::uint64_t second_size) {
        const std::array<fdt64_t, 4> cells{cpu_to_fdt64(first.value()), cpu_to_fdt64(first_size),
                                           cpu_to_fdt64(second.value()), cpu_to_fdt64(second_size)};
        bytes("reg", bytes_of(cells));
    }

    std::vector<std::byte> finish() {
        check(fdt_finish(buffer_.data()));
        buffer_.resize(fdt_totalsize(buffer_.data()));
        return std::move(buffer_);
    }

   private:
    static void check(int error) {
        if (error != 0) panic("device tree: libfdt refused a write");
    }

    std::vector<std::byte> buffer_;
};

std::string unit_name(std::string_view name, PhysicalAddress address) {
    std::array<char, 16> digits{};
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), address.value(), 16).ptr;
    return std::string{name}.append("@").append(digits.data(), end);
}

void write_memory(Writer& tree, std::uint64_t memory_size) {
    const std::uint64_t size = memory_map::ram - memory_map::outside_ram + memory_size;
    tree.node(unit_name("memory", memory_map::outside_ram), [&] {
        tree.text("device_type", "memory");
        tree.range(memory_map::outside_ram, size);
    });
}

void write_uart(Writer& tree) {
    // A shared peripheral interrupt, level-triggered: the cells of a GIC (Linux, bindings,
    // interrupt-controller/arm,gic.yaml).
    const std::array<fdt32_t, 3> interrupt{
        cpu_to_fdt32(0), cpu_to_fdt32(memory_map::uart_interrupt), cpu_to_fdt32(4)};
    constexpr std::string_view compatible{"arm,pl011\0arm,primecell", 23};
    tree.node(unit_name("pl011", memory_map::uart), [&] {
        tree.text("compatible", compatible);
        tree.range(memory_map::uart, memory_map::uart_size);
        tree.bytes("interrupts", bytes_of(interrupt));
    });
}

void write_guests(Writer& tree) {
    const std::array<fdt32_t, 3> interrupt{
        cpu_to_fdt32(0), cpu_to_fdt32(memory_map::guests_interrupt), cpu_to_fdt32(4)};
    tree.node(unit_name("guests", memory_map::guests), [&] {
        tree.text("compatible", "kos,guests");
        tree.ranges(memory_map::guests, memory_map::guests_size, memory_map::guest_windows,
                    memory_map::guest_windows_size);
        tree.bytes("interrupts", bytes_of(interrupt));
    });
}

void write_chosen(Writer& tree, const DeviceTreeContents& contents) {
    const std::string console = "/" + unit_name("pl011", memory_map::uart);
    tree.node("chosen", [&] {
        tree.text("stdout-path", console);
        if (contents.system_image) {
            tree.number("linux,initrd-start", contents.system_image->start.value());
            tree.number("linux,initrd-end", contents.system_image->end.value());
        }
        tree.bytes("rng-seed", bytes_of(contents.seed));
        tree.bytes("kos,kernel-abi", bytes_of(contents.kernel_abi));
        tree.number("kos,boot-time", contents.boot_time);
        // There is no shim: time starts when the kernel is entered, and its boot takes none.
        tree.number("kos,shim-entered", 0);
        tree.number("kos,kernel-entered", 0);
        if (contents.trace) tree.number("kos,trace", 1);
    });
}

}  // namespace

std::vector<std::byte> make_device_tree(const DeviceTreeContents& contents) {
    Writer tree;
    tree.node("", [&] {
        tree.text("compatible", "linux,dummy-virt");
        tree.text("model", "kos simulator");
        tree.cells("#address-cells", 2);
        tree.cells("#size-cells", 2);
        write_memory(tree, contents.memory_size);
        write_uart(tree);
        if (contents.runs_guests) write_guests(tree);
        write_chosen(tree, contents);
    });
    return tree.finish();
}

}  // namespace kos::sim
