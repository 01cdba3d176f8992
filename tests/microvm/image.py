# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Makes OCI layouts of Debian's arm64 packages with umoci. Usage: image.py FOLDER"""

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHELL = ["busybox-static"]
ACCOUNTS = {"etc/passwd": "root:x:0:0:root:/root:/bin/sh\nmosquitto:x:100:101::/:/bin/false\n",
            "etc/group": "root:x:0:\nmosquitto:x:101:\n"}
# What images are made of; what scripts of the packages would do, a recipe does.
RECIPES = {
    "python": {
        # libgcc-s1: a thread that is left when Python ends needs it for pthread_exit(3).
        "packages": ["libc6", "libexpat1", "libgcc-s1", "libpython3.11-minimal", "libpython3.11-stdlib", "libssl3",
                     "python3.11-minimal", "zlib1g"],
        "entrypoint": ["/usr/bin/python3.11"], "env": ["PYTHONDONTWRITEBYTECODE=1"]},
    # With a layer of what few images have.
    "tree": {
        "packages": [], "layer": True, "entrypoint": ["/usr/bin/python3.11"], "env": ["PYTHONDONTWRITEBYTECODE=1"]},
    "elixir": {
        "packages": SHELL + ["elixir", "erlang-base", "libc6", "libgcc-s1", "libgcrypt20", "libgpg-error0", "liblz4-1",
                             "liblzma5", "libstdc++6", "libsystemd0", "libtinfo6", "libzstd1", "zlib1g"],
        "links": {f"bin/{name}": "busybox" for name in ("sh", "sed", "dirname", "readlink", "basename", "expr")},
        "entrypoint": ["/usr/bin/elixir"], "env": ["HOME=/tmp"]},
    "mosquitto": {
        "packages": SHELL + ["libc6", "libcap2", "libcjson1", "libcom-err2", "libdlt2", "libgcrypt20", "libgpg-error0",
                             "libgssapi-krb5-2", "libk5crypto3", "libkeyutils1", "libkrb5-3", "libkrb5support0",
                             "liblz4-1", "liblzma5", "libmosquitto1", "libnsl2", "libssl3", "libsystemd0",
                             "libtirpc3", "libwrap0", "libzstd1", "mosquitto", "mosquitto-clients"],
        "links": {f"bin/{name}": "busybox" for name in ("sh", "sleep", "kill")}, "files": ACCOUNTS,
        "entrypoint": ["/usr/sbin/mosquitto"], "env": []},
}
RECIPES["tree"]["packages"] = RECIPES["python"]["packages"]
# Documentation is nothing that a container runs.
LEFT_OUT = ["usr/share/doc", "usr/share/man", "usr/share/lintian", "usr/share/locale"]


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def fill(rootfs, recipe):
    """The files of a recipe, in a folder."""
    for package in recipe["packages"]:
        folder = run(f"{ROOT}/scripts/sysroot", f"{package}:arm64").splitlines()[-1]
        run("cp", "-a", f"{folder}/.", rootfs)
    for name in LEFT_OUT:
        shutil.rmtree(f"{rootfs}/{name}", ignore_errors=True)
    for name, target in recipe.get("links", {}).items():
        os.makedirs(os.path.dirname(f"{rootfs}/{name}"), exist_ok=True)
        os.symlink(target, f"{rootfs}/{name}")
    for name, content in recipe.get("files", {}).items():
        os.makedirs(os.path.dirname(f"{rootfs}/{name}"), exist_ok=True)
        with open(f"{rootfs}/{name}", "w", encoding="utf-8") as file:
            file.write(content)
    os.makedirs(f"{rootfs}/tmp", exist_ok=True)


def odd_layer(path):
    """Owners, modes, kinds of files, extended attributes, a whiteout and an opaque directory."""
    def add(name, kind=tarfile.REGTYPE, content=b"", mode=0o644, owner=(0, 0), target="", xattrs=None, device=(0, 0)):
        member = tarfile.TarInfo(name)
        member.type, member.mode, member.size, member.linkname = kind, mode, len(content), target
        member.uid, member.gid = owner
        member.devmajor, member.devminor = device
        member.mtime = 1700000000
        member.pax_headers = {f"SCHILY.xattr.{key}": value for key, value in (xattrs or {}).items()}
        layer.addfile(member, io.BytesIO(content))
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as layer:
        add("odd", tarfile.DIRTYPE, mode=0o1777, owner=(1234, 5678), xattrs={"user.kos.folder": "of a folder"})
        add("odd/attributes", content=b"x", xattrs={"user.kos": "value", "user.empty": ""})
        # cap_net_raw=ep, as setcap writes it; its bytes are UTF-8 as well.
        add("odd/capable", content=b"y", mode=0o755,
            xattrs={"security.capability": "\x01\0\0\x02\0\x20" + 14 * "\0"})
        add("odd/owned", content=b"z" * 200000, mode=0o4750, owner=(65534, 1000))
        add("odd/hard", tarfile.LNKTYPE, target="odd/owned")
        add("odd/soft", tarfile.SYMTYPE, target="../odd/owned", mode=0o777, owner=(7, 8))
        add("odd/pipe", tarfile.FIFOTYPE, mode=0o620)
        add("odd/null", tarfile.CHRTYPE, mode=0o666, device=(1, 3))
        add("usr/lib/python3.11/wsgiref/.wh..wh..opq")
        add("usr/lib/python3.11/wsgiref/left", content=b"alone")
        add("usr/lib/python3.11/.wh.this.py")


def with_umoci(work, recipe):
    image, bundle = f"{work}/oci:latest", f"{work}/bundle"
    run("umoci", "init", "--layout", f"{work}/oci")
    run("umoci", "new", "--image", image)
    rootless = ["--rootless"] if os.geteuid() != 0 else []
    run("umoci", "unpack", *rootless, "--image", image, bundle)
    fill(f"{bundle}/rootfs", recipe)
    run("umoci", "repack", "--image", image, bundle)
    if recipe.get("layer"):
        odd_layer(f"{work}/layer.tar")
        run("umoci", "raw", "add-layer", "--image", image, f"{work}/layer.tar")
    config = ["--os", "linux", "--architecture", "arm64"]
    for word in recipe["entrypoint"]:
        config += ["--config.entrypoint", word]
    for variable in recipe["env"]:
        config += ["--config.env", variable]
    run("umoci", "config", "--image", image, *config)


def version():
    with open(__file__, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def made_by(layout):
    try:
        with open(f"{layout}.version", encoding="utf-8") as file:
            return file.read()
    except OSError:
        return None


def make(name, layout):
    """An image of a recipe, unless it is there."""
    if made_by(layout) == version():
        return layout
    work = f"{layout}.{os.getpid()}"
    os.makedirs(work)
    try:
        with_umoci(work, RECIPES[name])
        shutil.rmtree(layout, ignore_errors=True)
        os.rename(f"{work}/oci", layout)
        with open(f"{layout}.version", "w", encoding="utf-8") as file:
            file.write(version())
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return layout


if __name__ == "__main__":
    for each in RECIPES:
        make(each, f"{sys.argv[1]}/debian-{each}")
