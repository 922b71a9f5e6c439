/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/explore/text.c src/explore/program.c src/explore/alphabet.c src/explore/generate.c */
/* links: src/explore/shrink.c src/nmi/places.c src/virt.c src/serial/print.c */
/* links: tests/unit/fake/console.c */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "explore/alphabet.h"
#include "explore/generate.h"
#include "explore/shrink.h"
#include "explore/text.h"

/* For libFuzzer: clang -fsanitize=fuzzer -Dmain=unused, and the files above. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *parse(const char *text, struct program *program, size_t *place)
{
	virt_features = ~0UL;
	return text_parse(program, text, place);
}

/* What was understood is printed so that it is understood in the same way. */
static void round_trip(const struct program *program)
{
	char text[TEXT_MAX];
	struct program again;
	size_t place;

	text_print(text, sizeof(text), program);
	assert_true(strlen(text) + 1 < sizeof(text));
	const char *why = parse(text, &again, &place);
	if (why)
		print_message("%s: %s at %zu\n", text, why, place);
	assert_null(why);
	assert_true(program_is_same(program, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[TEXT_MAX];
	struct program program;
	size_t place, length = size < sizeof(text) ? size : sizeof(text) - 1;

	memcpy(text, data, length);
	text[length] = 0;
	if (!parse(text, &program, &place))
		round_trip(&program);
	else
		assert_true(place <= length);
	return 0;
}

static void test_the_grammar(void **state)
{
	static const char *const good[] = {
		"hn",
		"hn,n1,g:EV,e:nop,h:hlt+n",
		"  hn n1 , g:EV,, e:nop ",
		"g:,e",
		"g:EVBI,e:badiret/hlt+nnn/iret,r",
		"i:nmi,e",
		"i:3.dx,e",
		"i:4.50L2,e:intn",
		"i:6.3L1+7,e:int3",
		"i:mtf,i:irq,i:0.2",
		"j,s,sb,sipi,l2,n0,n3,u1,d255,c:1fff,q:f0",
		"a:hlt,a:shutdown,a:sipi,a:active,a:reserved",
		"-idt,+stack,*ldt,-handlers",
		"f:hg,f:h,f:g,f:,f:he,f:gm1,f:hgu3,f:2",
		"f:hm,h:int2/eretsnmi,g:EVFlFsFh,i:7.1L2,i:3.d+2,e:eretunmi",
	};
	struct program program;
	size_t place;

	(void)state;
	for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_null(parse(good[i], &program, &place));
		round_trip(&program);
	}
}

static void test_the_names_of_flags_are_different_and_can_be_read(void **state)
{
	struct program program = {0};

	(void)state;
	for (unsigned bit = 0; bit < 64; bit++) {
		program.count = 0;
		program_add(&program, DO_SET)->value = 1ULL << bit;
		round_trip(&program);
	}
}

static void test_what_is_wrong_is_named_with_its_place(void **state)
{
	static const struct {
		const char *text, *why;
		size_t place;
	} bad[] = {
		{"", "there is no operation", 0},
		{" , ", "there is no operation", 3},
		{"hn,zoo", "there is no such operation", 3},
		{"hn,foo", "a colon and parties are missing", 4},
		{"f:k", "a number is missing", 2},
		{"f:h4", "the number is too large", 3},
		{"e:nop/foo", "there is no such step", 6},
		{"e:nop+n", "only hlt takes NMIs, three at most", 7},
		{"h:hlt+nnnn", "only hlt takes NMIs, three at most", 10},
		{"ex", "a colon and steps are missing", 1},
		{"g:EY", "there is no such setting", 3},
		{"n4", "the number is too large", 1},
		{"n", "a number is missing", 1},
		{"i:9.1", "a number is missing", 2},
		{"i:3.1ff", "the number is too large", 6},
		{"hnx", "the operation goes on after its end", 2},
		{"a:sleep", "states are active hlt shutdown sipi reserved", 2},
		{"-gdt", "pages are idt stack ldt handlers", 1},
		{"e:nop/nop/nop/nop/nop/nop", "too many steps", 25},
		{"r,r,r,r,r,r,r,r,r,r,r,r,r", "too many operations", 24},
	};
	struct program program;
	size_t place;

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *why = parse(bad[i].text, &program, &place);
		assert_non_null(why);
		assert_string_equal(why, bad[i].why);
		assert_int_equal(place, bad[i].place);
	}
}

static void test_any_bytes_are_understood_or_refused(void **state)
{
	static const char alphabet[] = "hergijnsauqcdlt:,/+-*.xLEVWSMBINPGQR0123456789 opidkmf";
	uint32_t random = 7;
	uint8_t text[40];

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		unsigned length = unit_random(&random) % sizeof(text);
		for (unsigned k = 0; k < length; k++)
			text[k] = alphabet[unit_random(&random) % (sizeof(alphabet) - 1)];
		for (unsigned k = 0; !(i % 4) && k < length; k++)
			text[k] = 1 + unit_random(&random) % 255;
		LLVMFuzzerTestOneInput(text, length);
	}
}

static void test_generated_programs_are_in_the_alphabet(void **state)
{
	struct program program;
	unsigned long machines[] = {
		HAS_VMX | HAS_GUEST | HAS_HELPER,
		HAS_VMX | HAS_GUEST | HAS_HELPER | HAS_VIRTUAL_NMIS | HAS_NESTED_PAGING,
		HAS_SVM | HAS_GUEST | HAS_HELPER,
		HAS_SVM | HAS_GUEST,
	};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		unsigned missing = 0;
		virt_features = machines[i];
		generate_start(i);
		for (unsigned k = 0; k < 2000; k++) {
			generate_next(&program);
			generate_keep(&program);
			missing += !alphabet_has(&program);
		}
		assert_in_range(missing, 0, 1990);
	}
	virt_features = ~0UL;
	for (unsigned k = 0; k < 5000; k++) {
		generate_next(&program);
		generate_keep(&program);
		round_trip(&program);
	}
}

static void test_the_same_seed_gives_the_same_programs(void **state)
{
	struct program a[50], b;

	(void)state;
	virt_features = ~0UL;
	for (unsigned round = 0; round < 2; round++) {
		generate_start(42);
		for (unsigned k = 0; k < 50; k++) {
			generate_next(&b);
			generate_keep(&b);
			if (!round)
				a[k] = b;
			assert_true(program_is_same(&a[k], &b));
		}
	}
}

static void test_all_programs_are_different_and_counted(void **state)
{
	struct program program, before = {0};
	uint64_t count = generate_all_count(2), i = 0;

	(void)state;
	virt_features = ~0UL;
	count = generate_all_count(2);
	for (; generate_all(&program, 2, i); i++) {
		assert_in_range(program.count, 1, 2);
		assert_false(program_is_same(&program, &before));
		before = program;
	}
	assert_int_equal(i, count);
}

/* Two operations matter: an injection of an NMI, and an entry with an IRET. */
static bool matters(const struct program *program)
{
	bool injects = false;

	for (unsigned i = 0; i < program->count; i++) {
		const struct operation *operation = &program->operations[i];
		injects |= operation->kind == DO_INJECT;
		for (unsigned k = 0; k < operation->count; k++)
			if (injects && operation->kind == DO_ENTER && operation->steps[k] == IRET)
				return true;
	}
	return false;
}

static void test_shrinking_leaves_what_matters(void **state)
{
	struct program program;
	char text[TEXT_MAX];
	size_t place;

	(void)state;
	assert_null(parse("hn,g:EVP,n2,i:3.dL2,a:hlt,e:nop/hlt+nn/iret/nop,r,j", &program, &place));
	shrink(&program, matters);
	assert_string_equal(text_print(text, sizeof(text), &program), "i:nmi,e:iret");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_grammar),
		cmocka_unit_test(test_the_names_of_flags_are_different_and_can_be_read),
		cmocka_unit_test(test_what_is_wrong_is_named_with_its_place),
		cmocka_unit_test(test_any_bytes_are_understood_or_refused),
		cmocka_unit_test(test_generated_programs_are_in_the_alphabet),
		cmocka_unit_test(test_the_same_seed_gives_the_same_programs),
		cmocka_unit_test(test_all_programs_are_different_and_counted),
		cmocka_unit_test(test_shrinking_leaves_what_matters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
