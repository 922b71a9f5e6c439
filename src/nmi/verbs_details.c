/* SPDX-License-Identifier: BSD-2-Clause */
/* Details of what happened: error codes, flags, debug exceptions. */
#include "nmi/trace.h"
#include "nmi/verbs.h"
#include "nmi/verbs_state.h"
#include "nmi/verdict.h"
#include "serial/print.h"

#define TRAPS (DR6_B0 | DR6_BS | DEBUG_ENABLED)

static void expect_value(uint64_t got, uint64_t expected, const char *what)
{
	char text[32];

	if (verdict.failed || got == expected)
		return;
	print_to(text, sizeof(text), "%llx", (unsigned long long)got);
	verdict_fail(text, "%s %llx", what, (unsigned long long)expected);
}

void expect_pushed_error(unsigned long error)
{
	expect_value(trace_frame()->pushed, error, "with it the error code or DR6");
}

void expect_pushed_resume_flag(bool resume_flag)
{
	expect_value(trace_frame()->resume_flag, resume_flag, "pushed RF");
}

void expect_error(uint32_t error)
{
	expect_value(verbs.last.error, error, "the exit's error code");
}

void expect_cut_off_error(uint32_t error)
{
	expect_value(verbs.last.vectoring_error, error, "the cut-off event's error code");
}

void expect_debug_traps(unsigned long traps)
{
	expect_value(verbs.last.debug_traps & TRAPS, traps, "pending debug exceptions");
}

void expect_resume_flag(bool resume_flag)
{
	expect_value(verbs.last.resume_flag, resume_flag, "saved RF");
}

void expect_qualification(uint64_t qualification)
{
	expect_value(verbs.last.qualification, qualification, "exit qualification");
}

/* SDM "Information for VM Exits Due to Vectored Events" */
void expect_acknowledged_fence(void)
{
	uint32_t info = verbs.last.info;

	if (!verbs_begin_verb())
		return;
	expect_value(info & ~(uint32_t)(FENCES - 1), EVENT_INFO(TYPE_EXTERNAL_INTERRUPT, FENCE),
		     "interruption information of the fence,");
	if (!virt->end_fence() && !verdict.failed)
		verdict_fail("it is not", "the fence in service");
}
