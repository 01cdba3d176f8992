# SPDX-FileCopyrightText: 2026 The kos authors
# SPDX-License-Identifier: BSD-2-Clause
import socket
import time

while True:
    try:
        server = socket.create_connection(("server", 5050))
        break
    except ConnectionRefusedError:
        time.sleep(0.1)
server.sendall(b"hello from Python in a microVM\n")
print("python:", server.makefile().readline(), end="")
