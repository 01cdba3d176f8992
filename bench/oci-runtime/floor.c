// SPDX-FileCopyrightText: 2026 The kos authors
// SPDX-License-Identifier: BSD-2-Clause

// The least that running the bundle of compare.py can cost: its namespaces, mounts, devices, masks,
// root and program, in straight-line C with everything known beforehand. No configuration, no
// state, no checks, no privileges dropped.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static void must(int failed, const char* what) {
    if (!failed) return;
    perror(what);
    _exit(1);
}

static void make_mounts(void) {
    must(mount("proc", "proc", "proc", 0, NULL), "proc");
    must(mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k"), "dev");
    must(mkdir("dev/pts", 0755) | mkdir("dev/shm", 0755) | mkdir("dev/mqueue", 0755), "mkdir");
    must(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
               "newinstance,ptmxmode=0666,mode=0620,gid=5"),
         "pts");
    must(
        mount("shm", "dev/shm", "tmpfs", MS_NOSUID | MS_NOEXEC | MS_NODEV, "mode=1777,size=65536k"),
        "shm");
    must(mount("mqueue", "dev/mqueue", "mqueue", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL), "mqueue");
    must(mount("sysfs", "sys", "sysfs", MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY, NULL), "sys");
}

static void make_devices(void) {
    static const struct {
        const char* path;
        unsigned major, minor;
    } nodes[] = {{"dev/null", 1, 3},   {"dev/zero", 1, 5},    {"dev/full", 1, 7},
                 {"dev/random", 1, 8}, {"dev/urandom", 1, 9}, {"dev/tty", 5, 0}};
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; ++i) {
        must(mknod(nodes[i].path, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)),
             nodes[i].path);
    }
    must(symlink("/proc/self/fd", "dev/fd") | symlink("/proc/self/fd/0", "dev/stdin") |
             symlink("/proc/self/fd/1", "dev/stdout") | symlink("/proc/self/fd/2", "dev/stderr") |
             symlink("pts/ptmx", "dev/ptmx"),
         "links");
}

static void hide(void) {
    static const char* const files[] = {"proc/kcore", "proc/keys", "proc/timer_list"};
    static const char* const folders[] = {"proc/acpi", "sys/firmware", "proc/scsi"};
    static const char* const read_only[] = {"proc/bus", "proc/fs", "proc/irq", "proc/sys",
                                            "proc/sysrq-trigger"};
    for (int i = 0; i < 3; ++i) mount("/dev/null", files[i], NULL, MS_BIND, NULL);
    for (int i = 0; i < 3; ++i) mount("tmpfs", folders[i], "tmpfs", MS_RDONLY, "nr_blocks=1");
    for (int i = 0; i < 5; ++i) {
        if (mount(read_only[i], read_only[i], NULL, MS_BIND | MS_REC, NULL) == 0) {
            mount(NULL, read_only[i], NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL);
        }
    }
    must(mount(NULL, ".", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), "root");
}

static void be_container(const char* rootfs) {
    struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ioctl(socket_fd, SIOCSIFFLAGS, &loopback);
    sethostname("bench", 5);
    must(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL), "propagation");
    must(mount(rootfs, rootfs, NULL, MS_BIND | MS_REC, NULL) || chdir(rootfs), rootfs);
    make_mounts();
    make_devices();
    hide();
    must(syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) || chdir("/"),
         "pivot_root");
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    execl("/true", "/true", NULL);
    must(1, "/true");
}

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    struct clone_args arguments = {
        .flags = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS,
        .exit_signal = SIGCHLD};
    long child = syscall(SYS_clone3, &arguments, sizeof arguments);
    must(child < 0, "clone3");
    if (child == 0) be_container(argv[1]);
    int status = 0;
    waitpid((pid_t)child, &status, 0);
    return status != 0;
}
