# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""A test in namespaces of its own: what it mounts, starts and connects ends with it, and what the machine
keeps in /run, /dev/shm and its network is out of reach.

    this process ── makes a control group in every hierarchy, waits, removes what is in them
      └ unshare(1): mounts, network, processes, control groups
          └ catatonit as process 1: the test; /sys/fs/cgroup shows the group as if it were the root
"""
import os
import shutil
import subprocess
import sys
import time

MARK = "KOS_OCI_SANDBOX"
UNSHARE = ["unshare", "--mount", "--net", "--pid", "--cgroup", "--fork", "--kill-child", "--mount-proc",
           "--propagation", "private"]


def group_mounts():
    """Mount point, type and options of each mount of control groups."""
    with open("/proc/self/mountinfo") as file:
        for line in file:
            before, after = line.rstrip("\n").split(" - ")
            kind, _, options = after.split(" ")
            if kind in ("cgroup", "cgroup2"):
                yield before.split(" ")[4], kind, [o for o in options.split(",") if o not in ("rw", "ro")]


def hierarchies():
    """Those below /sys/fs/cgroup, each hierarchy once; others, in a chroot's /sys for example, show the same groups."""
    return [mount for mount in group_mounts() if (mount[0] + "/").startswith("/sys/fs/cgroup/")]


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def read(path):
    with open(path) as file:
        return file.read()


def new_group(mount_point, kind, name):
    """The group must have all that its parent has: cpusets start empty, controllers switched off."""
    group = os.path.join(mount_point, name)
    if kind == "cgroup2":
        enable_controllers(mount_point)
    os.mkdir(group)
    for setting in ("cpuset.cpus", "cpuset.mems") if kind == "cgroup" else ():
        if os.path.exists(os.path.join(group, setting)):
            write(os.path.join(group, setting), read(os.path.join(mount_point, setting)))
    return group


def enable_controllers(group):
    for controller in read(os.path.join(group, "cgroup.controllers")).split():
        try:
            write(os.path.join(group, "cgroup.subtree_control"), "+" + controller)
        except OSError:
            pass  # in use by a v1 hierarchy, or the group has processes


def remove_group(group):
    for _ in range(100):
        for folder, _, _ in os.walk(group, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                pass
        if not os.path.exists(group):
            return True
        time.sleep(0.05)
    return False


def own_mounts():
    found = hierarchies()
    for mount_point, _, _ in reversed(list(group_mounts())):  # runc takes any for its own
        subprocess.run(["umount", mount_point], check=True)
    for mount_point, kind, options in found:
        words = ["-o", ",".join(options)] if kind == "cgroup" else []
        subprocess.run(["mount", "-t", kind, *words, kind, mount_point], check=True)
        if kind == "cgroup2":  # a group with processes cannot hand controllers down
            os.mkdir(os.path.join(mount_point, "test"))
            write(os.path.join(mount_point, "test/cgroup.procs"), "0")
            write(os.path.join(mount_point, "test/cgroup.procs"), "1")
            enable_controllers(mount_point)
    for folder in ("/run", "/dev/shm", "/var/cache"):
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True)
    os.mkdir("/run/netns")  # what podman makes of it stays otherwise, and counts as left behind
    subprocess.run(["mount", "--bind", "--make-shared", "/run/netns", "/run/netns"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def why_not():
    if os.geteuid() != 0:
        return "needs root"
    for program in ("unshare", "catatonit", "ip"):
        if not shutil.which(program):
            return "needs " + program
    if os.environ.get(MARK):
        return None
    # A chroot, for one, has no root whose mounts could be made private.
    probe = subprocess.run([*UNSHARE, "true"], capture_output=True, text=True)
    return probe.stderr.strip() if probe.returncode else None


def enter():
    """Returns inside the sandbox; outside it ends with the status of what ran inside."""
    if os.environ.get(MARK):
        own_mounts()
        return
    name = f"kos-oci-sandbox-{os.getpid()}"
    groups = []
    try:
        for mount_point, kind, _ in hierarchies():
            groups.append(new_group(mount_point, kind, name))

        def join():
            for group in groups:
                write(os.path.join(group, "cgroup.procs"), "0")

        command = [*UNSHARE, "catatonit", "--", sys.executable, *sys.argv]
        status = subprocess.run(command, env={**os.environ, MARK: "1"}, preexec_fn=join).returncode
    finally:
        left = [group for group in groups if not remove_group(group)]
    if left:
        print("control groups that were left:", *left)
    sys.exit(status or bool(left))
