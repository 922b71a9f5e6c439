/* SPDX-License-Identifier: BSD-2-Clause */
/* VMRUN, the guest's events and #VMEXIT. Rules S1-S14. Twin of model_vmx.c. */
#include "nmi/model_state.h"

#include "x86/trap.h"

/* APM Vol. 2 "SVM Intercept Exit Codes". */
enum { CODE_NMI = 0x61, CODE_INIT = 0x63, CODE_IRET = 0x74, CODE_VMMCALL = 0x81 };
#define CODE_INVALID (~0U)

static bool has(unsigned long flag)
{
	return model.controls & flag;
}

/* --- #VMEXIT --- */

static void leave(enum exit_reason reason, uint32_t code)
{
	unsigned long flags = model.controls & ~(unsigned long)INTERRUPT_SHADOW;
	bool shadow = model.sti || model.mov_ss; /* S13: one bit for both */
	struct exit *exit = model_cpu_leave(reason, code);

	exit->flags = flags | (shadow ? INTERRUPT_SHADOW : 0);
	exit->injection &= ~EVENT_VALID;
	/* S2: GIF is clear. S22 is open: NMI blocking stays as it is. */
	model.gif = broken(vmexit_does_not_clear_gif);
	model.at_exit_handler = true;
	model.program[GUEST].halted = false; /* there is no activity to save */
}

/* --- VMRUN --- */

/* S9. Type 4 needs no more than its vector. */
static bool injection_is_good(void)
{
	unsigned type = model.injection >> 8 & 7, vector = model.injection & 0xff;

	switch (model.injection & EVENT_VALID ? type : 0U) {
	case TYPE_EXTERNAL_INTERRUPT:
	case TYPE_NMI:
	case 4:
		return true;
	case TYPE_EXCEPTION:
		return vector < 32 && vector != VECTOR_NMI;
	default:
		return false;
	}
}

/* S6: nothing comes before the injection, and no intercept looks at it. */
static bool event_instead_of_injection(void)
{
	bool injects_nmi = (model.injection & 0xff) == VECTOR_NMI;

	if (!has(INTERCEPT_NMI))
		return false;
	if (!(broken(nmi_before_eventinj) && model_cpu_nmi_is_open()) &&
	    !(broken(eventinj_nmi_is_intercepted) && injects_nmi))
		return false;
	leave(EXIT_NMI, CODE_NMI);
	return true;
}

static void take_nmi_first(void)
{
	model.nmis_pending--;
	model_cpu_deliver(VECTOR_NMI);
	model.blocked = true;
}

static void inject(void)
{
	if (event_instead_of_injection())
		return;
	if (broken(nmi_before_eventinj) && model_cpu_nmi_is_open())
		take_nmi_first();
	model_cpu_deliver(model.injection & 0xff);
	model.nmi_late = broken(eventinj_holds_nmis_for_one_instruction);
	/* S7: an injected NMI does not block. */
	if ((model.injection & 0xff) == VECTOR_NMI && broken(eventinj_nmi_blocks))
		model.blocked = true;
}

static bool enter(const struct entry *entry)
{
	(void)entry;
	model.gif = false; /* the CLGI before VMRUN */
	model.who = GUEST;
	if (!injection_is_good()) {
		leave(EXIT_INVALID, CODE_INVALID);
		return false;
	}
	/* S2: GIF is set once the guest is loaded. */
	model.gif = !broken(vmrun_does_not_set_gif);
	model.mov_ss = has(INTERRUPT_SHADOW); /* S13 */
	if (model.injection & EVENT_VALID)
		inject();
	return true;
}

/* --- in the guest --- */

/* S3: with the intercept an open NMI exits, and stays pending. */
static bool event_exits(void)
{
	bool intercepted = has(INTERCEPT_NMI) && !broken(nmi_intercept_is_ignored);

	if (!model_cpu_nmi_is_open() || !(intercepted || broken(nmi_is_always_intercepted)))
		return false;
	leave(EXIT_NMI, CODE_NMI);
	if (broken(intercepted_nmi_is_consumed))
		model.nmis_pending--;
	return true;
}

/* S5: the exit comes before the IRET and its unblocking. */
static bool iret_exits(void)
{
	if (!has(INTERCEPT_IRET) || broken(iret_intercept_is_ignored))
		return false;
	if (broken(iret_intercept_unblocks) || broken(iret_intercept_comes_after_iret))
		model.blocked = false;
	if (broken(iret_intercept_comes_after_iret))
		model_code_advance();
	leave(EXIT_IRET, CODE_IRET);
	return true;
}

static bool instruction_exits(enum model_op op)
{
	if (op == OP_IRET)
		return iret_exits();
	if (op != OP_VMMCALL)
		return false;
	leave(EXIT_HYPERCALL, CODE_VMMCALL);
	return true;
}

/* R2: it unblocks. */
static void iret(void)
{
	model.blocked &= broken(iret_in_an_svm_guest_does_not_unblock);
}

static void take_back(void)
{
	leave(EXIT_INIT, CODE_INIT);
}

/* VMMCALL in the host is #UD: APM Vol. 3 "VMMCALL". */
static bool undefined(enum model_op op)
{
	return op == OP_VMCALL || (op == OP_VMMCALL && model.who == HOST);
}

const struct model_architecture model_svm = {
	.enter = enter,
	.event_exits = event_exits,
	.instruction_exits = instruction_exits,
	.iret = iret,
	.take_back = take_back,
	.undefined = undefined,
};
