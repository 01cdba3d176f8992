# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh disable=SC2034,SC2154 # variables pass between the tool's script and this recipe
#
# As `program`, of a service that may publish the protocol 5050.
# shellcheck source=tests/images/recipes/program.sh
. "$here/recipes/program.sh"
labels="$labels com.koskit.app.spec.publishes=5050"
