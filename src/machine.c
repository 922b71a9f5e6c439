/* SPDX-License-Identifier: BSD-2-Clause */
#include "machine.h"

#include "string.h"
#include "x86/cpu.h"
#include "x86/desc.h"
#include "x86/page_pool.h"
#include "x86/registers.h"

void machine_reset(void)
{
	sender_reset();
	write_dr7(DR7_RESET);
	write_dr6(DR6_FIXED);
}

void machine_plan(const unsigned *nmis, unsigned halts)
{
	for (unsigned i = 0; i < halts; i++)
		sender_plan(i + 1, nmis[i]);
	if (halts && !sender_is_remote())
		sender_send_ahead();
}

/* Where the host's step stack is, which a guest knows nothing of: the guard page comes next. */
uintptr_t machine_ldt(const struct cpu *cpu)
{
	return (uintptr_t)cpu->step_stack;
}

uintptr_t machine_page_address(enum guest_page page)
{
	const uintptr_t addresses[] = {
		[GUEST_IDT] = desc_guest_idt.base,
		[GUEST_STACK] = (uintptr_t)cpu_self()->guest_stack,
		[GUEST_LDT] = machine_ldt(cpu_self()),
		[GUEST_HANDLERS] = desc_guest_handler(0),
	};

	return addresses[page];
}

uintptr_t machine_new_page(enum guest_page page)
{
	uintptr_t address = page_pool_take();

	if (page == GUEST_IDT)
		memcpy((void *)address, (const void *)machine_page_address(page), PAGE_SIZE);
	return address;
}

enum guest_page machine_page_at(uint64_t address)
{
	for (enum guest_page page = 0; page < OTHER_PAGE; page++)
		if (address / PAGE_SIZE == machine_page_address(page) / PAGE_SIZE)
			return page;
	return OTHER_PAGE;
}
