/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * die=CPU,HOW,WHERE: the CPU with this index dies there, once. A CPU that never comes there itself,
 * such as the helper, dies when the CPU under test does.
 */
#include "death.h"

#include "nmi/sender.h"
#include "nmi/trace.h"
#include "string.h"
#include "virt.h"
#include "x86/apic.h"
#include "x86/asm.h"
#include "x86/insn.h"
#include "x86/smp.h"
#include "x86/trap.h"
#include "x86/tsc.h"

#define BEFORE_DEATH_US 100000  /* for another CPU to die */
#define SLEEP_US        1000000 /* less than is waited for a helper */

static const char *const places[DEATH_PLACES] = {
	[CPU_STARTS] = "start",        [BEFORE_ROOT_MODE] = "before", [FIRST_ROOT_MODE] = "root",
	[FIRST_ENTRY] = "entry",       [IN_ROOT_MODE] = "host",       [IN_GUEST] = "guest",
	[BETWEEN_EXPERIMENTS] = "gap", [WHILE_PRINTING] = "print",    [BEFORE_STORM] = "storm",
};

static bool wanted;
static unsigned who, how;
static enum death_place where;
static volatile bool due, dead;

/* --- how --- */

static _Noreturn void spin_for_ever(void)
{
	for (;;)
		spin();
}

static void die_spinning(void)
{
	cli();
	spin_for_ever();
}

static void die_in_nmi_handler(void)
{
	static uint8_t idt[256 * 2 * sizeof(long)] __attribute__((aligned(16)));
	struct table_register r;
	unsigned long ip = (unsigned long)die_spinning;

	asm volatile("sidt %0" : "=m"(r));
	memcpy(idt, (const void *)r.base, sizeof(idt));
	uint16_t *gate = (uint16_t *)(idt + VECTOR_NMI * 2 * sizeof(long));
	gate[0] = (uint16_t)ip;
	gate[3] = (uint16_t)(ip >> 16);
	r.base = (unsigned long)idt;
	lidt(&r);
	apic_send(apic_id(), ICR_NMI);
	spin_for_ever();
}

static void die_with_interrupts(void)
{
	asm volatile("sti");
	spin_for_ever();
}

static void die_of_ud(void)
{
	asm volatile("ud2");
}

static __attribute__((noinline)) void die_of_smashed_stack(void)
{
	unsigned long *frame = __builtin_frame_address(0);

	((volatile unsigned long *)frame)[1] = 0xdead0000;
}

static void die_of_triple_fault(void)
{
	static const struct table_register no_idt;

	lidt(&no_idt);
	asm volatile("int3");
}

static void die_of_init(void)
{
	apic_send(apic_id(), ICR_INIT);
	spin_for_ever();
}

/* It moves, but answers nobody. */
static void die_moving(void)
{
	cli();
	for (;;) {
		sender_beat++;
		spin();
	}
}

/* No death: the host lets it wait. */
static void sleep(void)
{
	tsc_wait_us(SLEEP_US);
}

/* The guest's part: an entry that does not return, or not as it should. */
static const enum step spins[] = {SPIN}, opens[] = {STI, SPIN}, faults[] = {INT3, NOP};

static const struct {
	const char *name;
	void (*in_host)(void);
	struct entry in_guest;
} ways[] = {
	{"spin", die_spinning, {.steps = spins, .count = 1}},
	{"hlt", smp_stop, {.steps = spins, .count = 1, .activity = ACTIVITY_HLT}},
	{"nmi", die_in_nmi_handler, {.steps = spins, .count = 1, .flags = BLOCKED_BY_NMI}},
	{"sti", die_with_interrupts, {.steps = opens, .count = 2}},
	{"ud", die_of_ud, {.steps = faults, .count = 2}},
	{"smash", die_of_smashed_stack, {.steps = faults, .count = 2}},
	{"triple", die_of_triple_fault, {.steps = faults, .count = 2, .idt_end = 1}},
	{"init", die_of_init, {.steps = spins, .count = 1}},
	{"mute", die_moving, {.steps = spins, .count = 1}},
	{"sleep", sleep, {.steps = spins, .count = 1}},
};

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static void die(void)
{
	struct exit exit;

	dead = true;
	if (where == FIRST_ENTRY || where == IN_GUEST) {
		struct entry entry = ways[how].in_guest;
		if (cpu_self() == trace_subject)
			virt->run_guest(&entry, &exit);
		else
			ways[how].in_host();
		return;
	}
	ways[how].in_host();
}

/* --- who and where --- */

/* A CPU has no index before it has started. */
static bool is_victim(enum death_place place)
{
	static unsigned started;

	if (place == CPU_STARTS)
		return ++started == who;
	return cpu_self()->index == who;
}

static bool is_dead(void)
{
	return dead;
}

void death_at(enum death_place place)
{
	bool victim = is_victim(place);

	if (!wanted || dead || place != where)
		return;
	if (victim) {
		die();
	} else if (place >= IN_ROOT_MODE && who < smp_count) {
		due = true;
		smp_wake(smp_cpus[who]);
		tsc_wait_for(is_dead, BEFORE_DEATH_US);
	}
}

void death_elsewhere(void)
{
	if (due && !dead && cpu_self()->index == who)
		die();
}

/* --- the word --- */

static bool skip(const char **at, const char *end, const char *text)
{
	size_t length = strlen(text);

	if ((size_t)(end - *at) < length || memcmp(*at, text, length))
		return false;
	*at += length;
	return true;
}

static bool parse_how(const char **at, const char *end)
{
	for (how = 0; how < WAYS; how++)
		if (skip(at, end, ways[how].name) && skip(at, end, ","))
			return true;
	return false;
}

static bool parse_where(const char **at, const char *end)
{
	for (where = 0; where < DEATH_PLACES; where++)
		if (skip(at, end, places[where]) && *at == end)
			return true;
	return false;
}

bool death_word(const char *word, const char *end)
{
	if (!skip(&word, end, "die=") || word == end)
		return false;
	who = (unsigned)(*word++ - '0');
	wanted = skip(&word, end, ",") && parse_how(&word, end) && parse_where(&word, end);
	return wanted;
}
