# SPDX-License-Identifier: BSD-2-Clause
"""tools/explore: runs, what is kept of them, and what is known of a platform."""
