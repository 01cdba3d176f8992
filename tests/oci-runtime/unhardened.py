#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Takes one protection after another out of the runtime, and sees that the tests of that attack fail.

Usage: unhardened.py [--check] [NAME...]    --check only looks whether every change still applies
"""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

# Name: the changes (file, text, instead of it), the tests that have to fail.
CHANGES = {
    "own binary (CVE-2019-5736)": (
        [("cli/early_start.cpp", "if (stack[0] < 1 || !may_fork_container(argv)) return;", "return;"),
         ("process/own_binary.cpp", "if (is_protected(binary)) return {};", "return {};")],
        ["OwnBinary.test_the_file_that_a_container_waits_in_is_read_only"]),
    "proc behind a link (CVE-2019-16884, CVE-2019-19921, CVE-2023-27561)": (
        [("rootfs/mounter.cpp", 'mount.type == "proc" || mount.type == "sysfs" ? Links::Refuse : Links::Follow',
          'mount.type == "" ? Links::Refuse : Links::Follow')],
        ["Proc.test_proc_behind_a_link_is_refused"]),
    "resolution within the root (CVE-2021-30465)": (
        [("rootfs/root_directory.cpp", "    if (!openat2_refused) {",
          "    return sys::open(AT_FDCWD, (sys::path_of(root) + \"/\" + std::string{path}).c_str(), O_PATH);\n"
          "    if (!openat2_refused) {")],
        ["Paths.test_links_to_what_the_host_has_lead_into_the_root", "Paths.test_a_racing_link_takes_no_mount_outside"]),
    "resolution within the root without openat2": (
        [("rootfs/root_directory.cpp", "    return Walk{root, links, Missing::Fail, 0}.to(path);",
          "    return sys::open(AT_FDCWD, (sys::path_of(root) + \"/\" + std::string{path}).c_str(), O_PATH);")],
        ["WithoutOpenat2.test_links_to_what_the_host_has_lead_into_the_root"]),
    "inheritable capabilities of exec (CVE-2022-27650)": (
        [("process/container_exec.cpp", "sets.inheritable = 0;", "sets.inheritable = sets.permitted;")],
        ["Leaks.test_exec_has_no_inheritable_capabilities"]),
    "working directory (CVE-2024-21626)": (
        [("process/credentials.cpp", "if (inside && *inside) return {};", "return {};"),
         ("rootfs/rootfs.cpp", "if (!cwd && !(cwd.error() == EACCES)) {", "if (!cwd && cwd.error() == EINVAL) {")],
        ["Paths.test_working_directories_outside_are_refused", "Paths.test_exec_in_a_leaked_directory_is_refused"]),
    "descriptors (CVE-2024-21626)": (
        [("process/program.cpp", "{ ::close_range(3 + preserved, ~0u, CLOSE_RANGE_CLOEXEC); }",
          "{ static_cast<void>(preserved); }"),
         ("process/program.cpp", "    std::ranges::sort(kept);", "    return;\n    std::ranges::sort(kept);")],
        ["Leaks.test_no_descriptor_comes_along"]),
    "what masks, in a race (CVE-2025-31133)": (
        [("rootfs/masks.cpp", "class Covers {", "static sys::Fd unhardened = -1;\nclass Covers {"),
         ("rootfs/masks.cpp", "    Covers covers;", "    Covers covers;\n    unhardened = root.fd();"),
         ("rootfs/masks.cpp", "        const UniqueFd cover = KOS_TRY(sys::clone_mount(null_.get(), \"\", false));\n"
          "        return sys::attach(cover.get(), target.get());\n    }\n\n    sys::Result<void> cover_directory",
          "        const std::string path = sys::path_of(unhardened) + \"/dev/null\";\n"
          "        const UniqueFd cover = KOS_TRY(sys::clone_mount(AT_FDCWD, path.c_str(), false));\n"
          "        return sys::attach(cover.get(), target.get());\n    }\n\n    sys::Result<void> cover_directory")],
        ["Masks.test_masked_files_stay_masked_in_a_race"]),
    "console (CVE-2025-52565)": (
        [("rootfs/console.cpp", "O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0620", "O_RDONLY | O_CREAT, 0620"),
         ("rootfs/console.cpp", '"console", O_PATH | O_NOFOLLOW', '"console", O_PATH')],
        ["Masks.test_a_linked_console_makes_no_file_of_the_host"]),
    "a procfs of the runtime's own (CVE-2025-52881)": (
        [("process/container_init.cpp", "        KOS_TRY(apply_sysctls(linux_config(), proc));\n        KOS_TRY(build_root());",
          "        KOS_TRY(build_root());\n"
          "        KOS_TRY(apply_sysctls(linux_config(), KOS_TRY(PrivateProc::open())));"),
         ("rootfs/private_proc.cpp", "    auto fresh = new_procfs();",
          "    return PrivateProc{sys::open(AT_FDCWD, \"/proc\", O_PATH | O_DIRECTORY).value()};\n"
          "    auto fresh = new_procfs();"),
         ("rootfs/private_proc.cpp", "return type && *type == PROC_SUPER_MAGIC;", "return true || (type && *type == PROC_SUPER_MAGIC);")],
        ["Proc.test_a_fake_proc_gets_no_writes"]),
    "sysctls of the host": (
        [("rootfs/private_proc.cpp", '    return fail(where, "is not confined to a namespace");', "    return {};")],
        ["Proc.test_sysctls_of_the_host_are_refused"]),
    "groups of the caller": (
        [("process/credentials.cpp", "    KOS_TRY(set_groups(user, proc));", "    static_cast<void>(set_groups), static_cast<void>(proc);")],
        ["Leaks.test_supplementary_groups_of_the_caller_are_dropped"]),
    "session keyring": (
        [("process/credentials.cpp", "if (name.empty()) return {};", "return {};")],
        ["Leaks.test_the_session_keyring_is_a_new_one"]),
    "environment of the caller": (
        [("process/program.cpp", "::execve(program.path.c_str(), args.data(), environment.data());",
          "static_cast<void>(environment), ::execve(program.path.c_str(), args.data(), environ);")],
        ["Leaks.test_the_environment_of_the_caller_stays_outside"]),
    "filter before privileges are dropped": (
        [("process/credentials.cpp", "if (plan.seccomp && !process.no_new_privileges) {", "if (false) {"),
         ("process/container_init.cpp", "return plan_.seccomp && config().process->no_new_privileges;",
          "return plan_.seccomp.has_value();")],
        ["Leaks.test_a_filter_is_there_without_no_new_privileges"]),
    "filter last with no_new_privs": (
        [("process/credentials.cpp", "if (plan.seccomp && !process.no_new_privileges) {", "if (plan.seccomp) {")],
        ["Leaks.test_a_filter_with_no_new_privileges_denies_nothing_to_the_runtime"]),
    "dumpable processes": (
        [("process/container_init.cpp", "        ::prctl(PR_SET_DUMPABLE, 0);\n", ""),
         ("process/namespaces.cpp", "prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)", "prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)")],
        ["Leaks.test_the_runtimes_processes_cannot_be_looked_into"]),
}


def changed(text, old, new, where):
    if text.count(old) != 1:
        sys.exit(f"unhardened: {where}: the text to change stands there {text.count(old)} times: {old}")
    return text.replace(old, new)


def apply(edits, tree):
    """Writes the changed files; what they were."""
    before = {}
    for name, old, new in edits:
        path = f"{tree}/oci-runtime/{name}"
        with open(path) as file:
            text = file.read()
        before.setdefault(path, text)
        text = changed(text, old, new, name)
        with open(path, "w") as file:
            file.write(text)
    return before


def build(tree):
    made = subprocess.run(["cmake", "--build", f"{tree}/build", "--target", "kos-oci"], capture_output=True, text=True)
    if made.returncode:
        sys.exit(f"unhardened: {made.stdout[-3000:]}")


def fails(tree, test):
    """Whether the test fails, and is not merely skipped."""
    ran = subprocess.run([sys.executable, f"{HERE}/hardening_test.py", test], capture_output=True, text=True,
                         # A race ends with its first loss, which on a busy machine is some way off.
                         env={"KOS_OCI_DENY": f"{ROOT}/build/dev/tests/oci-runtime/deny_openat2",
                              "KOS_OCI_ROUNDS": "600", **os.environ,
                              "KOS_OCI": f"{tree}/build/oci-runtime/cli/kos-oci"})
    return ran.returncode == 1 and "FAILED" in ran.stderr


def main():
    words = sys.argv[1:]
    tree = tempfile.mkdtemp(prefix="kos-unhardened-")
    try:
        for name in ("cmake", "lib", "oci-runtime"):
            shutil.copytree(f"{ROOT}/{name}", f"{tree}/{name}")
        for name in ("CMakeLists.txt", "CMakePresets.json"):
            shutil.copy(f"{ROOT}/{name}", tree)
        if "--check" in words:
            for edits, _ in CHANGES.values():
                for path, text in apply(edits, tree).items():
                    with open(path, "w") as file:
                        file.write(text)
            print(f"{len(CHANGES)} changes apply")
            return
        # Taking something out leaves names unused: no -Werror.
        subprocess.run(["cmake", "--preset", "dev", "-S", tree, "-B", f"{tree}/build", "-DKOS_FOLDERS=lib;oci-runtime",
                        "-DBUILD_TESTING=OFF", "-DKOS_WERROR=OFF"], check=True, capture_output=True)
        passed = failed = 0
        for name, (edits, tests) in CHANGES.items():
            if words and name not in words:
                continue
            before = apply(edits, tree)
            build(tree)
            for test in tests:
                noticed = fails(tree, test)
                print(f"{'noticed' if noticed else 'NOT NOTICED'}: {name}: {test}", flush=True)
                passed, failed = passed + noticed, failed + (not noticed)
            for path, text in before.items():
                with open(path, "w") as file:
                    file.write(text)
        print(f"{passed} passed, {failed} failed")
        sys.exit(failed != 0)
    finally:
        shutil.rmtree(tree)


if __name__ == "__main__":
    main()
