/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/alphabet.h"

#include "serial/print.h"

static const struct {
	unsigned bit;
	const char *code;
	unsigned often;
	unsigned long needs;
} flags[] = {
#define FLAG(flag, code, often, needs) {flag##_BIT, code, often, needs},
#define STEP_IN(step, host, guest, needs)
#define LETTER(needs, operation)
#include "explore/alphabet.def"
#undef FLAG
#undef STEP_IN
#undef LETTER
};

static const struct {
	bool known, who[2];
	unsigned long needs;
} steps[STEPS] = {
#define FLAG(flag, code, often, needs)
#define STEP_IN(step, host, guest, needs) [step] = {true, {host, guest}, needs},
#define LETTER(needs, operation)
#include "explore/alphabet.def"
#undef FLAG
#undef STEP_IN
#undef LETTER
};

enum { FLAGS = sizeof(flags) / sizeof(flags[0]) };

const char *alphabet_flag_code(char *buffer, size_t size, unsigned bit)
{
	for (unsigned i = 0; i < FLAGS; i++)
		if (flags[i].bit == bit)
			return flags[i].code;
	print_to(buffer, size, "F%u", bit);
	return buffer;
}

static bool has_all(unsigned long needs)
{
	return !(needs & ~virt_features);
}

uint64_t alphabet_flags(void)
{
	uint64_t all = 0;

	for (unsigned i = 0; i < FLAGS; i++)
		if (has_all(flags[i].needs))
			all |= 1ULL << flags[i].bit;
	return all;
}

bool alphabet_has_step(enum step step, enum party who)
{
	return step < STEPS && steps[step].known && steps[step].who[who] &&
	       has_all(steps[step].needs);
}

uint64_t alphabet_random_flags(uint32_t (*random)(void))
{
	uint64_t some = 0;

	for (unsigned i = 0; i < FLAGS; i++)
		if (has_all(flags[i].needs) && random() % 16 < flags[i].often)
			some |= 1ULL << flags[i].bit;
	return some;
}

uint64_t alphabet_random_flag(uint32_t (*random)(void))
{
	unsigned i = random() % FLAGS;

	return has_all(flags[i].needs) ? 1ULL << flags[i].bit : 0;
}

static const struct {
	const char *text;
	unsigned long needs;
} letters[] = {
#define FLAG(flag, code, often, needs)
#define STEP_IN(step, host, guest, needs)
#define LETTER(needs, operation) {operation, needs},
#include "explore/alphabet.def"
#undef FLAG
#undef STEP_IN
#undef LETTER
};

const char *alphabet_letter(unsigned i)
{
	for (unsigned k = 0; k < sizeof(letters) / sizeof(letters[0]); k++)
		if (has_all(letters[k].needs) && !i--)
			return letters[k].text;
	return NULL;
}

static bool has_steps(const struct operation *operation)
{
	enum party who = operation->kind == DO_HOST ? HOST : GUEST;

	for (unsigned i = 0; i < operation->count; i++)
		if (!alphabet_has_step(operation->steps[i], who))
			return false;
	return true;
}

static bool has_operation(const struct operation *operation)
{
	switch (operation->kind) {
	case DO_HOST:
		return has_steps(operation);
	case DO_ENTER:
		return virt_features & HAS_GUEST && has_steps(operation);
	case DO_RESUME:
	case DO_USE:
	case DO_INJECT:
	case DO_REINJECT:
	case DO_IDT:
		return virt_features & HAS_GUEST;
	case DO_SET:
		return virt_features & HAS_GUEST && !(operation->value & ~alphabet_flags());
	case DO_ACTIVITY:
	case DO_LATER:
	case DO_SIPI:
		return virt_features & HAS_VMX;
	case DO_PRIORITY:
		return virt_features & HAS_SVM;
	case DO_FRED:
		return has_all(FRED_PARTIES(operation->value) & FRED_GUEST
				       ? HAS_FRED | HAS_FRED_GUEST
				       : HAS_FRED);
	case DO_CLEAN:
		return has_all(HAS_SVM | HAS_CLEAN_BITS);
	case DO_RENEW: /* of the others a copy would have to be written */
		return operation->value <= GUEST_STACK &&
		       has_all(HAS_NESTED_PAGING | HAS_NEW_PAGES);
	case DO_UNMAP:
	case DO_MAP:
		return has_all(HAS_NESTED_PAGING);
	default:
		return true;
	}
}

bool alphabet_has(const struct program *program)
{
	for (unsigned i = 0; i < program->count; i++)
		if (!has_operation(&program->operations[i]))
			return false;
	return true;
}
