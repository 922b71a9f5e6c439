# SPDX-License-Identifier: BSD-2-Clause
"""Mechanical mutation of the model: what tools/mutate is made of."""
