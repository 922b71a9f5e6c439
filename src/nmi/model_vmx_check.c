/* SPDX-License-Identifier: BSD-2-Clause */
#include "nmi/model_vmx_check.h"

#include "x86/trap.h"

#define INVALID_CONTROLS 7          /* "VM Instruction Error Numbers" */
#define INVALID_STATE    0x80000021 /* "VMX Basic Exit Reasons", 33, and bit 31: at entry */

#define INFO_ERROR_CODE  (1U << 11)
#define INFO_RESERVED    0x7ffff000U /* bits 30:12 */

enum { RESERVED_TYPE = 1, LENGTH_MAX = 15 };

static bool has(unsigned long flag)
{
	return model.controls & flag;
}

static unsigned type(void)
{
	return model.injection >> 8 & 7;
}

static unsigned vector(void)
{
	return model.injection & 0xff;
}

static bool injects(enum event_type wanted)
{
	return model.injection & EVENT_VALID && type() == wanted;
}

/* R11 */
static bool controls_are_good(void)
{
	if (has(VIRTUAL_NMIS) && !has(NMI_EXITING) &&
	    !broken(virtual_nmis_without_nmi_exiting_accepted))
		return false;
	return !has(NMI_WINDOW_EXITING) || has(VIRTUAL_NMIS) ||
	       broken(nmi_window_without_virtual_nmis_accepted);
}

/* #DF #TS #NP #SS #GP #PF #AC: they push an error code. */
static bool has_error_code(unsigned exception)
{
	return exception == 8 || (exception >= 10 && exception <= 14) || exception == 17;
}

static bool is_software(void)
{
	return type() >= TYPE_SOFTWARE_INTERRUPT && type() <= TYPE_SOFTWARE_EXCEPTION;
}

static bool vector_is_good(void)
{
	switch (type()) {
	case TYPE_NMI:
		return vector() == VECTOR_NMI;
	case TYPE_EXCEPTION:
		return vector() <= 31;
	case TYPE_OTHER_EVENT:
		return vector() == 0;
	default:
		return type() != RESERVED_TYPE;
	}
}

/* R28 */
static bool injection_is_good(void)
{
	bool error_code = model.injection & INFO_ERROR_CODE;

	if (!(model.injection & EVENT_VALID))
		return true;
	if (model.injection & INFO_RESERVED || !vector_is_good())
		return false;
	if (is_software() && (model.length == 0 || model.length > LENGTH_MAX))
		return false;
	return error_code == (type() == TYPE_EXCEPTION && has_error_code(vector()));
}

/* R25: each bit against RFLAGS and the other. */
static bool shadows_are_good(void)
{
	bool sti = has(BLOCKED_BY_STI), mov_ss = has(BLOCKED_BY_MOV_SS);

	if (has(BLOCKED_BY_SMI)) /* only in SMM */
		return false;
	if (sti && mov_ss && !broken(sti_and_mov_ss_bits_accepted))
		return false;
	return !sti || model.program[GUEST].interrupts_on || broken(sti_bit_without_if_accepted);
}

/* R25 */
static bool interrupt_is_good(void)
{
	if (!injects(TYPE_EXTERNAL_INTERRUPT))
		return true;
	if (has(BLOCKED_BY_STI) && !broken(interrupt_under_sti_accepted))
		return false;
	if (has(BLOCKED_BY_MOV_SS) && !broken(interrupt_under_mov_ss_accepted))
		return false;
	return model.program[GUEST].interrupts_on;
}

/* R25. Bit 0 may forbid an NMI or not; here it does not. */
static bool nmi_is_good(void)
{
	if (!injects(TYPE_NMI))
		return true;
	if (has(BLOCKED_BY_MOV_SS) && !broken(nmi_under_mov_ss_accepted))
		return false;
	if (!has(BLOCKED_BY_NMI))
		return true;
	if (has(VIRTUAL_NMIS))
		return broken(nmi_under_virtual_blocking_accepted);
	return !broken(nmi_under_bit3_refused_without_virtual_nmis);
}

/* R26: what may be injected into HLT. The other inactive states this CPU does not support. */
static bool activity_is_good(enum activity activity)
{
	if (activity > ACTIVITY_HLT)
		return false;
	if (!model.program[GUEST].halted)
		return true;
	if (has(BLOCKED_BY_STI) || has(BLOCKED_BY_MOV_SS))
		return false;
	if (!(model.injection & EVENT_VALID))
		return true;
	if (type() == TYPE_EXCEPTION)
		return vector() == 1 || vector() == 18; /* #DB, #MC */
	return !is_software();
}

uint32_t model_vmx_check(enum activity activity)
{
	if (!controls_are_good() || !injection_is_good())
		return INVALID_CONTROLS;
	if (shadows_are_good() && interrupt_is_good() && nmi_is_good() &&
	    activity_is_good(activity))
		return 0;
	return broken(invalid_guest_state_is_vmfail) ? INVALID_CONTROLS : INVALID_STATE;
}
