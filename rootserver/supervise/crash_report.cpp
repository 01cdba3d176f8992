// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "lib/manifest/names.hpp"
#include "rootserver/console/line.hpp"
#include "rootserver/supervise/crash.hpp"
#include "rootserver/supervise/symbols.hpp"

#include <array>

namespace kos::rootserver {

namespace {

constexpr unsigned register_digits = 16;
constexpr unsigned registers_per_line = 4;

std::string_view verb_of(Access access) {
    switch (access) {
        case Access::Read:
            return "read from ";
        case Access::Write:
            return "write to ";
        case Access::Fetch:
            return "instruction fetch from ";
    }
    return "";
}

class CrashReport {
   public:
    CrashReport(const Root& root, const App& app, msg::ControlWriter& console)
        : root_(root), app_(app), console_(console) {}

    void write(const Crash& crash) {
        Line line;
        line.text(name_of(crash.signal)).text(" in thread ").decimal(crash.thread);
        if (crash.access) {
            line.text(": ").text(verb_of(crash.access->access));
            line.hex(crash.access->address.value());
            add_place(line, crash.access->address);
        }
        if (crash.system_call) line.text(": x7 was ").hex(*crash.system_call);
        log(line);

        const auto registers = sel4::tcb_read_registers(app_.tcb(crash.thread), true);
        if (!registers) {
            Line unread = describe({ErrorCode::KernelCall,
                                    {"the registers of thread", crash.thread},
                                    0,
                                    registers.error()});
            log(unread);
            return;
        }
        write_position(VirtualAddress{registers->pc});
        write_registers(*registers);
    }

   private:
    void log(Line& line) { line.log_to(console_, app_.number); }

    void write_position(VirtualAddress pc) {
        Line line;
        line.text("  at ");
        if (app_.record.symbols != 0 && is_of_program(pc)) {
            const manifest::Blob blob = root_.image.manifest().blob(app_.record.symbols - 1);
            if (const auto symbol = nearest_symbol(root_.image.bytes_of(blob), pc)) {
                line.text(symbol->name).text("+").hex(symbol->distance).text(", ");
            }
        }
        line.text("pc ").hex(pc.value());
        add_place(line, pc);
        log(line);
    }

    /// Symbols are the program's: code that was written at run time has none.
    [[nodiscard]] bool is_of_program(VirtualAddress pc) const {
        const manifest::ImageView& image = root_.image.manifest();
        const auto hit = mapping_at(app_, image, pc);
        return hit && image.mapping(app_.record, *hit).kind ==
                          static_cast<std::uint8_t>(manifest::MappingKind::Text);
    }

    void write_registers(const sel4::UserContext& context) {
        const std::array<sel4::Word, 31> x{
            context.x0,  context.x1,  context.x2,  context.x3,  context.x4,  context.x5,
            context.x6,  context.x7,  context.x8,  context.x9,  context.x10, context.x11,
            context.x12, context.x13, context.x14, context.x15, context.x16, context.x17,
            context.x18, context.x19, context.x20, context.x21, context.x22, context.x23,
            context.x24, context.x25, context.x26, context.x27, context.x28, context.x29,
            context.x30};
        for (unsigned first = 0; first < x.size(); first += registers_per_line) {
            Line line;
            for (unsigned i = first; i < x.size() && i < first + registers_per_line; ++i) {
                line.text("  x").decimal(i).text(i < 10 ? "  " : " ").hex(x[i], register_digits);
            }
            if (first + registers_per_line > x.size()) {
                line.text("  sp  ").hex(context.sp, register_digits);
            }
            log(line);
        }
    }

    /// What the address lies in or next to.
    void add_place(Line& line, VirtualAddress address) {
        const manifest::ImageView& image = root_.image.manifest();
        if (const auto hit = mapping_at(app_, image, address)) {
            add_mapping(line.text(", in "), image.mapping(app_.record, *hit), address);
            return;
        }
        std::optional<manifest::Mapping> below;
        for (std::uint32_t m = 0; m < app_.record.mappings.count; ++m) {
            const manifest::Mapping mapping = image.mapping(app_.record, m);
            if (mapping.address > address.value()) continue;
            if (!below || mapping.address > below->address) below = mapping;
        }
        if (!below) return;
        line.text(", ").hex(address.value() - below->address - below->size).text(" bytes past ");
        add_mapping(line, *below, address);
    }

    void add_mapping(Line& line, const manifest::Mapping& mapping, VirtualAddress address) {
        line.text(manifest::name_of(static_cast<manifest::MappingKind>(mapping.kind)));
        line.text(" ").hex(mapping.address).text("-").hex(mapping.address + mapping.size);
        std::uint8_t protection = mapping.access;
        if (static_cast<manifest::MappingSource>(mapping.source) ==
            manifest::MappingSource::Demand) {
            const Region* region = app_.pager.regions().find(address);
            line.text(region == nullptr ? ", where nothing is mapped" : "");
            protection = region == nullptr ? std::uint8_t{0} : region->protection;
        }
        line.text(" (").text((protection & manifest::access::read) != 0 ? "r" : "-");
        line.text((protection & manifest::access::write) != 0 ? "w" : "-");
        line.text((protection & manifest::access::execute) != 0 ? "x)" : "-)");
    }

    const Root& root_;
    const App& app_;
    msg::ControlWriter& console_;
};

}  // namespace

void report_crash(const Root& root, const App& app, const Crash& crash,
                  msg::ControlWriter& console) {
    CrashReport{root, app, console}.write(crash);
}

}  // namespace kos::rootserver
