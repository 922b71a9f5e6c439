/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/nmi/trace.c src/nmi/places.c src/serial/print.c src/virt.c */
/* links: tests/unit/fake/console.c */
#include "nmi/trace.h"

#include "unit.h"
#include "virt.h"

static uint64_t now;

static uint64_t tick(void)
{
	return now += 10;
}

static unsigned nowhere(unsigned long ip)
{
	(void)ip;
	return PLACE_UNKNOWN;
}

static const struct virt machine = {.ticks = tick, .place = nowhere};

static int fresh(void **state)
{
	(void)state;
	virt = &machine;
	now = 0;
	trace_reset();
	return 0;
}

static void take(unsigned vector, uint64_t when)
{
	assert_int_equal(trace_front()->vector, vector);
	trace_pop();
	assert_int_equal(trace_ticks(), when);
}

static void events_are_taken_in_order_with_their_times(void **state)
{
	(void)state;
	trace_event((struct event){EVENT_INTERRUPT, GUEST, 2, at(NOP), 0});
	trace_event((struct event){EVENT_INTERRUPT, HOST, 33, at(NOP), 0});
	take(2, 10);
	take(33, 20);
	assert_int_equal(trace_front()->kind, EVENT_NONE);
}

static void what_hit_the_exit_handler_stays_behind_the_exit_with_its_time(void **state)
{
	(void)state;
	trace_event((struct event){EVENT_INTERRUPT, GUEST, 33, at(NOP), 0});
	trace_event((struct event){EVENT_INTERRUPT, HOST, 2, PLACE_EXIT, 0});
	trace_exit((struct event){EVENT_EXIT, GUEST, EXIT_HYPERCALL, at(VMCALL), 0});
	take(33, 10);
	take(EXIT_HYPERCALL, 30);
	take(2, 20);
}

static void a_full_trace_loses_what_comes_last(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TRACE_MAX + 3; i++)
		trace_event((struct event){EVENT_INTERRUPT, HOST, i + 32, at(NOP), 0});
	for (unsigned i = 0; i < TRACE_MAX; i++)
		take(i + 32, 10 * (i + 1));
	assert_int_equal(trace_front()->kind, EVENT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(events_are_taken_in_order_with_their_times, fresh),
		cmocka_unit_test_setup(
			what_hit_the_exit_handler_stays_behind_the_exit_with_its_time, fresh),
		cmocka_unit_test_setup(a_full_trace_loses_what_comes_last, fresh),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
