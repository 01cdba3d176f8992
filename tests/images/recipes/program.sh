# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh disable=SC2034,SC2154 # variables pass between the tool's script and this recipe
#
# One program as a user would package it, with the configuration and the files of examples/hello.
layers=files
entrypoint=/$program
command='hello_world test'
environment='HELLO=WORLD'
labels="com.koskit.app.name=$program"

layer_files() {
    install -m 755 "$programs/$program" "$1/$program"
    install -m 644 "$examples/hello/foo.txt" "$examples/hello/bar.txt" "$1"
    [ "$program" != files ] || install -d "$1/tmp"
}
