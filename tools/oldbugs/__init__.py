# SPDX-License-Identifier: BSD-2-Clause
"""tools/old-bugs: KVM's own old mistakes, put back."""
