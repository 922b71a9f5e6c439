# SPDX-License-Identifier: BSD-2-Clause
"""Every mutant and every pair of mutants is found again from the log that it makes."""

import itertools
import random

import pytest
from diagnosis import oracle, search
from machines import NOTHING, VENDORS, carrying, changed, experiments, on_one_machine
from machines import results_with, visible

PARTS = 4  # of the pairs, for several processors


def assert_found(model, manual, diagnosis, truth):
    assert diagnosis.unexplained == diagnosis.other_texts == []
    assert diagnosis.proven
    assert all(len(found) <= len(truth) for found in diagnosis.sets)
    for found in diagnosis.sets:  # everything ran: then they are one and the same
        if found != truth:
            wanted = on_one_machine(model, manual, truth)
            assert on_one_machine(model, manual, found) == wanted, (truth, found)
    assert truth in diagnosis.sets or len(diagnosis.sets[0]) < len(truth), (truth, diagnosis)


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_mutant(machine, manual, read, vendor):
    """From the text that the model prints, one experiment after the other on one machine."""
    model = machine(vendor)
    for name in visible(model, manual):
        log = read(vendor, name)
        assert log.vendor == vendor and not log.cut_off
        diagnosis = search.Search(model, log.results).diagnose()
        assert_found(model, manual, diagnosis, frozenset({name}) if log.failures() else NOTHING)


def test_every_mutant_is_visible_somewhere(machine, manual):
    seen = set().union(*(visible(machine(vendor), manual) for vendor in VENDORS))
    assert seen == manual.mutants.keys()


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("vendor", VENDORS)
def test_every_pair_that_meets(machine, manual, vendor, part):
    """Two mutants of which one experiment sees both: there one may hide the other."""
    model = machine(vendor)
    shows = changed(model, manual)
    pairs = (p for p in itertools.combinations(shows, 2) if shows[p[0]] & shows[p[1]])
    for pair in map(frozenset, itertools.islice(pairs, part, None, PARTS)):
        results = results_with(model, manual, pair)
        assert_found(model, manual, search.Search(model, results).diagnose(), pair)


@pytest.mark.parametrize("vendor", VENDORS)
def test_some_pairs_that_do_not_meet(machine, manual, vendor):
    model, rng = machine(vendor), random.Random(7)
    shows = changed(model, manual)
    pairs = [p for p in itertools.combinations(shows, 2) if not shows[p[0]] & shows[p[1]]]
    for pair in map(frozenset, rng.sample(pairs, 200)):
        results = results_with(model, manual, pair)
        assert_found(model, manual, search.Search(model, results).diagnose(), pair)


@pytest.mark.parametrize("vendor", VENDORS)
def test_some_pairs_from_their_text(machine, manual, read, vendor):
    model, rng = machine(vendor), random.Random(7)
    pairs = list(itertools.combinations(visible(model, manual), 2))
    for pair in rng.sample(pairs, 40):
        diagnosis = search.Search(model, read(vendor, *pair).results).diagnose()
        assert_found(model, manual, diagnosis, frozenset(pair))


@pytest.mark.parametrize("vendor", VENDORS)
def test_some_triples(machine, manual, vendor):
    model, rng = machine(vendor), random.Random(7)
    names = [name for name in visible(model, manual) if name not in carrying(model, manual)]
    triples = list(itertools.combinations(names, 3))
    for triple in map(frozenset, rng.sample(triples, 40)):
        results = results_with(model, manual, triple)
        assert_found(model, manual, search.Search(model, results).diagnose(), triple)


@pytest.mark.parametrize("vendor", VENDORS)
def test_part_of_an_answer_stands_for_the_whole(machine, manual, vendor):
    """What the search rests on: a mutant that was not asked for changes nothing."""
    model, rng = machine(vendor), random.Random(7)
    names, numbers = list(manual.mutants), experiments(model, manual)
    for _ in range(2000):
        broken, number = frozenset(rng.sample(names, 4)), rng.choice(numbers)
        short, whole = model.answer(number, broken), model.ask(number, broken)
        assert (short.verdict, short.failure) == (whole.verdict, whole.failure), (number, broken)


def test_the_model_answers_as_it_does_in_the_matrix(machine, manual):
    for line in oracle.run("matrix"):
        head, killers = line.partition("; recorded by ")[0].split(": killed by ")
        broken = frozenset({head.split()[0]})
        failing = {
            number
            for vendor in VENDORS
            for number in manual.experiments
            if machine(vendor).answer(number, broken).verdict == "FAIL"
        }
        assert failing == {int(number) for number in killers.split() if number != "nothing"}
