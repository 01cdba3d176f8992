# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Configs for semantic_test.py: the n-th is the same each time, and together they use what can be combined."""
import random
import resource

CAPABILITIES = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_SETUID", "CAP_SETGID", "CAP_NET_RAW",
                "CAP_SYS_CHROOT", "CAP_MKNOD", "CAP_AUDIT_WRITE", "CAP_SETFCAP", "CAP_NET_BIND_SERVICE"]
MASKED = ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/scsi", "/sys/firmware", "/etc/masked", "/nosuch"]
READONLY = ["/proc/sys", "/proc/bus", "/proc/irq", "/proc/sysrq-trigger", "/etc", "/nosuch"]
LIMITS = ["RLIMIT_CORE", "RLIMIT_NOFILE", "RLIMIT_STACK", "RLIMIT_CPU", "RLIMIT_FSIZE"]


def capabilities(rng):
    bounding = rng.sample(CAPABILITIES, rng.randrange(13))
    permitted = rng.sample(bounding, rng.randint(0, len(bounding)))
    inheritable = rng.sample(permitted, rng.randint(0, len(permitted))) if rng.random() < 0.5 else []
    return {"bounding": bounding, "permitted": permitted,
            "effective": rng.sample(permitted, rng.randint(0, len(permitted))), "inheritable": inheritable,
            "ambient": rng.sample(inheritable, rng.randint(0, len(inheritable)))}


def limits(rng):
    for name in rng.sample(LIMITS, rng.randrange(4)):
        _, hard = resource.getrlimit(getattr(resource, name))
        top = 4096 if name == "RLIMIT_NOFILE" else 1 << 20  # all below what the caller has
        hard = top if hard == resource.RLIM_INFINITY else min(hard, top)
        yield {"type": name, "soft": hard // 2, "hard": hard}


def process(rng, config):
    new = config["process"]
    if rng.random() < 0.5:
        new["user"] = {"uid": rng.choice([0, 7, 1000]), "gid": rng.choice([0, 8, 1000]),
                       "additionalGids": rng.sample(range(20, 30), rng.randrange(4)), "umask": rng.choice([0o22, 0o77, 0])}
    else:
        new["user"] = {"uid": 0, "gid": 0, "umask": 0o22}
    new["env"] = ["PATH=/bin", *(f"V{n}={rng.choice(['', 'a b', '=', 'x' * 300])}" for n in range(rng.randrange(4)))]
    new["cwd"] = rng.choice(["/", "/tmp", "/made/here"])
    new["capabilities"] = capabilities(rng)
    new["noNewPrivileges"] = rng.random() < 0.5
    new["rlimits"] = list(limits(rng))
    if rng.random() < 0.5:
        new["oomScoreAdj"] = rng.randrange(0, 1000)
    if rng.random() < 0.2:
        new["terminal"] = True


def namespaces(rng, config):
    kept = [t for t in ("pid", "network", "ipc", "uts") if rng.random() < 0.8]
    if rng.random() < 0.4:
        kept.append("cgroup")
    if rng.random() < 0.25 and "network" in kept:
        kept.append("user")
        for kind in ("uid", "gid"):
            config["linux"][kind + "Mappings"] = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    config["linux"]["namespaces"] = [{"type": t} for t in [*kept, "mount"]]
    if "uts" in kept:
        config["hostname"] = rng.choice(["inside", "a-longer.name"])
    else:
        config.pop("hostname", None)
    sysctl = config["linux"]["sysctl"] = {}
    if "ipc" in kept and "user" not in kept and rng.random() < 0.5:
        sysctl.update({"kernel.msgmax": "9000", "kernel.shmmni": "123"})
    if "network" in kept and rng.random() < 0.5:
        sysctl["net.ipv4.ip_forward"] = rng.choice(["0", "1"])
    if "network" not in kept:  # a sysfs shows a network namespace, and belongs to its owner
        config["mounts"] = [m for m in config["mounts"] if m["type"] != "sysfs"]


def mounts(rng, config, folder):
    for number in range(rng.randrange(4)):
        options = rng.sample(["nosuid", "nodev", "noexec", "ro", "noatime"], rng.randrange(4))
        if "uidMappings" in config["linux"] and "noatime" in options:
            options.remove("noatime")  # runc cannot change it in a user namespace
        if rng.random() < 0.5:
            config["mounts"].append({"destination": f"/t{number}", "type": "tmpfs", "source": "tmpfs",
                                     "options": [*options, rng.choice(["size=64k", "mode=700", "mode=1777"])]})
        else:
            propagation = rng.choice([[], ["rprivate"], ["rslave"], ["rshared"], ["unbindable"]])
            config["mounts"].append({"destination": f"/b{number}", "type": "bind", "source": folder,
                                     "options": [rng.choice(["bind", "rbind"]), *options, *propagation]})


def linux(rng, config):
    section = config["linux"]
    section["maskedPaths"] = rng.sample(MASKED, rng.randrange(len(MASKED)))
    section["readonlyPaths"] = rng.sample(READONLY, rng.randrange(len(READONLY)))
    config["root"]["readonly"] = rng.random() < 0.4
    if rng.random() < 0.4 and not section.get("uidMappings"):
        section["devices"] = [{"path": "/dev/mine", "type": "c", "major": 1, "minor": 5, "fileMode": 0o640, "uid": 3,
                               "gid": 4}, {"path": "/dev/pipe", "type": "p", "fileMode": 0o600}]
    if rng.random() < 0.4:
        section["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["chroot", "swapon"], "action": "SCMP_ACT_ERRNO"}]}


def config(number, base, folder):
    """Changes `base` into the n-th config; `folder` can be mounted."""
    rng = random.Random(number)
    process(rng, base)
    namespaces(rng, base)
    mounts(rng, base, folder)
    linux(rng, base)
    paths = sorted({*base["linux"]["maskedPaths"], *base["linux"]["readonlyPaths"]})
    base["process"]["args"] = ["/bin/probe", *paths]
    return base
