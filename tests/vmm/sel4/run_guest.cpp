// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Runs a guest from a kernel and an initrd alone, under vmm.elf on seL4 under QEMU: a system image
// with one microVM and nothing of an OCI image. For tests of the VMM. The end of the
// guest's console is in the log, on standard error; the VMM's exit status is this program's: 125,
// as there is no container, and where what was used is not what was predicted.

#include "cli/kernel/install.hpp"
#include "cli/pack/image_builder.hpp"
#include "cli/report/manifest.hpp"
#include "cli/report/system_image.hpp"
#include "cli/run/qemu_target.hpp"
#include "cli/run/report.hpp"
#include "loader/elf/file.hpp"
#include "loader/plan/vmm.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <fstream>
#include <iterator>

namespace kos {
namespace {

struct Options {
    std::string kernel, initrd, command_line = "console=hvc0 earlycon quiet panic=-1";
    std::vector<std::string> disks;  ///< SERIAL=FILE
    std::uint64_t memory = std::uint64_t{256} << 20;
    std::string board = "qemu_virt_aarch64";
    std::uint32_t restarts = 0;
    std::uint64_t timeout = 300;
    std::string report;
};

class Printer final : public run::Listener {
   public:
    void app_output(std::uint8_t /*app*/, bool /*is_error*/, Bytes bytes) override {
        std::fwrite(bytes.data(), 1, bytes.size(), stdout);
        std::fflush(stdout);
    }
    void log(std::string_view line) override { say("kos: ", line); }
    void console(std::string_view line) override { say("kos: console: ", line); }

   private:
    static void say(const char* label, std::string_view line) {
        std::fprintf(stderr, "%s%.*s\n", label, static_cast<int>(line.size()), line.data());
    }
};

Outcome<std::vector<std::byte>> read_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) return fail(ErrorCode::File, path);
    const std::string content{std::istreambuf_iterator<char>{file}, {}};
    const Bytes bytes = as_bytes(content);
    return std::vector<std::byte>{bytes.begin(), bytes.end()};
}

class Packer {
   public:
    explicit Packer(const Options& options) : options_(options) {}

    Outcome<std::vector<std::byte>> pack() {
        using manifest::BlobKind;
        const std::string folder = std::string{KOS_TARGET_DIR} + "/";
        builder_.set_root_server(KOS_TRY(add(BlobKind::RootServer, folder + "rootserver.elf")));
        const auto elf = KOS_TRY(read_file(folder + "vmm.elf"));
        const auto file = must(elf::File::create(elf), "vmm.elf is an ELF file");
        const auto placed = must(plan::place_program(file), "vmm.elf fits in its place");
        std::vector<std::byte> pages(placed.blob_size);
        plan::write_pages(file, placed, pages);

        manifest::Vm guest;
        guest.memory = options_.memory;
        guest.vcpus = 1u;
        guest.kernel = KOS_TRY(add_guest_blob(BlobKind::GuestKernel, options_.kernel));
        guest.initrd = 1 + KOS_TRY(add_guest_blob(BlobKind::GuestInitrd, options_.initrd));
        guest.command_line = builder_.add_text(options_.command_line);
        std::vector<manifest::Disk> disks;
        for (const std::string& each : options_.disks) {
            const std::size_t equals = each.find('=');
            if (equals == std::string::npos) return fail(ErrorCode::Usage, "--disk " + each);
            manifest::Disk disk;
            disk.serial = builder_.add_text(each.substr(0, equals));
            disk.blob = KOS_TRY(add_guest_blob(BlobKind::Disk, each.substr(equals + 1)));
            disks.push_back(disk);
        }
        plan::VmmInputs inputs{.program = placed, .blobs = blobs_};
        inputs.program_blob = builder_.add_blob(BlobKind::Program, pages);
        inputs.guest_memory = options_.memory;
        const auto plan = plan::plan_vmm(inputs);
        if (!plan) return fail(ErrorCode::LayoutCollision, options_.kernel);

        manifest::App app;
        app.name = builder_.add_text("guest");
        app.kind = static_cast<std::uint8_t>(manifest::AppKind::MicroVm);
        app.priority = app.max_priority = 100;
        app.threads = 1u;
        app.entry = placed.entry.value();
        app.executable = app.host_name = builder_.add_text("vmm");
        app.objects = plan->objects;
        app.vm = builder_.add_vm(guest, disks, {});
        if (options_.restarts != 0) {
            app.restart = static_cast<std::uint8_t>(manifest::RestartPolicy::OnFailure);
            app.restart_limit = options_.restarts;
        }
        builder_.add_app(app, plan->mappings.items());
        return std::move(builder_).finish();
    }

   private:
    Outcome<std::uint32_t> add(manifest::BlobKind kind, const std::string& path) {
        return builder_.add_blob(kind, KOS_TRY(read_file(path)));
    }
    Outcome<std::uint32_t> add_guest_blob(manifest::BlobKind kind, const std::string& path) {
        auto content = KOS_TRY(read_file(path));
        const std::uint64_t size = content.size();
        const std::uint32_t number = builder_.add_blob(kind, std::move(content));
        blobs_.push_back({number, size, size >= pack::ImageBuilder::large_blob});
        return number;
    }

    const Options& options_;
    pack::ImageBuilder builder_;
    std::vector<plan::GuestBlob> blobs_;
};

Outcome<int> run_guest(const Options& options) {
    const auto image = KOS_TRY(Packer{options}.pack());
    const auto view = KOS_TRY(report::open_system_image(image, options.kernel));
    Printer printer;
    run::Session session{printer};
    run::QemuOptions target;
    target.board = options.board;
    target.target_folder = KOS_TARGET_DIR;
    target.timeout = std::chrono::seconds{options.timeout};
    const auto ran = run::run_in_qemu(image, target, session);
    if (!options.report.empty()) {
        std::ofstream{options.report} << report::printed(run::report_of(view, image, session));
    }
    if (!ran) return Err{ran.error()};
    const auto app = session.apps().find(0);
    if (app == session.apps().end() || !app->second.exit) {
        return fail(ErrorCode::Target, options.kernel, "the guest was not started");
    }
    const auto kernel = KOS_TRY(kernel::find_install(options.board, kernel::process_environment()));
    const auto predicted = report::to_json(report::predicted(view, 0, kernel.abi));
    const auto used = report::to_json(report::used(view, 0, app->second.usage.value()));
    if (predicted != used) {
        return fail(ErrorCode::Target, "prediction", predicted.dump() + " is not " + used.dump());
    }
    return run::exit_status_of(app->second.exit->status);
}

}  // namespace
}  // namespace kos

int main(int argc, char** argv) {
    CLI::App app{"Runs a guest on seL4 under QEMU"};
    kos::Options options;
    app.add_option("--kernel", options.kernel)->required();
    app.add_option("--initrd", options.initrd)->required();
    app.add_option("--append", options.command_line, "command line of the kernel");
    app.add_option("--disk", options.disks, "SERIAL=FILE")
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    app.add_option("--memory", options.memory)->transform(CLI::AsSizeValue(false));
    app.add_option("--board", options.board);
    app.add_option("--restarts", options.restarts, "most restarts after a failure");
    app.add_option("--timeout", options.timeout, "seconds");
    app.add_option("--report", options.report, "file for a report of what was used (JSON)");
    CLI11_PARSE(app, argc, argv);
    const auto status = kos::run_guest(options);
    if (status) return *status;
    std::fprintf(stderr, "kos-run-guest: %s\n", kos::to_string(status.error()).c_str());
    return 125;
}
