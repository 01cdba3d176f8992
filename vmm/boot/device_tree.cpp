// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "vmm/boot/device_tree.hpp"

#include <libfdt.h>

#include <array>

namespace kos::vmm {

namespace {

// Interrupt cells: kind, number, flags (Linux's arm,gic.yaml).
constexpr std::uint32_t shared_interrupt = 0, private_interrupt = 1;
constexpr std::uint32_t level_high = 4, level_low = 8;
constexpr std::uint32_t gic_phandle = 1;
/// Secure, non-secure, virtual and hypervisor timer; only the virtual one works.
constexpr std::array<std::uint32_t, 4> timer_interrupts{13, 14, 11, 10};

/// libfdt's sequential writer; the first error stays.
class Writer {
   public:
    explicit Writer(MutableBytes target) : tree_(target.data()) {
        note(fdt_create(tree_, static_cast<int>(target.size())));
        note(fdt_finish_reservemap(tree_));
    }

    template <class Fill>
    void node(const char* name, Fill fill) {
        note(fdt_begin_node(tree_, name));
        fill();
        note(fdt_end_node(tree_));
    }
    /// A node called name@address.
    template <class Fill>
    void node_at(std::string_view name, std::uint64_t address, Fill fill) {
        std::array<char, 48> text{};
        std::size_t end = name.copy(text.data(), 24);
        text[end++] = '@';
        unsigned shift = 60;
        while (shift != 0 && address >> shift == 0) shift -= 4;
        for (;; shift -= 4) {
            text[end++] = "0123456789abcdef"[address >> shift & 0xf];
            if (shift == 0) break;
        }
        node(text.data(), fill);
    }
    void flag(const char* name) { note(fdt_property(tree_, name, nullptr, 0)); }
    void cell(const char* name, std::uint32_t value) { note(fdt_property_u32(tree_, name, value)); }
    void number(const char* name, std::uint64_t value) {
        note(fdt_property_u64(tree_, name, value));
    }
    void bytes(const char* name, Bytes value) {
        note(fdt_property(tree_, name, value.data(), static_cast<int>(value.size())));
    }
    /// A string that need not end with a NUL.
    void text(const char* name, std::string_view value) {
        void* place = nullptr;
        const int made =
            fdt_property_placeholder(tree_, name, static_cast<int>(value.size()) + 1, &place);
        note(made);
        if (made != 0) return;
        value.copy(static_cast<char*>(place), value.size());
        static_cast<char*>(place)[value.size()] = '\0';
    }
    /// Strings, one after another, each with its NUL.
    void texts(const char* name, std::string_view list) { bytes(name, as_bytes(list)); }
    template <std::size_t N>
    void cells(const char* name, std::array<std::uint32_t, N> values) {
        for (std::uint32_t& value : values) value = cpu_to_fdt32(value);
        bytes(name, bytes_of(values));
    }
    void ranges(const char* name, std::span<const GuestRange> list) {
        void* place = nullptr;
        const int size = static_cast<int>(list.size() * 2 * sizeof(fdt64_t));
        const int made = fdt_property_placeholder(tree_, name, size, &place);
        note(made);
        if (made != 0) return;
        auto* at = static_cast<std::byte*>(place);
        for (const GuestRange& range : list) {
            const std::array<fdt64_t, 2> pair{cpu_to_fdt64(range.start.value()),
                                              cpu_to_fdt64(range.size)};
            std::memcpy(at, pair.data(), sizeof pair);
            at += sizeof pair;
        }
    }
    void range(const GuestRange& range) { ranges("reg", {&range, 1}); }

    [[nodiscard]] Result<std::size_t, TreeError> finish() {
        note(fdt_finish(tree_));
        if (error_ != 0) return Err{TreeError::Full};
        return fdt_totalsize(tree_);
    }

   private:
    void note(int error) {
        if (error_ == 0) error_ = error;
    }

    void* tree_;
    int error_ = 0;
};

void write_chosen(Writer& tree, const GuestDescription& guest) {
    tree.node("chosen", [&] {
        tree.text("bootargs", guest.command_line);
        if (guest.initrd.size != 0) {
            tree.number("linux,initrd-start", guest.initrd.start.value());
            tree.number("linux,initrd-end", (guest.initrd.start + guest.initrd.size).value());
        }
        if (const auto place = read_at<std::uint64_t>(guest.seed, 0)) {
            tree.number("kaslr-seed", *place);
            tree.bytes("rng-seed", guest.seed.subspan(sizeof *place));
        }
        if (guest.early_console.size != 0) tree.text("stdout-path", "/early-console");
    });
}

void write_processors(Writer& tree, std::uint32_t count) {
    tree.node("cpus", [&] {
        tree.cell("#address-cells", 1);
        tree.cell("#size-cells", 0);
        for (std::uint32_t number = 0; number < count; ++number) {
            tree.node_at("cpu", number, [&] {
                tree.text("device_type", "cpu");
                tree.text("compatible", "arm,armv8");
                tree.cell("reg", number);
                tree.text("enable-method", "psci");
            });
        }
    });
    tree.node("psci", [&] {
        tree.texts("compatible", {"arm,psci-1.0\0arm,psci-0.2\0", 26});
        tree.text("method", "smc");
    });
}

void write_interrupt_controller(Writer& tree, const GuestDescription& guest) {
    tree.node_at("interrupt-controller", guest.distributor.start.value(), [&] {
        tree.text("compatible", guest.gic == GicVersion::V2 ? "arm,cortex-a15-gic" : "arm,gic-v3");
        tree.flag("interrupt-controller");
        tree.cell("#interrupt-cells", 3);
        const std::array ranges{guest.distributor, guest.processor_interface};
        tree.ranges("reg", ranges);
        tree.cell("phandle", gic_phandle);
    });
}

void write_timer(Writer& tree, GicVersion gic) {
    // With GICv2, the flags of a private interrupt say which processors have it.
    const std::uint32_t flags = level_low | (gic == GicVersion::V2 ? 1u << 8 : 0);
    std::array<std::uint32_t, 3 * timer_interrupts.size()> cells{};
    for (std::size_t i = 0; i < timer_interrupts.size(); ++i) {
        cells[3 * i] = private_interrupt;
        cells[3 * i + 1] = timer_interrupts[i];
        cells[3 * i + 2] = flags;
    }
    tree.node("timer", [&] {
        tree.text("compatible", "arm,armv8-timer");
        tree.cells("interrupts", cells);
        tree.flag("always-on");
    });
}

void write_devices(Writer& tree, const GuestDescription& guest) {
    if (guest.early_console.size != 0) {
        // Without "arm,primecell" no driver takes it: it is there before there is any.
        tree.node("early-console", [&] {
            tree.text("compatible", "arm,pl011");
            tree.range(guest.early_console);
        });
    }
    for (const VirtioNode& device : guest.devices) {
        tree.node_at("virtio_mmio", device.address.value(), [&] {
            tree.text("compatible", "virtio,mmio");
            tree.range({device.address, page_size});
            tree.cells("interrupts",
                       std::array{shared_interrupt, device.shared_interrupt, level_high});
            tree.flag("dma-coherent");
        });
    }
}

}  // namespace

Result<std::size_t, TreeError> write_device_tree(const GuestDescription& guest,
                                                 MutableBytes target) {
    Writer tree{target};
    tree.node("", [&] {
        tree.text("compatible", "linux,dummy-virt");
        tree.text("model", "kos microVM");
        tree.cell("#address-cells", 2);
        tree.cell("#size-cells", 2);
        tree.cell("interrupt-parent", gic_phandle);
        write_chosen(tree, guest);
        tree.node_at("memory", guest.memory.start.value(), [&] {
            tree.text("device_type", "memory");
            tree.range(guest.memory);
        });
        write_processors(tree, guest.processors);
        write_interrupt_controller(tree, guest);
        write_timer(tree, guest.gic);
        write_devices(tree, guest);
    });
    return tree.finish();
}

}  // namespace kos::vmm
