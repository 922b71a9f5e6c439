/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What VM entry accepts, and where the NMI window opens: sweeps over all settings.
 * The guest executes one NOP, if it gets to it.
 */
#include "experiments/settings.h"
#include "nmi/experiment.h"

#define SHADOWS      (BLOCKED_BY_STI | BLOCKED_BY_MOV_SS)

#define MC           18 /* #MC */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- what is legal --- */

static bool injects(const struct entry *entry, enum event_type type)
{
	return entry->injection & EVENT_VALID && event_type(entry->injection) == type;
}

static unsigned vector_of(const struct entry *entry)
{
	return entry->injection & 0xff;
}

/* R11, "VM-Execution Control Fields" */
static bool controls_are_legal(uint64_t flags)
{
	return (!(flags & VIRTUAL_NMIS) || flags & NMI_EXITING) &&
	       (!(flags & NMI_WINDOW_EXITING) || flags & VIRTUAL_NMIS);
}

/* R25, "Checks on Guest Non-Register State". The SMI bit is legal only in SMM. */
static bool state_is_legal(const struct entry *entry)
{
	uint64_t flags = entry->flags;

	if ((flags & SHADOWS) == SHADOWS || flags & BLOCKED_BY_SMI)
		return false;
	if (flags & BLOCKED_BY_STI && !entry->interrupts_on)
		return false;
	if (injects(entry, TYPE_EXTERNAL_INTERRUPT))
		return entry->interrupts_on && !(flags & SHADOWS);
	if (injects(entry, TYPE_NMI))
		return !(flags & BLOCKED_BY_MOV_SS) &&
		       !(flags & VIRTUAL_NMIS && flags & BLOCKED_BY_NMI);
	return true;
}

/* R26, the same section: what each activity state takes. */
static bool activity_takes(const struct entry *entry)
{
	bool exception = injects(entry, TYPE_EXCEPTION);

	switch (entry->activity) {
	case ACTIVITY_ACTIVE:
		return true;
	case ACTIVITY_HLT:
		return injects(entry, TYPE_EXTERNAL_INTERRUPT) || injects(entry, TYPE_NMI) ||
		       injects(entry, TYPE_OTHER_EVENT) ||
		       (exception && (vector_of(entry) == DB || vector_of(entry) == MC));
	case ACTIVITY_SHUTDOWN:
		return injects(entry, TYPE_NMI) || (exception && vector_of(entry) == MC);
	default:
		return false;
	}
}

static bool activity_exists(unsigned activity)
{
	static const unsigned long needs[] = {0, HAS_HLT_STATE, HAS_SHUTDOWN_STATE, HAS_SIPI_STATE};

	return activity < COUNT(needs) && !(needs[activity] & ~virt_features);
}

static bool activity_is_legal(const struct entry *entry)
{
	if (!activity_exists(entry->activity))
		return false;
	if (entry->activity != ACTIVITY_ACTIVE && entry->flags & SHADOWS)
		return false;
	return !entry->injection || activity_takes(entry);
}

static uint32_t failure_due(const struct entry *entry)
{
	if (!controls_are_legal(entry->flags))
		return VMFAIL_CONTROLS;
	return state_is_legal(entry) && activity_is_legal(entry) ? 0 : INVALID_GUEST_STATE;
}

/* An NMI under blocking by STI is for the processor to decide. */
static bool is_open(const struct entry *entry)
{
	return injects(entry, TYPE_NMI) && entry->flags & BLOCKED_BY_STI;
}

static void expect_code(const struct entry *entry, uint32_t code, uint32_t wanted)
{
	char text[64];

	expect_case(code == wanted, "%s IF=%u activity %u %08x/%u: %x",
		    code == wanted ? "" : guest_flags_text(text, sizeof(text), entry->flags),
		    entry->interrupts_on, entry->activity, entry->injection, entry->length, code);
}

static void try_legality(const struct entry *entry, uint32_t wanted)
{
	const struct exit *exit = try_entry(entry);

	expect_code(entry, exit->reason == EXIT_ENTRY_FAILED ? exit->code : 0, wanted);
}

/* --- sweeps --- */

EXPERIMENT(41, vm_entry_checks_what_it_must,
	   .claim = "Of all settings of NMI controls, interruptibility, IF and injected event, VM "
		    "entry refuses those that it must, with the right error, and no others.",
	   .sdm = "Checks on Guest Non-Register State",
	   .needs = HAS_VMX | HAS_VIRTUAL_NMIS | HAS_NMI_WINDOW, .rules = {R25, R11})
{
	static const uint32_t events[] = {
		0,
		EVENT_INFO(TYPE_EXTERNAL_INTERRUPT, IRQ),
		EVENT_INFO(TYPE_NMI, NMI),
		EVENT_INFO(TYPE_EXCEPTION, UD),
	};

	for (uint64_t flags = 0; flags < INTERRUPTS_ON << 1; flags++)
		for (unsigned i = 0; i < COUNT(events); i++) {
			struct entry entry = {.flags = flags & ~(uint64_t)INTERRUPTS_ON,
					      .interrupts_on = flags & INTERRUPTS_ON,
					      .injection = events[i]};
			if (!(flags & BLOCKED_BY_SMI) && !is_open(&entry))
				try_legality(&entry, failure_due(&entry));
		}
}

/* Without an injection an inactive guest may sleep for ever: 37, 40, 50 and 51 are about that. */
static void try_activity(const struct entry *entry)
{
	uint32_t due = failure_due(entry);
	bool sleeps = !due && !entry->injection && entry->activity != ACTIVITY_ACTIVE;

	if (!sleeps && !is_open(entry))
		try_legality(entry, due);
}

EXPERIMENT(58, vm_entry_checks_the_activity_state,
	   .claim = "Of all activity states with interruptibility, IF and injected event, VM entry "
		    "refuses those that it must, with reason 80000021h, and no others.",
	   .sdm = "Checks on Guest Non-Register State", .needs = HAS_VMX | HAS_TIMER,
	   .rules = {R26, R25})
{
	static const unsigned long states[] = {0, BLOCKED_BY_STI, BLOCKED_BY_MOV_SS, BLOCKED_BY_SMI,
					       BLOCKED_BY_NMI};
	static const uint32_t events[] = {
		0,
		EVENT_INFO(TYPE_EXTERNAL_INTERRUPT, IRQ),
		EVENT_INFO(TYPE_NMI, NMI),
		EVENT_INFO(TYPE_EXCEPTION, DB),
		EVENT_INFO(TYPE_EXCEPTION, UD),
		EVENT_INFO(TYPE_EXCEPTION, MC),
		EVENT_INFO(TYPE_EXCEPTION, DF) | INFO_ERROR_CODE,
		EVENT_INFO(TYPE_SOFTWARE_INTERRUPT, SOFT),
		EVENT_INFO(TYPE_PRIVILEGED_EXCEPTION, DB),
		EVENT_INFO(TYPE_SOFTWARE_EXCEPTION, BP),
		EVENT_INFO(TYPE_OTHER_EVENT, 0),
	};
	unsigned count = COUNT(events) - !(virt_features & HAS_MTF);

	/* The timer ends what a wrong entry may have put to sleep. */
	for (unsigned i = 0; i < COUNT(states) * count * 2; i++)
		for (unsigned activity = 0; activity <= ACTIVITY_WAIT_FOR_SIPI + 1; activity++)
			try_activity(&(struct entry){
				.flags = PREEMPTION_TIMER_0 | states[i / 2 / count],
				.interrupts_on = i % 2,
				.activity = activity,
				.injection = events[i / 2 % count],
				.length = 1,
			});
}

/* R28, "VM-Entry Control Fields": each field against the type. */
static bool vector_is_legal(unsigned type, unsigned vector)
{
	if (type == TYPE_OTHER_EVENT)
		return vector == 0 && virt_features & HAS_MTF;
	return type == TYPE_NMI ? vector == NMI : type != TYPE_EXCEPTION || vector < 32;
}

static bool length_is_legal(unsigned type, unsigned length)
{
	bool software = type >= TYPE_SOFTWARE_INTERRUPT && type <= TYPE_SOFTWARE_EXCEPTION;

	return !software || (length ? length <= 15 : virt_features & HAS_ZERO_LENGTH);
}

/* Some processors take an exception with any error code or none. */
static bool error_code_is_legal(unsigned type, unsigned vector, bool error_code)
{
	if (type == TYPE_EXCEPTION && !(virt_features & HAS_STRICT_ERROR_CODES))
		return true;
	return error_code == event_has_error_code(type, vector);
}

static bool injection_is_legal(const struct entry *entry)
{
	const uint32_t reserved_bits = 0x7ffff000;
	const unsigned reserved_type = 1;
	unsigned type = entry->injection >> 8 & 7, vector = vector_of(entry);

	return type != reserved_type && !(entry->injection & reserved_bits) &&
	       error_code_is_legal(type, vector, entry->injection & INFO_ERROR_CODE) &&
	       vector_is_legal(type, vector) && length_is_legal(type, entry->length);
}

static void try_event(uint32_t injection, unsigned length)
{
	struct entry entry = {.flags = PREEMPTION_TIMER_0,
			      .interrupts_on = true,
			      .injection = injection,
			      .length = length};

	try_legality(&entry, injection_is_legal(&entry) ? 0 : VMFAIL_CONTROLS);
}

/* Only a software event has an instruction: for the rest any length will do. */
static void try_lengths(uint32_t injection)
{
	static const unsigned lengths[] = {16, 1, 0, 15};
	unsigned count = (injection >> 8 & 7) < TYPE_SOFTWARE_INTERRUPT ? 1 : COUNT(lengths);

	for (unsigned i = 0; i < count; i++)
		try_event(injection, lengths[i]);
}

EXPERIMENT(
	59, vm_entry_checks_the_injection_field,
	.claim =
		"Of all types with vectors, error code bit, reserved bits and instruction "
		"lengths, VM entry refuses those that it must, with VMfailValid(7), and no others.",
	.sdm = "VM-Entry Control Fields", .needs = HAS_VMX | HAS_TIMER, .rules = {R28})
{
	/* Not 21, #CP: whether it has an error code depends on more. Not bit 13: FRED's. */
	static const unsigned char vectors[] = {0, 1, 2, 3, 8, 12, 14, 17, 18, 31, 32, IRQ, 255};
	static const uint32_t bits[] = {0, INFO_ERROR_CODE, 1 << 12, 1 << 30};

	/* The timer exits at the handler's first instruction: what it expects on its stack, an
	 * event of another type may not have put there. */
	for (unsigned type = 0; type < 8; type++)
		for (unsigned i = 0; i < COUNT(vectors); i++)
			for (unsigned j = 0; j < COUNT(bits); j++)
				try_lengths(EVENT_INFO(type, vectors[i]) | bits[j]);
}

/* --- the NMI window --- */

/* R39, R22, R42: how the guest leaves, with NMI-window exiting. */
static struct exit window_exit(const struct entry *entry)
{
	struct exit exit = {EXIT_NMI_WINDOW, .place = at(NOP), .flags = entry->flags,
			    .activity = entry->activity};

	if (injects(entry, TYPE_OTHER_EVENT)) {
		exit.reason = EXIT_MTF;
	} else if (injects(entry, TYPE_NMI) || entry->flags & BLOCKED_BY_NMI) {
		exit.reason = EXIT_HYPERCALL;
		exit.place = at(HYPERCALL);
		exit.flags |= BLOCKED_BY_NMI;
		exit.activity = ACTIVITY_ACTIVE;
	} else if (injects(entry, TYPE_EXTERNAL_INTERRUPT)) {
		exit.place = handler(IRQ);
		exit.activity = ACTIVITY_ACTIVE;
	} else if (entry->flags & BLOCKED_BY_MOV_SS) {
		exit.place = after(NOP);
		exit.flags = EVW;
	}
	return exit;
}

static bool is_same(const struct exit *got, const struct exit *wanted)
{
	return got->reason == wanted->reason && got->place == wanted->place &&
	       got->flags == wanted->flags && got->activity == wanted->activity;
}

/* Blocking by STI may close the window, or not. */
static bool is_one_instruction_later(const struct entry *entry, const struct exit *got)
{
	const struct exit later = {EXIT_NMI_WINDOW, .place = after(NOP), .flags = EVW};

	return entry->flags & BLOCKED_BY_STI && !entry->injection && is_same(got, &later);
}

static void expect_window(const struct entry *entry, const struct exit *got, bool good)
{
	char place[32] = "";

	if (!good)
		place_text(place, sizeof(place), got->place);
	expect_case(good, "%x activity %u %08x: %s %s, %x, activity %u",
		    (unsigned)(entry->flags & ~(unsigned long)EVW), entry->activity,
		    entry->injection, exit_reason_text(got->reason), place,
		    (unsigned)(got->flags & ~(unsigned long)EVW), got->activity);
}

static void try_window(const struct entry *entry)
{
	const struct exit wanted = window_exit(entry), *got = try_entry(entry);
	uint32_t failure = failure_due(entry);

	if (failure || got->reason == EXIT_ENTRY_FAILED)
		expect_code(entry, got->reason == EXIT_ENTRY_FAILED ? got->code : 0, failure);
	else
		expect_window(entry, got,
			      is_same(got, &wanted) || is_one_instruction_later(entry, got));
}

EXPERIMENT(37, the_nmi_window_opens_where_it_must,
	   .claim = "(1,1,B,1) in each activity state, with each blocking and injection: the "
		    "NMI-window exit comes at the entry RIP, after MOV SS's instruction, at the "
		    "injected handler's first instruction, or not at all.",
	   .sdm = "NMI-Window Exiting", .needs = HAS_VMX | HAS_NMI_WINDOW,
	   .rules = {R39, R22, R26, R43})
{
	static const unsigned long states[] = {0, BLOCKED_BY_STI, BLOCKED_BY_MOV_SS,
					       BLOCKED_BY_NMI};
	static const uint32_t events[] = {
		0,
		EVENT_INFO(TYPE_EXTERNAL_INTERRUPT, IRQ),
		EVENT_INFO(TYPE_NMI, NMI),
		EVENT_INFO(TYPE_OTHER_EVENT, 0),
	};
	unsigned count = COUNT(events) - !(virt_features & HAS_MTF);

	for (unsigned i = 0; i < COUNT(states) * count; i++)
		for (unsigned activity = 0; activity <= ACTIVITY_SHUTDOWN; activity++) {
			struct entry entry = {.flags = EVW | states[i / count],
					      .interrupts_on = true,
					      .activity = activity,
					      .injection = events[i % count]};
			/* With the window closed only an NMI would end shutdown: 40. */
			bool sleeps = activity == ACTIVITY_SHUTDOWN && !entry.injection &&
				      entry.flags & BLOCKED_BY_NMI;
			if (activity_exists(activity) && !sleeps && !is_open(&entry))
				try_window(&entry);
		}
}
