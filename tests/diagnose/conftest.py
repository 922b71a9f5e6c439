# SPDX-License-Identifier: BSD-2-Clause
"""Logs of the model with mutants, as a machine with those bugs would write them."""

import subprocess

import pytest
from diagnosis import log, oracle, report


@pytest.fixture(scope="session", autouse=True)
def model():
    oracle.build()


@pytest.fixture(scope="session")
def manual(model):
    return report.Manual()


@pytest.fixture(scope="session")
def console():
    """console(vendor, mutants..., words=()) -> the text of a run"""

    def console(vendor, *mutants, words=()):
        breaking = [f"mutant={name}" for name in mutants]
        command = [oracle.MODEL, f"vendor={vendor}", *breaking, *words]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    return console


@pytest.fixture(scope="session")
def machine():
    """machine(vendor) -> its oracle; one for all tests"""
    oracles = {}

    def machine(vendor):
        if vendor not in oracles:
            oracles[vendor] = oracle.Oracle(vendor)
        return oracles[vendor]

    yield machine
    for each in oracles.values():
        each.close()


@pytest.fixture(scope="session")
def read(console):
    """read(vendor, mutants...) -> the Log of a run"""
    return lambda vendor, *mutants, words=(): log.read(console(vendor, *mutants, words=words))
