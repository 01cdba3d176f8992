// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/boot/device_tree.hpp"

#include "rootserver/boot/device_tree_tokens.hpp"

namespace kos::rootserver {

namespace {

// Offsets in the header, §5.2; all are big-endian cells.
constexpr std::uint64_t at_magic = 0, at_total_size = 4, at_structure = 8, at_strings = 12,
                        at_last_compatible = 24, at_strings_size = 32, at_structure_size = 36;
constexpr std::uint64_t header_size = 40;
constexpr std::uint32_t magic = 0xd00dfeed;
constexpr std::uint32_t version = 17;
constexpr unsigned depth_of_root_children = 1;

bool is_named(const Token& node, std::string_view name) {
    if (!node.name.starts_with(name)) return false;
    return node.name.size() == name.size() || node.name[name.size()] == '@';
}

/// Whether \p name is one of the NUL-terminated strings of a `compatible` property.
bool lists(Bytes property, std::string_view name) {
    std::string_view rest = as_text(property);
    while (!rest.empty()) {
        const std::size_t end = rest.find('\0');
        if (rest.substr(0, end) == name) return true;
        if (end == std::string_view::npos) return false;
        rest.remove_prefix(end + 1);
    }
    return false;
}

}  // namespace

Result<DeviceTree, DeviceTreeError> DeviceTree::create(Bytes blob) {
    if (blob.size() < header_size) return Err{DeviceTreeError::Truncated};
    const auto header = [&](std::uint64_t offset) { return read_cell(blob, offset).value_or(0); };
    if (header(at_magic) != magic) return Err{DeviceTreeError::Magic};
    if (header(at_last_compatible) > version) return Err{DeviceTreeError::Version};
    const auto tree = slice(blob, 0, header(at_total_size));
    if (!tree) return Err{DeviceTreeError::Truncated};
    const auto structure = slice(*tree, header(at_structure), header(at_structure_size));
    const auto strings = slice(*tree, header(at_strings), header(at_strings_size));
    if (!structure || !strings) return Err{DeviceTreeError::Blocks};
    return DeviceTree{*structure, *strings};
}

std::optional<Bytes> DeviceTree::property(std::string_view node, std::string_view name) const {
    TokenReader reader{structure_, strings_};
    bool in_node = false;
    while (const auto token = reader.next()) {
        if (token->depth != depth_of_root_children) continue;
        if (token->kind == TokenKind::BeginNode) in_node = is_named(*token, node);
        if (in_node && token->kind == TokenKind::Property && token->name == name) {
            return token->value;
        }
    }
    return std::nullopt;
}

std::optional<DeviceTree::Child> DeviceTree::find(std::string_view compatible) const {
    TokenReader reader{structure_, strings_};
    Child child;
    while (const auto token = reader.next()) {
        if (token->depth != depth_of_root_children) continue;
        if (token->kind == TokenKind::BeginNode) child = {};
        if (token->name == "compatible") child.matches = lists(token->value, compatible);
        if (token->name == "reg") child.registers = token->value;
        if (token->name == "interrupts") child.interrupts = token->value;
        if (token->kind == TokenKind::EndNode && child.matches) return child;
    }
    return std::nullopt;
}

std::uint64_t DeviceTree::root_cells(std::string_view name, std::uint64_t otherwise) const {
    TokenReader reader{structure_, strings_};
    while (const auto token = reader.next()) {
        if (token->depth == 0 && token->name == name) {
            return read_cell(token->value, 0).value_or(0);
        }
    }
    return otherwise;
}

std::optional<PhysicalAddress> DeviceTree::registers_of(std::string_view compatible,
                                                        unsigned range) const {
    const auto child = find(compatible);
    if (!child) return std::nullopt;
    // The defaults where the root says nothing, §2.3.5.
    const std::uint64_t address_bytes = root_cells("#address-cells", 2) * sizeof(std::uint32_t);
    const std::uint64_t size_bytes = root_cells("#size-cells", 1) * sizeof(std::uint32_t);
    const auto address =
        slice(child->registers, range * (address_bytes + size_bytes), address_bytes);
    const auto number = address ? cells_as_number(*address) : std::nullopt;
    if (!number) return std::nullopt;
    return PhysicalAddress{*number};
}

std::optional<unsigned> DeviceTree::interrupt_of(std::string_view compatible) const {
    constexpr unsigned first_private = 16, first_shared = 32, gic_limit = 1020;
    const auto child = find(compatible);
    if (!child) return std::nullopt;
    const auto kind = read_cell(child->interrupts, 0);
    const auto number = read_cell(child->interrupts, 4);
    if (!kind || !number || *kind > 1 || *number >= gic_limit) return std::nullopt;
    return (*kind == 0 ? first_shared : first_private) + *number;
}

std::optional<std::uint64_t> cells_as_number(Bytes property) {
    const auto first = read_cell(property, 0);
    if (!first) return std::nullopt;
    if (property.size() == 4) return *first;
    const auto second = read_cell(property, 4);
    if (property.size() != 8 || !second) return std::nullopt;
    return std::uint64_t{*first} << 32 | *second;
}

}  // namespace kos::rootserver
