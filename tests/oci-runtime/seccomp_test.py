#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Filters that were compiled before: beside config.json, or in the cache. A container must not be able to tell,
and nobody but its owner can slip another filter in."""
import os
import struct
import zlib

from bundles import Case, main

HEADER = struct.Struct("<8s32sII")
ALLOW, FORBIDDEN = 0x7fff0000, 0x00050000 | 13


def profile(errno=1):
    """mkdir(2) fails with `errno`."""
    return {"defaultAction": "SCMP_ACT_ALLOW",
            "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": errno}]}


def key_of(path):
    with open(path, "rb") as file:
        return HEADER.unpack(file.read(HEADER.size))[1]


def forge(path, key):
    """A well-formed file for `key` whose filter does something that no profile of these tests asks for:
    sethostname(2), number 170 or 161, fails with EACCES."""
    number = {"x86_64": 170, "aarch64": 161}[os.uname().machine]
    code = b"".join(struct.pack("<HBBI", *step) for step in (
        (0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, FORBIDDEN), (0x06, 0, 0, ALLOW)))
    with open(path, "wb") as file:
        file.write(HEADER.pack(b"KOSBPF\0\1", key, len(code) // 8, zlib.crc32(code)) + code)
    os.chmod(path, 0o600)


class Seccomp(Case):
    # EPERM of the profile, EACCES of the forged filter.
    SCRIPT = "mkdir /tmp/new 2>&1; hostname other 2>&1 && echo named"
    PROFILE = "mkdir: can't create directory '/tmp/new': Operation not permitted\nnamed\n"
    FORGED = "hostname: sethostname: Permission denied\n"

    def setUp(self):
        super().setUp()
        self.config["linux"]["seccomp"] = profile()
        for kind in self.config["process"]["capabilities"].values():
            kind.append("CAP_SYS_ADMIN")
        self.file = os.path.join(self.folder, "seccomp.bpf")
        self.cache = os.path.join(self.folder, "cache")

    def command(self, *words):
        return super().command("--seccomp-cache", self.cache, *words)

    def compile(self, *words):
        self.write_config()
        result = self.runtime("compile-seccomp", "--bundle", self.folder, *words)
        self.assertEqual(0, result.returncode, result.stderr)
        return result

    def entry(self):
        names = os.listdir(self.cache) if os.path.isdir(self.cache) else []
        self.assertEqual(1, len(names))
        return os.path.join(self.cache, names[0])

    def expect(self, output, error=""):
        self.config["process"]["args"] = ["/bin/sh", "-c", self.SCRIPT]
        if os.path.isdir(os.path.join(self.rootfs, "tmp/new")):
            os.rmdir(os.path.join(self.rootfs, "tmp/new"))
        result = self.run_container()
        self.assertEqual(output, result.stdout, result.stderr)
        self.assertIn(error, result.stderr)
        if not error:
            self.assertEqual("", result.stderr)

    def test_a_filter_compiled_ahead_does_what_the_profile_says(self):
        self.expect(self.PROFILE)
        self.compile()
        self.expect(self.PROFILE)

    def test_a_filter_of_the_bundle_is_what_is_loaded(self):
        self.compile()
        forge(self.file, key_of(self.file))
        self.expect(self.FORGED)
        identity = self.started()
        result = self.runtime("exec", identity, "/bin/hostname", "other")
        self.assertEqual(self.FORGED, result.stderr)

    def test_a_filter_of_another_profile_is_not_used(self):
        self.compile()
        forge(self.file, key_of(self.file))
        self.config["linux"]["seccomp"] = profile(errno=22)
        self.expect(self.PROFILE.replace("Operation not permitted", "Invalid argument"), "seccomp.bpf: not used")

    def test_a_filter_of_another_machine_is_not_used(self):
        other = {"x86_64": "aarch64", "aarch64": "x86_64"}[os.uname().machine]
        self.compile()
        own = key_of(self.file)
        self.compile("--machine", other)
        self.assertNotEqual(own, key_of(self.file))
        self.expect(self.PROFILE, "seccomp.bpf: not used")

    def test_a_filter_that_others_could_have_written_is_not_used(self):
        self.compile()
        forge(self.file, key_of(self.file))
        for change, undo in ((lambda: os.chmod(self.file, 0o666), lambda: os.chmod(self.file, 0o600)),
                             (lambda: os.chown(self.file, 1234, 1234), lambda: os.chown(self.file, 0, 0)),
                             (lambda: os.symlink(os.rename(self.file, self.file + ".real") or "seccomp.bpf.real",
                                                 self.file), lambda: os.rename(self.file + ".real", self.file))):
            change()
            self.expect(self.PROFILE, "seccomp.bpf: not used")
            undo()
        self.expect(self.FORGED)

    def test_white_space_and_the_order_of_members_do_not_matter(self):
        self.compile()
        forge(self.file, key_of(self.file))
        self.config["linux"]["seccomp"] = dict(reversed(profile().items()))
        self.expect(self.FORGED)

    def test_without_a_profile_there_is_nothing_to_compile(self):
        self.compile()
        del self.config["linux"]["seccomp"]
        self.assertIn("/linux/seccomp", self.compile().stderr)
        self.assertFalse(os.path.exists(self.file))

    def test_an_unknown_machine_is_refused(self):
        self.write_config()
        result = self.runtime("compile-seccomp", "--bundle", self.folder, "--machine", "vax")
        self.assertEqual(1, result.returncode)
        self.assertIn("--machine: unknown name", result.stderr)

    def test_the_second_run_takes_the_filter_from_the_cache(self):
        self.expect(self.PROFILE)
        entry = self.entry()
        forge(entry, key_of(entry))
        self.expect(self.FORGED)

    def test_a_cache_that_others_can_write_to_is_not_used(self):
        self.expect(self.PROFILE)
        entry = self.entry()
        forge(entry, key_of(entry))
        os.chmod(self.cache, 0o777)
        self.expect(self.PROFILE)
        os.chmod(self.cache, 0o700)
        os.chown(self.cache, 1234, 1234)
        self.expect(self.PROFILE)
        os.chown(self.cache, 0, 0)
        os.chown(entry, 1234, 1234)
        self.expect(self.PROFILE)

    def test_a_damaged_entry_is_written_again(self):
        self.expect(self.PROFILE)
        with open(self.entry(), "rb") as file:
            whole = file.read()
        with open(self.entry(), "r+b") as file:
            file.seek(HEADER.size + 3)
            file.write(b"\xff")
        self.expect(self.PROFILE)
        with open(self.entry(), "rb") as file:
            self.assertEqual(whole, file.read())

    def test_without_a_cache_nothing_is_written(self):
        self.cache = "none"
        self.expect(self.PROFILE)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "cache")))


main()
