/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FRED: events without an IDT, returns without IRET. SDM Vol. 3 "Flexible Return and Event
 * Delivery (FRED)", the FRED specification (346446), 64-bit mode only. It is off, but while an
 * experiment uses it, on the CPU that asks for it. Its handlers return as all of ours do, by POPF
 * and RET (trap.h), so that blocking stays, unless they are told to use ERETS and ERETU.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The frame, from RSP up: "Saving Information on the Regular Stack". */
struct fred_frame {
	uint64_t error, ip;
	uint64_t cs; /* bits 17:16: the stack level that was interrupted */
	uint64_t flags, sp;
	uint64_t ss; /* FRED_SS_..., and the event's information in the upper half */
	uint64_t data, zero;
};
_Static_assert(sizeof(struct fred_frame) == 64, "what FRED event delivery pushes");

#define FRED_LEVELS        4
#define FRED_CS_LEVEL(cs)  ((unsigned)((cs) >> 16) & 3)

#define FRED_SS_STI        (1ULL << 16) /* STI blocked interrupts */
#define FRED_SS_SOFTWARE   (1ULL << 17) /* SYSCALL, SYSENTER, INT n */
#define FRED_SS_NMI        (1ULL << 18) /* ERETS and ERETU unblock NMIs by this */
#define FRED_SS_NESTED     (1ULL << 58) /* an exception in the midst of an event's delivery */
#define FRED_SS_64_BIT     (1ULL << 57) /* it came in 64-bit mode */
#define FRED_SS_VECTOR(ss) ((unsigned)((ss) >> 32) & 0xff)
#define FRED_SS_TYPE(ss)   ((unsigned)((ss) >> 48) & 0xf)
#define FRED_SS_LENGTH(ss) ((unsigned)((ss) >> 60))
#define FRED_SS_EVENT(type, vector, length)                                                        \
	((uint64_t)(vector) << 32 | (uint64_t)(type) << 48 | (uint64_t)(length) << 60)

/* Events of type 7, "other". */
#define FRED_VECTOR_SYSCALL  1
#define FRED_VECTOR_SYSENTER 2

/* Which of host and guest have FRED. */
enum { FRED_HOST = 1, FRED_GUEST = 2 };

/* How handlers return: by RET at the stack level that was interrupted, or still at their own; the
 * last two edit bit 18 of the frames of events with vector 2 first. */
enum fred_return {
	RETURN_BY_RET,
	RETURN_BY_RET_AT_LEVEL,
	RETURN_BY_ERETS,
	RETURN_BY_ERETS_MARKED,
	RETURN_BY_ERETS_UNMARKED
};

struct fred_use {
	unsigned parties; /* 0: off */
	enum fred_return how;
	uint32_t levels; /* IA32_FRED_STKLVLS of vectors 0-15, two bits each; #DF has level 3 */

	/* In the VMCS, for who has registers of its own: the guest's levels, and what else is in
	 * IA32_FRED_CONFIG of each: bits that are reserved. */
	uint32_t guest_levels;
	uint64_t host_config, guest_config;
};

/* Its registers, but for those of shadow stacks; of stack level 0 there is one for both parties. */
struct fred_registers {
	uint64_t config, levels, sp[FRED_LEVELS];
};

/* NULL, and virt_features may have it; or why this CPU has no FRED that works: it tries it. */
const char *fred_detect(void);

/* For this CPU: its MSRs, and CR4.FRED as FRED_HOST says. False: what worked when it was tried does
 * not. */
bool fred_use(const struct fred_use *use);

/* IA32_STAR has the selectors for both ways between ring 3 and ring 0, also of FRED's events. No
 * control of VMX loads it. */
void fred_load_star(unsigned party);

/* As this use wants them, at stack level 0. The guest's own stacks of levels 1 and 2 are the host's
 * of 2 and 1: so one can tell whose an event found. */
struct fred_registers fred_registers(const struct fred_use *use, unsigned party);

/* The frame of an event that FRED delivered; NULL: it came through the IDT. */
struct regs;
const struct fred_frame *fred_frame(const struct regs *regs);

/* Of its handler: the stack level; the level whose stack the frame lies on the top of, 0: none. */
unsigned fred_level(void);
unsigned fred_stack(const struct fred_frame *frame);

/* "# FRED: NMI, vector 2, length 0, ..." */
void fred_print(const struct fred_frame *frame);

/* The entry point for events of ring 0 or 3. */
unsigned long fred_entry_point(unsigned ring);
