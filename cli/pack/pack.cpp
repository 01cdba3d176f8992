// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

#include "cli/pack/pack.hpp"

#include "cli/oci/labels.hpp"
#include "cli/pack/elf_error.hpp"
#include "cli/pack/image_builder.hpp"
#include "cli/pack/initrd.hpp"
#include "cli/pack/microvm.hpp"
#include "cli/pack/program.hpp"
#include "cli/pack/symbols.hpp"
#include "loader/plan/initial_stack.hpp"
#include "loader/plan/native.hpp"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace kos::pack {
namespace {

Outcome<std::string> read_file(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) return fail(ErrorCode::File, path.string());
    return std::string{std::istreambuf_iterator<char>{file}, {}};
}

Outcome<oci::AppSettings> settings_of(const oci::Image& image) {
    std::vector<oci::Label> spec;
    if (const auto path = oci::spec_path(image.config.labels)) {
        const std::string* content = image.rootfs.read(*path);
        if (content == nullptr) {
            return fail(ErrorCode::LabelValue, "com.koskit.app.spec",
                        "\"" + *path + "\" is no file of the image");
        }
        spec = KOS_TRY(oci::parse_spec(*content, *path));
    }
    return oci::parse_settings(image.config.labels, spec);
}

/// DESIGN.md, "Which kind an image is".
manifest::AppKind kind_of(const oci::AppSettings& settings, const PackOptions& options) {
    if (options.kind) return *options.kind;
    if (settings.kind) return *settings.kind;
    return settings.name ? manifest::AppKind::Native : manifest::AppKind::MicroVm;
}

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::vector<std::byte> copied(std::string_view text) {
    const Bytes bytes = as_bytes(text);
    return {bytes.begin(), bytes.end()};
}

/// What the initial stack will hold, as far as its size goes.
std::uint64_t argument_bytes(const Process& process) {
    const std::vector<std::string_view> arguments{process.arguments.begin(),
                                                  process.arguments.end()};
    const std::vector<std::string_view> environment{process.environment.begin(),
                                                    process.environment.end()};
    plan::InitialStack stack{};
    stack.arguments = plan::string_source(arguments);
    stack.environment = plan::string_source(environment);
    stack.executable = process.executable;
    return plan::initial_stack_bytes(stack);
}

/// One native app on its way into an image.
class NativePacker {
   public:
    NativePacker(const oci::AppSettings& settings, const Process& process, const Restart& restart,
                 ImageBuilder& builder)
        : settings_(settings), process_(process), restart_(restart), builder_(builder) {}

    Outcome<void> add(const oci::RootFs& rootfs, const TargetPrograms& programs) {
        program_ = KOS_TRY(prepare_program(as_bytes(*process_.program), process_.executable));
        libos_ = KOS_TRY(prepare_libos(as_bytes(programs.libos), "libos.elf"));
        std::vector<std::byte> initrd = KOS_TRY(make_initrd(rootfs));

        plan::NativeInputs inputs{.program = program_.image, .libos = libos_.image, .blobs = {}};
        inputs.stub_bytes = program_.stubs.size();
        inputs.initrd_bytes = initrd.size();
        inputs.initrd_on_large_page = initrd.size() >= ImageBuilder::large_blob;
        inputs.heap_pages = static_cast<std::uint32_t>(settings_.heap_pages);
        inputs.threads = static_cast<std::uint32_t>(settings_.threads);
        inputs.argument_bytes = argument_bytes(process_);
        inputs.blobs = add_blobs(std::move(initrd));
        inputs.earlier = builder_.mappings();
        const auto plan = plan::plan_native(inputs);
        if (!plan) return layout_error(process_.executable, plan.error());

        manifest::App app = describe(inputs);
        app.objects = plan->objects;
        builder_.add_app(app, plan->mappings.items());
        return {};
    }

   private:
    plan::BlobNumbers add_blobs(std::vector<std::byte> initrd) {
        using manifest::BlobKind;
        return {.program = builder_.add_blob(BlobKind::Program, program_.pages),
                .stubs = builder_.add_blob(BlobKind::Stubs, program_.stubs),
                .libos = builder_.add_blob(BlobKind::Libos, libos_.pages),
                .initrd = builder_.add_blob(BlobKind::Initrd, std::move(initrd))};
    }

    manifest::App describe(const plan::NativeInputs& inputs) {
        manifest::App app;
        const std::string binary = file_name(process_.executable);
        app.name = builder_.add_text(settings_.name.value_or(binary));
        app.kind = static_cast<std::uint8_t>(manifest::AppKind::Native);
        app.priority = static_cast<std::uint8_t>(settings_.priority);
        app.max_priority = static_cast<std::uint8_t>(settings_.max_priority);
        app.restart = static_cast<std::uint8_t>(restart_.policy);
        app.restart_limit = restart_.limit;
        app.restart_delay = restart_.delay;
        app.threads = inputs.threads;
        app.arguments = builder_.add_list(process_.arguments);
        app.environment = builder_.add_list(process_.environment);
        app.publishes = builder_.add_list(settings_.publishes);
        app.working_directory = builder_.add_text(process_.working_directory);
        app.executable = builder_.add_text(process_.executable);
        app.host_name = app.name;
        app.user = process_.user.user;
        app.group = process_.user.group;
        app.entry = program_.image.entry.value();
        app.libos_start = libos_.start;
        app.libos_thread_start = libos_.thread_start;
        app.program_headers = program_.program_headers;
        app.program_header_count = program_.program_header_count;
        app.program_header_size = sizeof(elf::format::ProgramHeader);
        app.load_bias = program_.image.bias;
        app.initrd_size = inputs.initrd_bytes;
        app.symbols = 1 + builder_.add_blob(manifest::BlobKind::Symbols,
                                            symbols_blob(program_.functions, libos_.functions));
        app.undo = 1 + builder_.add_blob(manifest::BlobKind::Undo, undo_blob(program_.undo));
        return app;
    }

    const oci::AppSettings& settings_;
    const Process& process_;
    const Restart& restart_;
    ImageBuilder& builder_;
    Program program_;
    Libos libos_;
};

/// What the image asks for that a Linux program has no use for.
std::vector<std::string> notes_on(const oci::ImageConfig& config,
                                  const oci::AppSettings& settings) {
    std::vector<std::string> notes;
    if (settings.untyped_large != 0 || settings.untyped_4k != 0) {
        notes.emplace_back(
            "ut_large_page and ut_4k_pages have no effect: a Linux program cannot use untypeds, so "
            "no memory is set aside for them");
    }
    if (!config.exposed_ports.empty()) {
        notes.emplace_back("ExposedPorts has no effect: a native app has no ports of the host");
    }
    return notes;
}

}  // namespace

std::optional<Restart> parse_restart(std::string_view text) {
    using manifest::RestartPolicy;
    if (text == "no") return Restart{};
    if (text == "always") return Restart{.policy = RestartPolicy::Always};
    constexpr std::string_view on_failure = "on-failure";
    if (!text.starts_with(on_failure)) return std::nullopt;
    Restart restart{.policy = RestartPolicy::OnFailure};
    text.remove_prefix(on_failure.size());
    if (text.empty()) return restart;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + 1, end, restart.limit);
    const bool whole = text.front() == ':' && error == std::errc{} && stop == end;
    return whole && restart.limit != 0 ? std::optional{restart} : std::nullopt;
}

Outcome<TargetPrograms> load_target_programs(const std::string& folder) {
    const std::filesystem::path path{folder};
    std::string root_server = KOS_TRY(read_file(path / "rootserver.elf"));
    std::string libos = KOS_TRY(read_file(path / "libos.elf"));
    std::string vmm = KOS_TRY(read_file(path / "vmm.elf"));
    return TargetPrograms{std::move(root_server), std::move(libos), std::move(vmm)};
}

Outcome<Packed> pack(oci::Image image, const PackOptions& options, const TargetPrograms& programs,
                     const GuestSource& guests) {
    const oci::AppSettings settings = KOS_TRY(settings_of(image));
    const bool is_microvm = kind_of(settings, options) == manifest::AppKind::MicroVm;
    if (is_microvm && !guests) {
        return fail(ErrorCode::Unsupported, image.name, "there is nothing to make a guest of");
    }
    const Process process = KOS_TRY(make_process(image, settings, options.process));
    ImageBuilder builder;
    builder.set_root_server(
        builder.add_blob(manifest::BlobKind::RootServer, copied(programs.root_server)));
    if (is_microvm) {
        if (settings.vm_kernel) {
            return fail(ErrorCode::Unsupported, "com.koskit.vm.kernel",
                        "guests have one kernel for all; KOS_GUEST_KERNEL names its folder");
        }
        GuestSupply supply = KOS_TRY(guests());
        KOS_TRY(add_microvm({settings, process, options.restart}, std::move(image), programs.vmm,
                            supply.programs, supply.seccomp_profile, builder));
        auto bytes = KOS_TRY(std::move(builder).finish());
        return Packed{std::move(bytes), std::move(supply.notes)};
    }
    image.rootfs.make_directories(process.working_directory);
    KOS_TRY(
        (NativePacker{settings, process, options.restart, builder}.add(image.rootfs, programs)));
    auto bytes = KOS_TRY(std::move(builder).finish());
    return Packed{std::move(bytes), notes_on(image.config, settings)};
}

}  // namespace kos::pack
