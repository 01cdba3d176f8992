# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Cases about one container: what runs in it, and what it is made of."""

import json
import os
import re
import stat
import subprocess
import sys
import tempfile

import image
import layers
from runs import BUSYBOX, IMAGES, KOS, KOS_OCI, debian, expect, expect_run, run, up

NO_PROGRAMS = ["nosuid", "noexec", "nodev"]
# As docker's, then the guest's files.
MOUNTS = [
    ("/proc", "proc", "proc", NO_PROGRAMS),
    ("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
    ("/dev/pts", "devpts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
    ("/sys", "sysfs", "sysfs", NO_PROGRAMS + ["ro"]),
    ("/sys/fs/cgroup", "cgroup", "cgroup", ["ro"] + NO_PROGRAMS),
    ("/dev/mqueue", "mqueue", "mqueue", NO_PROGRAMS),
    ("/dev/shm", "tmpfs", "shm", NO_PROGRAMS + ["mode=1777", "size=65536k"]),
] + [(path, "bind", path, ["bind", "rprivate"]) for path in ("/etc/resolv.conf", "/etc/hosts", "/etc/hostname")]
DEVICES = [{"allow": False, "access": "rwm"}] + [
    {"allow": True, "type": kind, "access": "m"} for kind in "cb"] + [
    {"allow": True, "type": "c", "major": major, "minor": minor, "access": "rwm"}
    for major, minor in [(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 2)]] + [
    {"allow": True, "type": "c", "major": 136, "access": "rwm"}]
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


CONTAINER_KEYS = r"""
services:
  all:
    image: IMAGE
    x-kos-kind: microvm
    cap_add: [NET_ADMIN, syslog]
    cap_drop: [ALL]
    ulimits: {nofile: {soft: 55, hard: 66}}
    sysctls: {net.ipv4.ip_forward: "1", kernel.msgmax: "9000"}
    init: true
    read_only: true
    tmpfs: ["/run:size=1m,mode=750"]
    volumes: [{type: tmpfs, target: /cache, read_only: true}]
    devices: ["/dev/kmsg:/dev/log:r"]
    command:
      - busybox
      - sh
      - -c
      - |
        busybox sed -n 's/CapBnd:.0*//p' /proc/self/status
        ulimit -Sn; ulimit -Hn
        busybox cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax
        busybox cat /proc/1/comm; [ $$$$ = 1 ] || echo process 1 is another
        echo kept >/run/file && busybox cat /run/file; busybox stat -c %a /run; busybox df -k /run | busybox tail -n 1 | busybox awk '{print $$2}'
        (echo x >/cache/file) 2>/dev/null || echo read-only
        busybox stat -c '%F %t %T' /dev/log; busybox head -c 1 /dev/log >/dev/null && echo readable
        (busybox sleep 1000 &); kill -9 $$$$
"""
EXPECTED_KEYS = ["400001000", "55", "66", "1", "9000", "kos-init", "process 1 is another", "kept", "750", "1024", "read-only",
                 "character special file 1 b", "readable"]


def container_keys_case():
    """What a compose file asks of a container holds in the guest; an init ends as its program does."""
    finished = up(CONTAINER_KEYS, "--exit-code-from", "all")
    lines = [line.removeprefix("all  | ") for line in finished.stdout.splitlines()]
    expect(f"output (errors: {finished.stderr})", lines, EXPECTED_KEYS + ["all exited with code 137"])
    privileged = """
services:
  all:
    image: IMAGE
    x-kos-kind: microvm
    privileged: true
    command: [busybox, grep, -E, '^(CapBnd|Seccomp):', /proc/self/status]
"""
    finished = up(privileged)
    lines = [line.removeprefix("all  | ").split() for line in finished.stdout.splitlines()]
    expect("privileged", lines[:2], [["CapBnd:", "000001ffffffffff"], ["Seccomp:", "0"]])


def elixir_case():
    finished = run(debian("elixir"), "-e", ELIXIR_PROGRAM)
    expect_run(finished, "started\n5\n[0, 1, 4, 9]\n", 6)


def mosquitto_case():
    finished = run(debian("mosquitto"), "-c", MOSQUITTO_SCRIPT, options=["--entrypoint", "/bin/sh"])
    expect_run(finished, "kos/first retained\nkos/second live\nended 0\n", 0, "")


def documented():
    """The rows of docs/microvm.md's table of what is added: title → what stands in backquotes, braces expanded."""
    rows = {}
    with open(f"{image.ROOT}/docs/microvm.md", encoding="utf-8") as file:
        for line in file:
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if line.startswith("| ") and len(cells) == 2:
                rows[cells[0].strip("`")] = [path for text in re.findall("`([^`]*)`", cells[1]) for path in expanded(text)]
    return rows


def expanded(text):
    found = re.fullmatch(r"(.*)\{(.*)\}(.*)", text)
    return [found[1] + part + found[3] for part in found[2].split(",")] if found else [text]


def rules_of(profile):
    """docker's profile as libseccomp's users read it, for arm64 and the granted capabilities."""
    def holds(conditions):
        return (("arm64" in conditions.get("arches", ["arm64"])),
                any(name in CAPABILITIES for name in conditions["caps"]) if "caps" in conditions else True)
    for rule in profile["syscalls"]:
        includes, excludes = rule.get("includes") or {}, rule.get("excludes") or {}
        if not all(holds(includes)) or "arm64" in excludes.get("arches", []):
            continue
        if any(name in CAPABILITIES for name in excludes.get("caps", [])):
            continue
        yield {key: rule[key] for key in ("names", "action", "errnoRet", "args") if rule.get(key) not in (None, [])}


def added_case():
    """The semantic difference between the image and config.json is exactly the documented list."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([KOS, "pack", "--microvm", f"oci:{BUSYBOX}:latest", "-o", f"{folder}/image"], check=True)
        text = read_from_disks(f"{folder}/image", "container/config.json")
        filter_ahead = read_from_disks(f"{folder}/image", "container/seccomp.bpf")
        with open(f"{folder}/config.json", "wb") as file:
            file.write(text)
        subprocess.run([KOS_OCI, "compile-seccomp", "--bundle", folder, "--machine", "aarch64"], check=True)
        with open(f"{folder}/seccomp.bpf", "rb") as file:
            expect("seccomp.bpf is what the runtime compiles", filter_ahead, file.read())
    config = json.loads(text)
    with open(f"{BUSYBOX}.bundle/config.json", encoding="utf-8") as file:
        process = json.load(file)["process"]
    rows = documented()
    with open("/usr/share/containers/seccomp.json", encoding="utf-8") as file:
        profile = json.load(file)
    expected = {
        "ociVersion": "1.0.2",
        "process": {
            "terminal": False, "noNewPrivileges": False,
            "user": {key: process["user"][key] for key in ("uid", "gid")},
            "args": process["args"], "cwd": process["cwd"],
            # umoci adds TERM by itself.
            "env": [variable for variable in process["env"] if not variable.startswith("TERM=")],
            "capabilities": {kind: CAPABILITIES for kind in ("bounding", "effective", "permitted")}},
        "root": {"path": "rootfs", "readonly": False},
        "hostname": "busybox",
        "mounts": [{"destination": path, "type": kind, "source": source, "options": options}
                   for path, kind, source, options in MOUNTS],
        "linux": {
            "resources": {"devices": DEVICES},
            "namespaces": sorted(({"type": kind} for kind in ("pid", "ipc", "uts", "mount", "cgroup")), key=str),
            "maskedPaths": sorted(rows["masked"]), "readonlyPaths": sorted(rows["read-only"]),
            "seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": profile["defaultErrnoRet"],
                        "architectures": ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"], "syscalls": list(rules_of(profile))}}}
    for kind in ("bounding", "effective", "permitted"):
        config["process"]["capabilities"][kind].sort()
    for key in ("maskedPaths", "readonlyPaths"):
        config["linux"][key].sort()
    config["linux"]["namespaces"].sort(key=str)
    for path in sorted(set(leaves(expected)) | set(leaves(config))):
        expect(path, dict(leaves(config)).get(path), dict(leaves(expected)).get(path))
    expect("config.json", config, expected)
    expect("documented capabilities", sorted(f"CAP_{name}" for name in rows["capabilities"][0].split()), CAPABILITIES)
    expect("documented mounts", rows["mounts"] + rows["mounts of the guest's files"], [path for path, *_ in MOUNTS])


def leaves(value, path=""):
    """Pointer → text of every value that holds no others."""
    found = {}
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            found.update(leaves(inner, f"{path}/{key}"))
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value):
            found.update(leaves(inner, f"{path}/{number}"))
    else:
        found[path] = json.dumps(value)
    return found


def seccomp_case():
    """The filter is in force in the guest."""
    finished = run(BUSYBOX, "busybox", "grep", "-E", "^Seccomp(_filters)?:", "/proc/self/status")
    expect("output", finished.stdout.split(), ["Seccomp:", "2", "Seccomp_filters:", "1"])
    expect("errors", finished.stderr, "")


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
