// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// `kos run` of the hello image, from the start of the process to its end: packing, boot, the app,
// teardown. Wall-clock time; the images are those of tests/images.
#include <benchmark/benchmark.h>

#include <array>
#include <fcntl.h>
#include <filesystem>
#include <spawn.h>
#include <string>
#include <sys/wait.h>

namespace {

const std::string image = KOS_TEST_IMAGES "/hello-umoci";

/// The exit status of `kos run IMAGE`, its output discarded; -1 where it did not exit.
int run_kos() {
    std::string command = KOS_COMMAND;
    std::string verb = "run";
    std::string reference = "oci:" + image;
    std::array<char*, 4> arguments{command.data(), verb.data(), reference.data(), nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    pid_t process = -1;
    int status = -1;
    const int error =
        posix_spawn(&process, command.c_str(), &actions, nullptr, arguments.data(), environ);
    if (error == 0) waitpid(process, &status, 0);
    posix_spawn_file_actions_destroy(&actions);
    return error == 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void hello(benchmark::State& state) {
    if (!std::filesystem::exists(image)) {
        state.SkipWithError("there are no images: build the target test-images");
        return;
    }
    for (auto _ : state) {
        if (run_kos() != 0) {
            state.SkipWithError("kos run failed");
            return;
        }
    }
}
BENCHMARK(hello)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
