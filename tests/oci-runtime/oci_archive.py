# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
"""Writes an image of one layer as an OCI archive (image-spec 1.1), for engines that import nothing else."""
import hashlib
import io
import json
import platform
import tarfile

MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


def write_archive(path, root, name, user="0:0"):
    """`name` is what the image is called once it is imported."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        tar.add(root, arcname=".")
    with tarfile.open(path, "w") as archive:
        def add(file, data):
            entry = tarfile.TarInfo(file)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))

        def blob(kind, data, **more):
            digest = hashlib.sha256(data).hexdigest()
            add("blobs/sha256/" + digest, data)
            return {"mediaType": "application/vnd.oci.image." + kind, "digest": "sha256:" + digest,
                    "size": len(data), **more}

        layer_blob = blob("layer.v1.tar", layer.getvalue())
        config = blob("config.v1+json", json.dumps({
            "architecture": MACHINES[platform.machine()], "os": "linux", "config": {"Env": ["PATH=/bin"], "User": user},
            "rootfs": {"type": "layers", "diff_ids": [layer_blob["digest"]]}}).encode())
        manifest = blob("manifest.v1+json", json.dumps({
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": config, "layers": [layer_blob]}).encode(),
            annotations={"io.containerd.image.name": name})
        add("index.json", json.dumps({"schemaVersion": 2, "manifests": [manifest]}).encode())
        add("oci-layout", b'{"imageLayoutVersion": "1.0.0"}')
