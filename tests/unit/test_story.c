/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/nmi/story.c src/nmi/places.c src/serial/print.c tests/unit/fake/console.c */
#include "nmi/story.h"

#include "serial/debugport.h"
#include "unit.h"

#include <string.h>

static char crumb[256]; /* the last one */

void debugport_crumb(const char *text)
{
	strncpy(crumb, text, sizeof(crumb) - 1);
}

static void steps_are_told_with_all_the_nmis_of_their_halts(void **state)
{
	(void)state;
	const enum step two = HLT | 2 << 8, at_once = HLT | (2 | AT_ONCE) << 8;

	story_begin(1, "it");
	story_add_steps("host", (const enum step[]){NOP, two, at_once, HLT, STEPS_END});
	assert_string_equal(story_text(), " host(NOP, HLT(NMI, NMI), HLT(NMI, NMI at once), HLT)");
}

static void what_finds_no_room_is_told_as_such(void **state)
{
	(void)state;
	story_begin(1, "it");
	for (unsigned i = 0; i < STORY_MAX; i++)
		story_add("step %u,", i);
	assert_in_range(strlen(story_text()), STORY_MAX - 20, STORY_MAX - 1);
	assert_string_equal(story_text() + strlen(story_text()) - 5, ", ...");
	story_begin(2, "next");
	story_add("again");
	assert_string_equal(story_text(), " again");
}

/* tools/lib/progress.sh reads them. */
static void the_crumb_of_a_pass_says_how_far_it_is(void **state)
{
	(void)state;
	story_pass(3, 100, 1, 7);
	assert_string_equal(crumb, "\n@pass 3 of 100 on CPU 1, failures: 7");
	story_pass(UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX);
	assert_non_null(strstr(crumb, " of 4294967295 on CPU 4294967295, failures: 4294967295"));
	story_pass(3, 0, 1, 7);
	assert_string_equal(crumb, "\n@pass 3 on CPU 1, failures: 7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_are_told_with_all_the_nmis_of_their_halts),
		cmocka_unit_test(what_finds_no_room_is_told_as_such),
		cmocka_unit_test(the_crumb_of_a_pass_says_how_far_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
