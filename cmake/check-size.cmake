# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
#
# Fails where FILE has more than MOST bytes: cmake -DFILE=… -DMOST=… -P check-size.cmake
file(SIZE ${FILE} size)
if(size GREATER MOST)
    message(FATAL_ERROR "${FILE} has ${size} bytes, at most ${MOST} are allowed")
endif()
message("${size} of ${MOST} bytes")
