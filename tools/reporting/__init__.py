# SPDX-License-Identifier: BSD-2-Clause
"""
The result of runs in the formats that others read: tools/report.

    runs.py     reads logs, QR texts and folders, and what is known of each failure
    tap.py      KTAP and TAP, as the Linux kernel's parser, tappy and prove accept them
    junit.py    JUnit XML
    plain.py    what JSON has
"""
