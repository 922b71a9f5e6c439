# SPDX-License-Identifier: BSD-2-Clause
"""QEMU's monitor, by QMP at a UNIX socket: its own commands for humans, and waiting for a migration."""

import json
import socket
import time

SECONDS = 60  # for an answer


class Monitor:
    def __init__(self, path):
        end = time.monotonic() + SECONDS
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(SECONDS)
            try:
                self.socket.connect(str(path))
                break
            except (FileNotFoundError, ConnectionRefusedError):
                self.socket.close()
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)
        self.lines = self.socket.makefile("r")
        self.lines.readline()  # its greeting
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        request = {"execute": command, "arguments": arguments}
        self.socket.sendall(json.dumps(request).encode() + b"\n")
        while True:
            answer = json.loads(self.lines.readline() or '{"error": "it has ended"}')
            if "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']}")
            if "return" in answer:
                return answer["return"]

    def say(self, line):
        """A command for humans: what it prints is an error."""
        printed = self.ask("human-monitor-command", **{"command-line": line})
        if printed.strip():
            raise RuntimeError(f"{line}: {printed.strip()}")

    def migrate(self, file):
        self.ask("migrate", uri=f"exec:cat >'{file}'")
        self.wait("query-migrate", lambda answer: answer["status"], "completed", "failed")

    def wait_to_run(self):
        self.wait("query-status", lambda answer: answer["status"], "running", "internal-error")

    def wait(self, query, field, good, bad):
        end = time.monotonic() + SECONDS
        while (state := field(self.ask(query))) != good:
            if state == bad or time.monotonic() > end:
                raise RuntimeError(f"{query}: {state}")
            time.sleep(0.02)

    def close(self):
        self.lines.close()
        self.socket.close()
