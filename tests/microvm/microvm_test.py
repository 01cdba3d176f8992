#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""kos run of microVMs, in the simulator or (KOS_TARGET=qemu) on seL4 under QEMU. Usage: microvm_test.py CASE"""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

import image
import layers

KOS = os.environ.get("KOS", f"{image.ROOT}/build/dev/cli/kos")
IMAGES = os.environ.get("KOS_TEST_IMAGES", f"{image.ROOT}/build/dev/test-images")
TARGET = os.environ.get("KOS_TARGET", "sim")
BUSYBOX = f"{IMAGES}/layers-umoci"
ADDED_MOUNTS = ["/proc", "/dev", "/dev/pts", "/sys", "/sys/fs/cgroup", "/dev/mqueue", "/dev/shm", "/etc/resolv.conf",
                "/etc/hosts", "/etc/hostname"]
CAPABILITIES = sorted(f"CAP_{name}" for name in (
    "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL "
    "AUDIT_WRITE").split())
PYTHON_PROGRAM = r"""
import sys, threading
lines = []
threads = [threading.Thread(target=lambda n=n: lines.append(n * n)) for n in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(sorted(lines), open('/etc/hostname').read().strip(), sys.version_info[:2])
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import http.client
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = f'served {self.path}'.encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *arguments): pass
server = ThreadingHTTPServer(('127.0.0.1', 8080), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = http.client.HTTPConnection('localhost', 8080)
client.request('GET', '/a?b=c')
answer = client.getresponse()
print(answer.status, answer.read().decode())
print('to stderr', file=sys.stderr)
sys.exit(42)
"""
ELIXIR_PROGRAM = r"""
defmodule Counter do
  use GenServer
  def init(count), do: {:ok, count}
  def handle_call({:add, n}, _from, count), do: {:reply, count + n, count + n}
end
{:ok, counter} = GenServer.start_link(Counter, 2)
IO.puts("started")
IO.puts(GenServer.call(counter, {:add, 3}))
0..3 |> Enum.map(&Task.async(fn -> &1 * &1 end)) |> Enum.map(&Task.await/1) |> IO.inspect()
System.halt(6)
"""
# A broker, a client that publishes and one that subscribes, in one container.
MOSQUITTO_SCRIPT = r"""
mosquitto 2>/tmp/log & broker=$!
until mosquitto_pub -r -t kos/first -m retained 2>/dev/null; do sleep 0.2; done
mosquitto_sub -v -t 'kos/#' -C 2 & subscriber=$!
while kill -0 $subscriber 2>/dev/null; do mosquitto_pub -t kos/second -m live; done
wait $subscriber; echo "ended $?"
kill $broker; wait
"""


def missing():
    """Why a microVM cannot run here, or None."""
    for program in ["qemu-system-aarch64", "umoci"]:
        if shutil.which(program) is None:
            return f"there is no {program}"
    if TARGET == "qemu" and not any(os.environ.get(name) for name in ["SEL4_PREFIX", "MICROKIT_SDK"]):
        return "neither SEL4_PREFIX nor MICROKIT_SDK names a kernel"
    if subprocess.run([f"{image.ROOT}/scripts/guest-kernel"], capture_output=True).returncode != 0:
        return "Debian's arm64 kernel cannot be fetched"
    return None


def command(layout, *arguments, options=()):
    return [KOS, "run", "--target", TARGET, "--microvm", "--timeout", "240", *options, f"oci:{layout}:latest", *arguments]


def run(layout, *arguments, options=()):
    finished = subprocess.run(command(layout, *arguments, options=options), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=280)
    # Lines of the boot shim and the kernel come before anything of the app's.
    finished.stderr = "".join(line for line in finished.stderr.splitlines(keepends=True)
                              if not line.startswith("kos: console: "))
    return finished


def expect(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: {found!r}, expected {expected!r}")


def expect_run(finished, output, status, errors=None):
    if finished.returncode != status or finished.stdout != output or errors not in (None, finished.stderr):
        sys.exit(f"status {finished.returncode}, expected {status}\n--- output\n{finished.stdout}--- errors\n"
                 f"{finished.stderr}")


def output_case():
    with tempfile.TemporaryDirectory() as folder:
        report = f"{folder}/report"
        finished = run(BUSYBOX, "busybox", "sh", "-c", "echo out; echo error >&2; busybox id -u; exit 7",
                       options=["--report", report])
        expect_run(finished, "out\n0\n", 7, "error\n")
        with open(report, encoding="utf-8") as file:
            used = json.load(file)
    inspected = subprocess.run([KOS, "inspect", "--microvm", "--format", "json", f"oci:{BUSYBOX}:latest"], check=True,
                               capture_output=True)
    app, = json.loads(inspected.stdout)["apps"]
    expect("what was used", used["apps"][0]["manifest"], app["manifest"])
    expect("memory given back", used["inventory"]["after"], used["inventory"]["before"])
    expect("guest memory", app["manifest"]["guest_memory"], 128 << 20)
    if app["manifest"]["untyped"] > 1 << 20:
        sys.exit(f"beside its guest's memory the VM takes {app['manifest']['untyped']} bytes")
    expect_run(run(BUSYBOX, "/missing"), "", 127)


def static_case():
    native = subprocess.run([KOS, "run", "--native", f"oci:{IMAGES}/hello-static:latest"], capture_output=True,
                            text=True, timeout=60)
    expect_run(run(f"{IMAGES}/hello-static"), native.stdout, native.returncode)


def tree(root):
    """A line for each file: as `busybox stat` below prints it."""
    lines = []
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            found = os.lstat(path)
            size = 0 if stat.S_ISDIR(found.st_mode) else found.st_size
            content = ""
            if stat.S_ISREG(found.st_mode):
                content = subprocess.run(["sha256sum", path], check=True, capture_output=True,
                                         text=True).stdout.split()[0]
            lines.append(f"/{os.path.relpath(path, root)} {found.st_mode:x} {found.st_uid} {found.st_gid} {size} "
                         f"{content}".rstrip())
    return sorted(lines)


def files_case():
    """In the guest: what the container sees of its own root filesystem."""
    script = ("cd /; busybox find . -xdev ! -name . | while read f; do [ -d \"$f\" ] && [ ! -L \"$f\" ] && s=0 || "
              "s=$(busybox stat -c %s \"$f\"); h=; [ -f \"$f\" ] && [ ! -L \"$f\" ] && h=$(busybox sha256sum \"$f\" | "
              "busybox cut -d ' ' -f 1); echo \"${f#.} $(busybox stat -c '%f %u %g' \"$f\") $s $h\"; done")
    finished = run(BUSYBOX, "busybox", "sh", "-c", script)
    found = sorted(line.rstrip() for line in finished.stdout.splitlines())
    # Mount points that the image lacks.
    made = ("/proc", "/sys", "/dev", "/etc")
    image_files = tree(f"{BUSYBOX}.bundle/rootfs")
    known = {line.split()[0] for line in image_files}
    found = [line for line in found if line.split()[0] in known or not line.split()[0].startswith(made)]
    expect("the root filesystem", found, image_files)


def debian(name):
    return image.make(name, f"{IMAGES}/debian-{name}")


def python_case():
    finished = run(debian("python"), "-c", PYTHON_PROGRAM)
    expect_run(finished, "[0, 1, 4, 9, 16, 25, 36, 49] python3.11 (3, 11)\n200 served /a?b=c\n", 42, "to stderr\n")


def tree_case():
    layout = debian("tree")
    finished = run(layout, "-c", layers.LISTING)
    if finished.returncode != 0:
        expect_run(finished, "", 0)
    *lines, last = [json.loads(line) for line in finished.stdout.splitlines()]
    expect("hard links", last, ["one file", True])
    expected = layers.of_layers(layout)
    found = {path: fields for path, *fields in lines}
    made = {path for path in found if path not in expected}
    # Mount points that the image lacks.
    if not all(path in ("proc", "sys", "dev", "etc") or path.startswith("etc/") for path in made):
        sys.exit(f"files that no layer has: {sorted(made)}")
    found = {path: fields for path, fields in found.items() if path in expected}
    for path in sorted(expected):
        expect(path, found.get(path), expected[path])
    expect("the tree's hash", layers.digest(found), layers.digest(expected))
    print(f"{len(expected)} files, {layers.digest(expected)}")


def read_only_case():
    script = ("echo x >/new || echo refused >&2; busybox mkdir /folder; echo kept >/dev/shm/file; "
              "busybox cat /dev/shm/file")
    finished = run(BUSYBOX, "busybox", "sh", "-c", script, options=["--read-only"])
    expect("output", (finished.stdout, finished.returncode), ("kept\n", 0))
    expect("EROFS", finished.stderr.count("Read-only file system"), 2)


def elixir_case():
    finished = run(debian("elixir"), "-e", ELIXIR_PROGRAM)
    expect_run(finished, "started\n5\n[0, 1, 4, 9]\n", 6)


def mosquitto_case():
    finished = run(debian("mosquitto"), "-c", MOSQUITTO_SCRIPT, options=["--entrypoint", "/bin/sh"])
    expect_run(finished, "kos/first retained\nkos/second live\nended 0\n", 0, "")


def added_case():
    """The disk's config.json, read back from the system image that `kos pack` writes."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([KOS, "pack", "--microvm", f"oci:{BUSYBOX}:latest", "-o", f"{folder}/image"], check=True)
        config = json.loads(read_from_disks(f"{folder}/image", "container/config.json"))
    with open(f"{BUSYBOX}.bundle/config.json", encoding="utf-8") as file:
        unpacked = json.load(file)
    for field in ("args", "cwd", "user"):
        expect(field, config["process"][field], {k: unpacked["process"][field][k] for k in ("uid", "gid")}
               if field == "user" else unpacked["process"][field])
    expect("mounts", [mount["destination"] for mount in config["mounts"]], ADDED_MOUNTS)
    for kind in ("bounding", "effective", "permitted"):
        expect(kind, sorted(config["process"]["capabilities"][kind]), CAPABILITIES)
    expect("namespaces", sorted(entry["type"] for entry in config["linux"]["namespaces"]),
           ["cgroup", "ipc", "mount", "pid", "uts"])
    expect("fields", sorted(config), ["hostname", "linux", "mounts", "ociVersion", "process", "root"])
    expect("fields of linux", sorted(set(config["linux"]) - {"seccomp"}),
           ["maskedPaths", "namespaces", "readonlyPaths", "resources"])


def read_from_disks(path, name):
    """A file of the last squashfs in a system image that has it."""
    with open(path, "rb") as file:
        data = file.read()
    at = len(data)
    while (at := data.rfind(b"hsqs", 0, at)) >= 0:
        if at % 4096:
            continue
        with tempfile.NamedTemporaryFile() as disk:
            disk.write(data[at:])
            disk.flush()
            found = subprocess.run(["rdsquashfs", "-c", name, disk.name], capture_output=True)
        if found.returncode == 0:
            return found.stdout
    sys.exit(f"{name} is on no disk of {path}")


def started(*arguments, options=()):
    """A run whose container has said `started`."""
    process = subprocess.Popen(command(BUSYBOX, *arguments, options=options), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    expect("first line", process.stdout.readline(), "started\n")
    return process


def qemu_of(process):
    with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="utf-8") as file:
        direct = file.read().split()
    for task in os.listdir(f"/proc/{process.pid}/task"):
        with open(f"/proc/{process.pid}/task/{task}/children", encoding="utf-8") as file:
            direct += file.read().split()
    for pid in direct:
        with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            if file.read().startswith("qemu-system"):
                return int(pid)
    sys.exit("QEMU is no child of kos")


def expect_gone(pid):
    for _ in range(200):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return
        except OSError:
            return
        time.sleep(0.05)
    sys.exit("QEMU still runs")


def stop_case():
    process = started("busybox", "sh", "-c", "trap 'echo told; exit 9' TERM; echo started; while :; do sleep 1; done")
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=60)
    expect("output", (output, process.returncode), ("told\n", 9))
    process = started("busybox", "sh", "-c", "trap '' TERM; echo started; while :; do sleep 1; done")
    qemu = qemu_of(process)
    begin = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    expect("status", process.returncode, 137)
    if time.monotonic() - begin < 8:
        sys.exit("the container was killed before its deadline")
    expect_gone(qemu)


def qemu_killed_case():
    process = started("busybox", "sh", "-c", "echo started; sleep 100")
    os.kill(qemu_of(process), signal.SIGKILL)
    _, errors = process.communicate(timeout=60)
    expect("status", process.returncode, 125)
    if "QEMU was killed by signal 9" not in errors:
        sys.exit(f"its death is not told:\n{errors}")


def kos_killed_case():
    process = started("busybox", "sh", "-c", "echo started; sleep 100")
    qemu = qemu_of(process)
    process.kill()
    process.wait()
    expect_gone(qemu)


reason = missing()
if reason:
    print(f"skipped: {reason}")
    sys.exit(77)
begun = time.monotonic()
globals()[sys.argv[1].replace("-", "_") + "_case"]()
print(f"{sys.argv[1]}: {time.monotonic() - begun:.1f} s")
