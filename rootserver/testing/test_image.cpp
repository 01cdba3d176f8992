// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "rootserver/testing/test_image.hpp"

#include "lib/base/crc32.hpp"
#include "lib/manifest/view.hpp"
#include "lib/message/layout.hpp"
#include "loader/plan/message_server.hpp"

#include <cstring>

namespace kos::rootserver::testing {

namespace {

using manifest::BlobKind;

constexpr std::uint32_t manifest_size = 4 * page_size;
constexpr std::uint64_t program_bytes = 2 * page_size + program_data_bytes;

struct Builder {
    std::vector<manifest::Blob> blobs;
    std::vector<manifest::App> apps;
    std::vector<manifest::Mapping> mappings;
    std::vector<manifest::StringRef> strings;
    std::vector<manifest::Dependency> dependencies;
    std::uint32_t flags = 0;
    std::string text;
    std::vector<std::byte> content = std::vector<std::byte>(manifest_size);

    std::uint32_t add_blob(BlobKind kind, const std::vector<std::byte>& bytes) {
        manifest::Blob blob;
        blob.kind = static_cast<std::uint8_t>(kind);
        if (bytes.size() >= large_page_size) {
            content.resize(*align_up<std::uint64_t>(content.size(), large_page_size));
        }
        blob.offset = content.size();
        blob.size = bytes.size();
        content.insert(content.end(), bytes.begin(), bytes.end());
        content.resize(pages_for(content.size()) * page_size);
        blobs.push_back(blob);
        return static_cast<std::uint32_t>(blobs.size() - 1);
    }
    manifest::StringRef add_text(std::string_view value) {
        const auto offset = static_cast<std::uint32_t>(text.size());
        text.append(value).push_back('\0');
        return {offset, static_cast<std::uint32_t>(value.size())};
    }
    manifest::StringList add_list(const std::vector<std::string>& values) {
        const auto first = static_cast<std::uint32_t>(strings.size());
        for (const std::string& value : values) strings.push_back(add_text(value));
        return {first, static_cast<std::uint32_t>(values.size())};
    }

    template <class Elements>
    manifest::Table put(std::uint64_t& offset, const Elements& elements) {
        const Bytes bytes = std::as_bytes(std::span{elements.data(), elements.size()});
        std::memcpy(content.data() + offset, bytes.data(), bytes.size());
        const manifest::Table table{static_cast<std::uint32_t>(offset),
                                    static_cast<std::uint32_t>(elements.size())};
        offset += bytes.size();
        return table;
    }

    std::vector<std::byte> finish() {
        manifest::ImageHeader header;
        std::uint64_t offset = sizeof(header);
        header.blobs = put(offset, blobs);
        header.apps = put(offset, apps);
        header.mappings = put(offset, mappings);
        header.dependencies = put(offset, dependencies);
        header.flags = flags;
        header.strings = put(offset, strings);
        header.text = put(offset, text);
        if (offset > manifest_size) panic("test image: the manifest is too large");
        header.image_size = content.size();
        header.manifest_size = manifest_size;
        std::memcpy(content.data(), &header, sizeof(header));
        header.manifest_crc = crc32(Bytes{content}.first(manifest_size).subspan(0x10));
        std::memcpy(content.data(), &header, sizeof(header));
        return content;
    }
};

plan::PlacedSegment segment(VirtualAddress address, std::uint64_t size, std::uint64_t blob_offset,
                            std::uint64_t blob_size, bool writable, bool executable) {
    return {.address = address,
            .size = size,
            .blob_offset = blob_offset,
            .blob_size = blob_size,
            .segment = {.address = address,
                        .memory_size = size,
                        .file_offset = blob_offset,
                        .file_size = blob_size,
                        .alignment = page_size,
                        .readable = true,
                        .writable = writable,
                        .executable = executable}};
}

plan::PlacedImage placed_program() {
    plan::PlacedImage image{.bias = 0,
                            .entry = program_text,
                            .blob_size = program_bytes,
                            .relro_end = {},
                            .segments = {}};
    (void)image.segments.push_back(
        segment(program_text, 2 * page_size, 0, 2 * page_size, false, true));
    (void)image.segments.push_back(
        segment(program_data, 3 * page_size, 2 * page_size, program_data_bytes, true, false));
    return image;
}

plan::PlacedImage placed_libos() {
    plan::PlacedImage image{
        .bias = 0, .entry = libos_start, .blob_size = page_size, .relro_end = {}, .segments = {}};
    (void)image.segments.push_back(segment(libos_text, page_size, 0, page_size, false, true));
    return image;
}

std::vector<std::byte> symbols() {
    constexpr std::uint32_t names = 8 + 2 * sizeof(manifest::Symbol);
    const Le32 head[] = {2, 0};
    const manifest::Symbol table[] = {{program_text.value(), 0x100, names},
                                      {program_text.value() + 0x100, 0x100, names + 6}};
    std::vector<std::byte> bytes;
    const auto append = [&bytes](Bytes part) {
        bytes.insert(bytes.end(), part.begin(), part.end());
    };
    append(std::as_bytes(std::span{head}));
    append(std::as_bytes(std::span{table}));
    append(as_bytes(std::string_view{"start\0middle", 13}));
    return bytes;
}

void add_mappings(Builder& builder, manifest::App& app, std::span<const manifest::Mapping> added) {
    app.mappings = {static_cast<std::uint32_t>(builder.mappings.size()),
                    static_cast<std::uint32_t>(added.size())};
    builder.mappings.insert(builder.mappings.end(), added.begin(), added.end());
}

void add_server(Builder& builder, const TestApp& options, std::uint32_t program_blob,
                std::uint32_t members) {
    const plan::PlacedImage program = placed_program();
    plan::MessageServerInputs inputs{.program = program, .program_blob = program_blob};
    inputs.plan_blob = builder.add_blob(BlobKind::MessagePlan, std::vector<std::byte>(page_size));
    inputs.plan_bytes = page_size;
    inputs.members = members;
    inputs.lanes = message::lane_count(members);
    const auto made = must(plan::plan_message_server(inputs), "a test server can be laid out");
    manifest::App app;
    app.name = app.host_name = app.executable = builder.add_text(options.name);
    app.kind = static_cast<std::uint8_t>(manifest::AppKind::MessageServer);
    app.priority = app.max_priority = manifest::priority_ceiling;
    app.threads = 1u;
    app.working_directory = builder.add_text("/");
    app.entry = program_text.value();
    app.objects = made.objects;
    add_mappings(builder, app, made.mappings.items());
    builder.apps.push_back(app);
}

/// Of the app that comes next, where the first is a message server.
std::vector<manifest::Mapping> lent_to_next(const Builder& builder) {
    if (builder.apps.empty() ||
        builder.apps[0].kind != static_cast<std::uint8_t>(manifest::AppKind::MessageServer)) {
        return {};
    }
    const auto member = static_cast<std::uint32_t>(builder.apps.size() - 1);
    return {plan::lent_area(0, member, 0), plan::lane_places(0, 0)};
}

void add_app(Builder& builder, const TestApp& options, const plan::BlobNumbers& blobs,
             std::uint32_t symbol_blob) {
    const plan::PlacedImage program = placed_program();
    const plan::PlacedImage libos = placed_libos();
    const std::vector<manifest::Mapping> lent = lent_to_next(builder);
    const plan::NativePlan made =
        must(plan::plan_native({.program = program,
                                .libos = libos,
                                .blobs = blobs,
                                .stub_bytes = page_size,
                                .initrd_bytes = options.initrd_bytes,
                                .initrd_on_large_page = options.initrd_bytes >= large_page_size,
                                .heap_pages = options.heap_pages,
                                .threads = options.threads,
                                .argument_bytes = 512,
                                .lent = lent,
                                .earlier = builder.mappings}),
             "a test app can be laid out");

    manifest::App app;
    app.name = builder.add_text(options.name);
    app.kind = static_cast<std::uint8_t>(manifest::AppKind::Native);
    app.priority = 180;
    app.max_priority = 190;
    app.threads = options.threads;
    app.restart = static_cast<std::uint8_t>(options.restart);
    app.restart_limit = options.restart_limit;
    app.restart_delay = options.restart_delay;
    app.restart_delay_most = options.restart_delay_most;
    app.restart_window = options.restart_window;
    app.period = options.period;
    app.readiness = static_cast<std::uint8_t>(options.readiness);
    app.ready_within = options.ready_within;
    app.stop_grace = options.stop_grace;
    app.dependencies = {static_cast<std::uint32_t>(builder.dependencies.size()),
                        static_cast<std::uint32_t>(options.depends_on.size())};
    builder.dependencies.insert(builder.dependencies.end(), options.depends_on.begin(),
                                options.depends_on.end());
    app.arguments = builder.add_list(options.arguments);
    app.environment = builder.add_list(options.environment);
    app.working_directory = builder.add_text("/");
    app.executable = builder.add_text("/program");
    app.host_name = builder.add_text(options.host);
    add_mappings(builder, app, made.mappings.items());
    app.entry = program_text.value();
    app.libos_start = libos_start.value();
    app.libos_thread_start = libos_thread_start.value();
    app.program_headers = program_text.value();
    app.initrd_size = options.initrd_bytes;
    app.symbols = symbol_blob + 1;
    app.objects = made.objects;
    builder.apps.push_back(app);
}

}  // namespace

std::vector<std::byte> make_test_image(const std::vector<TestApp>& apps, std::uint32_t flags) {
    Builder builder;
    builder.flags = flags;
    const auto pattern = [](std::uint64_t size) {
        std::vector<std::byte> bytes(size);
        for (std::uint64_t i = 0; i < size; ++i) bytes[i] = program_byte(i);
        return bytes;
    };

    builder.add_blob(BlobKind::RootServer, std::vector<std::byte>(64));
    const plan::BlobNumbers blobs{
        .program = builder.add_blob(BlobKind::Program, pattern(program_bytes)),
        .stubs = builder.add_blob(BlobKind::Stubs, std::vector<std::byte>(page_size)),
        .libos = builder.add_blob(BlobKind::Libos, std::vector<std::byte>(page_size)),
        .initrd = builder.add_blob(BlobKind::Initrd, pattern(apps.at(0).initrd_bytes)),
    };
    const std::uint32_t symbol_blob = builder.add_blob(BlobKind::Symbols, symbols());
    for (const TestApp& app : apps) {
        if (app.is_message_server) {
            add_server(builder, app, blobs.program, static_cast<std::uint32_t>(apps.size() - 1));
        } else {
            add_app(builder, app, blobs, symbol_blob);
        }
    }
    return builder.finish();
}

}  // namespace kos::rootserver::testing
