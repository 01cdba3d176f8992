# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""What a root filesystem is by an image's layers, read without any tool that makes or unpacks images."""

import hashlib
import json
import stat
import tarfile

KINDS = {tarfile.DIRTYPE: stat.S_IFDIR, tarfile.SYMTYPE: stat.S_IFLNK, tarfile.FIFOTYPE: stat.S_IFIFO,
         tarfile.CHRTYPE: stat.S_IFCHR, tarfile.BLKTYPE: stat.S_IFBLK}
XATTR = "SCHILY.xattr."

# Printed in the guest for every file of its root filesystem: the same fields.
LISTING = r"""
import hashlib, json, os, stat
top = os.lstat('/').st_dev
def line(path):
    found = os.lstat(path)
    kind = stat.S_IFMT(found.st_mode)
    content = os.readlink(path) if kind == stat.S_IFLNK else (
        hashlib.sha256(open(path, 'rb').read()).hexdigest() if kind == stat.S_IFREG else
        [os.major(found.st_rdev), os.minor(found.st_rdev)] if kind in (stat.S_IFCHR, stat.S_IFBLK) else None)
    xattrs = {name: os.getxattr(path, name, follow_symlinks=False).hex()
              for name in os.listxattr(path, follow_symlinks=False)}
    print(json.dumps([path[1:], found.st_mode, found.st_uid, found.st_gid, content, xattrs], sort_keys=True))
for folder, folders, files in os.walk('/'):
    folders[:] = [name for name in folders if os.lstat(os.path.join(folder, name)).st_dev == top]
    # An overlay's files have the device of the layer that they are of.
    for name in folders + files: line(os.path.join(folder, name))
hard = os.lstat('/odd/hard'), os.lstat('/odd/owned')
print(json.dumps(['one file', hard[0].st_ino == hard[1].st_ino]))
"""


def blob(layout, digest):
    return f"{layout}/blobs/{digest.replace(':', '/')}"


def load(layout, descriptor):
    with open(blob(layout, descriptor["digest"]), encoding="utf-8") as file:
        return json.load(file)


def of_layers(layout):
    """Path → mode, owner, group, content (hash, target or device), extended attributes."""
    with open(f"{layout}/index.json", encoding="utf-8") as file:
        manifest = load(layout, json.load(file)["manifests"][0])
    files = {}
    for layer in manifest["layers"]:
        apply(files, blob(layout, layer["digest"]))
    return files


def remove(files, path, itself):
    for name in [name for name in files if name.startswith(path + "/") or itself and name == path]:
        del files[name]


def apply(files, path):
    with tarfile.open(path) as layer:
        members = layer.getmembers()
        names = [member.name.removeprefix("./").strip("/") for member in members]
        # What a layer takes away is of those below it.
        for name in names:
            folder, _, last = name.rpartition("/")
            if last == ".wh..wh..opq":
                remove(files, folder, False)
            elif last.startswith(".wh."):
                remove(files, f"{folder}/{last[4:]}".strip("/"), True)
        for name, member in zip(names, members):
            if name in ("", ".") or name.rpartition("/")[2].startswith(".wh."):
                continue
            files[name] = files[member.linkname.removeprefix("./").strip("/")] if member.islnk() else entry(layer, member)


def entry(layer, member):
    content = None
    if member.isreg():
        content = hashlib.sha256(layer.extractfile(member).read()).hexdigest()
    elif member.issym():
        content = member.linkname
    elif member.ischr() or member.isblk():
        content = [member.devmajor, member.devminor]
    xattrs = {key[len(XATTR):]: value.encode("utf-8", "surrogateescape").hex()
              for key, value in member.pax_headers.items() if key.startswith(XATTR)}
    return [KINDS.get(member.type, stat.S_IFREG) | member.mode, member.uid, member.gid, content, xattrs]


def digest(files):
    """One hash over everything."""
    return hashlib.sha256(json.dumps(sorted(files.items()), sort_keys=True).encode()).hexdigest()
