/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/vmx_check.h"

#include "x86/trap.h"

#define INVALID_CONTROLS 7 /* "VM Instruction Error Numbers" */
#define INVALID_HOST     8
#define INVALID_STATE    0x80000021 /* "VMX Basic Exit Reasons", 33, and bit 31: at entry */

#define INFO_RESERVED    0x7ffff000U /* bits 30:12 */

enum { RESERVED_TYPE = 1, LENGTH_MAX = 15, VECTOR_MC = 18 };

static bool has(uint64_t flag)
{
	return model.controls & flag;
}

static unsigned type(void)
{
	return event_type(model.injection);
}

static unsigned vector(void)
{
	return event_vector(model.injection);
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

static bool is_software(void)
{
	return type() >= TYPE_SOFTWARE_INTERRUPT && type() <= TYPE_SOFTWARE_EXCEPTION;
}

/* F7 */
static bool system_call_is_good(void)
{
	bool fred = model.fred.parties & FRED_GUEST;

	if (vector() > FRED_VECTOR_SYSENTER)
		return false;
	return fred ? !broken(injected_system_calls_refused)
		    : broken(injected_system_calls_accepted_without_fred);
}

/* F7: bit 13 is for exceptions. */
static uint32_t reserved_bits(void)
{
	bool may_nest = type() == TYPE_EXCEPTION || broken(any_nested_injection_accepted);

	if (!(virt_features & HAS_NESTED_EXCEPTIONS) || broken(nested_exceptions_refused))
		return INFO_RESERVED;
	return INFO_RESERVED & ~(may_nest ? INFO_NESTED : 0);
}

static bool vector_is_good(void)
{
	switch (type()) {
	case TYPE_NMI:
		return vector() == VECTOR_NMI;
	case TYPE_EXCEPTION:
		return vector() <= 31;
	case TYPE_OTHER_EVENT:
		return vector() == 0 || system_call_is_good();
	default:
		return true;
	}
}

static bool is_system_call(void)
{
	return type() == TYPE_OTHER_EVENT && vector() &&
	       !broken(length_of_an_injected_system_call_is_not_checked);
}

static bool length_is_good(void)
{
	return (!is_software() && !is_system_call()) ||
	       (model.length > 0 && model.length <= LENGTH_MAX);
}

/* R28 */
static bool injection_is_good(void)
{
	bool error_code = model.injection & INFO_ERROR_CODE;
	bool pushes_one = type() == TYPE_EXCEPTION && model_deliver_has_error_code(vector());

	if (!(model.injection & EVENT_VALID) && !broken(invalid_injection_is_checked))
		return true;
	if (!model.injection)
		return true;
	return (type() != RESERVED_TYPE || broken(reserved_injection_type_accepted)) &&
	       (!(model.injection & reserved_bits()) || broken(reserved_injection_bits_accepted)) &&
	       (vector_is_good() || broken(any_injection_vector_accepted)) &&
	       (length_is_good() || broken(any_injection_length_accepted)) &&
	       (error_code == pushes_one || broken(any_error_code_bit_accepted));
}

/* F9 */
static bool config_is_good(uint64_t config)
{
	const uint64_t reserved = 0x834;

	return !(config & reserved);
}

static bool host_is_good(void)
{
	return !has(EXIT_LOADS_FRED) || config_is_good(model.fred.host_config) ||
	       broken(hosts_fred_config_is_not_checked);
}

static bool guests_fred_is_good(void)
{
	return !has(ENTRY_LOADS_FRED) || config_is_good(model.fred.guest_config) ||
	       broken(guests_fred_config_is_not_checked);
}

/* F10 */
static bool ring_is_good(void)
{
	bool fred = model.fred.parties & FRED_GUEST;

	return !fred || !has(RING_3) || !has(BLOCKED_BY_STI) ||
	       broken(sti_bit_in_ring_3_with_fred_accepted);
}

/* R25: each bit against RFLAGS and the other. */
static bool shadows_are_good(void)
{
	bool sti = has(BLOCKED_BY_STI), mov_ss = has(BLOCKED_BY_MOV_SS);

	if (has(BLOCKED_BY_SMI) && !broken(smi_bit_outside_smm_accepted))
		return false;
	if (has(RESERVED_INTERRUPTIBILITY) && !broken(reserved_interruptibility_accepted))
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

/* R25. Bit 0 may forbid an NMI or not. */
static bool nmi_is_good(void)
{
	if (!injects(TYPE_NMI))
		return true;
	if (has(BLOCKED_BY_STI) && chosen(sti_bit_refuses_an_nmi))
		return false;
	if (has(BLOCKED_BY_MOV_SS) && !broken(nmi_under_mov_ss_accepted))
		return false;
	if (!has(BLOCKED_BY_NMI))
		return true;
	if (has(VIRTUAL_NMIS))
		return broken(nmi_under_virtual_blocking_accepted);
	return !broken(nmi_under_bit3_refused_without_virtual_nmis);
}

/* R26: what may be injected into HLT, shutdown and wait-for-SIPI. */
static bool activity_takes_injection(enum activity activity)
{
	bool machine_check = type() == TYPE_EXCEPTION && vector() == VECTOR_MC;

	if (activity == ACTIVITY_HLT && !broken(any_event_into_hlt_accepted))
		return machine_check || (type() == TYPE_EXCEPTION && vector() == VECTOR_DB) ||
		       (type() != TYPE_EXCEPTION && !is_software());
	if (activity == ACTIVITY_SHUTDOWN && !broken(any_event_into_shutdown_accepted))
		return machine_check || type() == TYPE_NMI;
	return activity != ACTIVITY_WAIT_FOR_SIPI || broken(any_event_into_wait_for_sipi_accepted);
}

static bool activity_is_good(void)
{
	enum activity activity = model.program[GUEST].activity;
	bool shadow = has(BLOCKED_BY_STI) || has(BLOCKED_BY_MOV_SS);

	if (activity == ACTIVITY_ACTIVE)
		return true;
	if (activity > ACTIVITY_WAIT_FOR_SIPI)
		return broken(any_activity_accepted);
	if (shadow && !broken(shadows_while_inactive_accepted))
		return false;
	return !(model.injection & EVENT_VALID) || activity_takes_injection(activity);
}

uint32_t model_vmx_check(void)
{
	if (!controls_are_good())
		return broken(bad_nmi_controls_are_invalid_state) ? INVALID_STATE
								  : INVALID_CONTROLS;
	if (!injection_is_good())
		return broken(bad_injection_is_invalid_state) ? INVALID_STATE : INVALID_CONTROLS;
	if (!host_is_good())
		return INVALID_HOST;
	if (guests_fred_is_good() && ring_is_good() && shadows_are_good() && interrupt_is_good() &&
	    nmi_is_good() && activity_is_good())
		return 0;
	return broken(invalid_guest_state_is_vmfail) ? INVALID_CONTROLS : INVALID_STATE;
}
