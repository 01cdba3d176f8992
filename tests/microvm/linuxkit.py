# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""LinuxKit files for guests of several containers."""

# Every key of a container, held in the guest. INTERFACES stands for what needs an eth0.
KEYS = r"""
kernel: {image: "linuxkit/kernel:6.6.71", cmdline: "console=ttyS0 linuxkit.word=1"}
init: ["linuxkit/init:abc", "linuxkit/runc:abc"]
x-kos-name: kit
onboot:
  - name: first
    image: IMAGE
    command: [busybox, sh, -c, 'busybox cat /etc/made; echo kept >/shared/file; busybox grep -o linuxkit.word=1 /proc/cmdline']
    binds: ["/etc/made:/etc/made:ro", "/var/shared:/shared"]
    runtime:
      mkdir: [/var/shared]
      cgroups: [made]
      mounts: [{type: tmpfs, source: tmpfs, destination: /var/small, options: [size=64k]}]
  - name: space
    image: IMAGE
    net: new
    command: [busybox, ip, link, set, lo, up]
    capabilities: [CAP_NET_ADMIN]
    runtime: {bindNS: {net: /run/netns/kept}}
services:
  - name: keys
    image: IMAGE
    env: [PATH=/bin, A=b]
    cwd: /tmp
    uid: 7
    gid: 8
    additionalGids: [9]
    hostname: inner
    ipc: new
    net: new
    readonly: true
    capabilities: [CAP_NET_ADMIN, CAP_SYSLOG]
    ambient: [CAP_NET_ADMIN]
    noNewPrivileges: true
    oomScoreAdj: 77
    rlimits: ["nofile,55,66"]
    sysctl: {net.ipv4.ip_forward: "1", kernel.msgmax: "9000"}
    maskedPaths: [/proc/keys]
    readonlyPaths: [/proc/sys]
    resources: {pids: {limit: 99}}
    devices: [{path: /dev/log, type: c, major: 1, minor: 11, mode: "0644"}]
    tmpfs: ["/scratch:size=1m,mode=777"]
    mounts: [{type: mqueue}]
    binds: ["/var/shared:/shared", "/var/small:/small", "/sys/fs/cgroup:/groups"]
    runtime: {INTERFACES}
    command:
      - /bin/busybox
      - sh
      - -c
      - |
        size() { busybox df -k $1 | busybox tail -n 1 | busybox awk '{print $2}'; }
        echo $A; busybox pwd; busybox id -u; busybox id -G; busybox hostname
        busybox sed -n 's/^\(CapBnd\|CapAmb\):.0*//p; s/^NoNewPrivs:.//p' /proc/self/status
        busybox cat /proc/self/oom_score_adj; ulimit -Sn; ulimit -Hn
        busybox cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax
        busybox stat -c %F /proc/keys; busybox grep -c -E ' (/|/proc/sys) [^ ]+ ro' /proc/mounts
        busybox stat -c '%F %t %T' /dev/log; echo x >/scratch/file && size /scratch
        busybox grep -c ' /dev/mqueue mqueue' /proc/mounts; busybox cat /shared/file
        size /small; [ -d /groups/made ] && echo group; busybox cat $(busybox find /groups -name pids.max -path '*keys*')
        echo $(busybox ls /sys/class/net)
        exit 3
  - name: joins
    image: IMAGE
    net: /run/netns/kept
    command: [busybox, sh, -c, 'busybox cat /sys/class/net/lo/operstate; busybox ls /sys/class/net']
onshutdown:
  - name: last
    image: IMAGE
    command: [busybox, echo, bye]
files:
  - {path: etc/made, contents: "of the file\n", mode: "0644"}
"""
KEYS_OUTPUT = {
    "onboot-000-first": ["of the file", "linuxkit.word=1"],
    "keys": ["b", "/tmp", "7", "8 9", "inner", "400001000", "1000", "1", "77", "55", "66", "1", "9000",
             "character special file", "2", "character special file 1 b", "1024", "1", "kept", "64", "group", "99",
             "INTERFACES"],
    "joins": ["unknown", "lo"],
    "onshutdown-000-last": ["bye"],
}

# A broker in one container, clients that publish and subscribe in another: the network is the guest's.
MOSQUITTO = r"""
services:
  - name: broker
    image: IMAGE
    command: [/usr/sbin/mosquitto]
    uid: 100
    gid: 101
    x-kos-service: {ready: {port: 1883}}
  - name: client
    image: IMAGE
    binds: ["/etc/hosts:/etc/hosts:ro"]
    x-kos-service: {after: [broker]}
    command:
      - /bin/sh
      - -c
      - |
        mosquitto_pub -r -t kos/first -m retained
        mosquitto_sub -v -t 'kos/#' -C 2 & subscriber=$!
        while kill -0 $subscriber 2>/dev/null; do mosquitto_pub -t kos/second -m live; done
        wait $subscriber; echo "ended $?"
onshutdown:
  - {name: last, image: IMAGE, command: [/bin/busybox, echo, bye]}
"""
MOSQUITTO_OUTPUT = ["client | kos/first retained", "client | kos/second live", "client | ended 0"]

# Two that run until they are told to end.
TWO = r"""
services:
  - name: left
    image: IMAGE
    command: [busybox, sh, -c, 'trap "exit 0" TERM; echo "of left"; while :; do busybox sleep 1; done']
  - name: right
    image: IMAGE
    command: [busybox, sh, -c, 'trap "exit 0" TERM; echo "of right" >&2; while :; do busybox sleep 1; done']
"""

# One container reads what is damaged on the disk, another does not.
DAMAGED = r"""
services:
  - name: reader
    image: IMAGE
    binds: ["/etc/damaged:/damaged", "/etc/whole:/whole"]
    command: [busybox, sh, -c, 'busybox cat /whole; busybox cat /damaged >/dev/null; echo status $?; exit 4']
  - name: beside
    image: IMAGE
    command: [busybox, sh, -c, 'busybox sleep 2; echo fine']
files:
  - {path: etc/whole, contents: "whole\n", mode: "0644"}
  - {path: etc/damaged, source: damaged, mode: "0644"}
"""
