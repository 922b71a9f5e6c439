/* SPDX-License-Identifier: BSD-2-Clause */
#include "machine.h"

#include "x86/cpu.h"
#include "x86/desc.h"

void machine_plan(const unsigned *nmis, unsigned halts)
{
	for (unsigned i = 0; i < halts; i++)
		sender_plan(i + 1, nmis[i]);
	if (halts && !sender_is_remote())
		sender_send_ahead();
}

uintptr_t machine_page_address(enum guest_page page)
{
	return page == GUEST_IDT ? desc_guest_idt.base : (uintptr_t)cpu_self()->guest_stack;
}

enum guest_page machine_page_at(uint64_t address)
{
	for (enum guest_page page = 0; page < OTHER_PAGE; page++)
		if (address / PAGE_SIZE == machine_page_address(page) / PAGE_SIZE)
			return page;
	return OTHER_PAGE;
}
