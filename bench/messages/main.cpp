// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// Runs the messages program on one kernel:
//   messages_driver sim|sel4 call|fault ROUNDS
// Exits with 0 once all messages were exchanged. What that costs is for the caller to see: the CPU
// time of this process and its children.
#include "bench/messages/parameters.hpp"
#include "cli/pack/image_builder.hpp"
#include "tests/contract/run.hpp"

#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

namespace {

using namespace kos;  // NOLINT(google-build-using-namespace): a program's own file

constexpr std::chrono::seconds limit{600};

Outcome<std::vector<std::byte>> make_image(const bench::MessageParameters& parameters) {
    const std::string path = KOS_TARGET_DIR "/messages.elf";
    std::ifstream file{path, std::ios::binary};
    std::string program{std::istreambuf_iterator<char>{file}, {}};
    const std::size_t at = program.find({parameters.magic.data(), parameters.magic.size()});
    if (at == std::string::npos) return fail(ErrorCode::ElfInvalid, path, "it has no parameters");
    std::memcpy(program.data() + at, &parameters, sizeof(parameters));
    const Bytes bytes = as_bytes(program);
    pack::ImageBuilder builder;
    builder.set_root_server(
        builder.add_blob(manifest::BlobKind::RootServer, {bytes.begin(), bytes.end()}));
    return std::move(builder).finish();
}

Outcome<contract::Transcript> run(const std::string& target,
                                  const bench::MessageParameters& parameters) {
    const auto image = KOS_TRY(make_image(parameters));
    if (target == "sim") return contract::run_in_simulator(image, {.limit = limit});
    const auto kernel =
        KOS_TRY(kernel::find_install("qemu_virt_aarch64", kernel::process_environment()));
    return contract::run_on_sel4(image, kernel, KOS_TARGET_DIR, limit);
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() != 3) {
        std::cerr << "usage: messages_driver sim|sel4 call|fault ROUNDS\n";
        return 2;
    }
    bench::MessageParameters parameters;
    parameters.faults = words[1] == "fault" ? 1 : 0;
    parameters.rounds = std::stoull(words[2]);
    const auto transcript = run(words[0], parameters);
    if (!transcript) {
        std::cerr << to_string(transcript.error()) << '\n';
        return 1;
    }
    for (const std::string& line : transcript->lines()) {
        if (line == "end") return 0;
        std::cerr << line << '\n';
    }
    return 1;
}
