# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh disable=SC2034,SC2154 # variables pass between the tool's script and this recipe
#
# busybox over three layers, of which the later ones take away and replace what the earlier ones have.
layers='base change last'
entrypoint=
command='ls -l /data'
environment='PATH=/bin LANG=C'
labels='com.koskit.app.name=busybox'

# What a layer changed gets the layer's date, so that images made at different times are alike.
dated() {
    find "$1" -newermt "$2" -exec touch --no-dereference --date "$2" {} +
}

layer_base() {
    mkdir -p "$1/bin" "$1/data/folder/deep" "$1/replaced"
    install -m 755 "$programs/busybox" "$1/bin/busybox"
    for applet in cat ls sh sha256sum wc; do
        ln -s busybox "$1/bin/$applet"
    done
    for name in kept removed overwritten becomes-a-link; do
        echo "$name, of the base" >"$1/data/$name"
    done
    echo 'deep, of the base' >"$1/data/folder/deep/file"
    echo 'old' >"$1/replaced/old"
    seq 1 20000 >"$1/data/numbers"
    chmod 640 "$1/data/kept"
    dated "$1" 2020-01-01T00:00:00Z
}

# Removed files, a removed folder, a folder emptied and filled anew.
layer_change() {
    rm "$1/data/removed" "$1/replaced/old"
    rm -r "$1/data/folder"
    echo 'new' >"$1/replaced/new"
    echo 'overwritten, of the change' >"$1/data/overwritten"
    dated "$1" 2020-01-02T00:00:00Z
}

# Links of both kinds, a file in the place of another kind, a removed file that is back.
layer_last() {
    rm "$1/data/becomes-a-link"
    ln -s kept "$1/data/becomes-a-link"
    echo 'linked' >"$1/data/linked"
    ln "$1/data/linked" "$1/data/linked-again"
    echo 'removed, but back' >"$1/data/removed"
    echo 'a file now' >"$1/data/folder"
    dated "$1" 2020-01-03T00:00:00Z
}
