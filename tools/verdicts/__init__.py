# SPDX-License-Identifier: BSD-2-Clause
"""
What is known of machines: how each experiment ended on them (results: docs/results), which of that
is the machine's fault and why (expected: tests/expected), and the pages made of both
(page: docs/platforms.md, findings: docs/findings).
"""
