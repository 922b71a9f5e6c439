/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/task.h"

#ifdef __x86_64__

void task_use(enum tasks tasks)
{
	(void)tasks;
}

#else

#include "string.h"
#include "x86/cpu.h"
#include "x86/desc.h"
#include "x86/registers.h"
#include "x86/trap.h"

#define V86_CS 0xffff /* reaches 64 KB less 16 bytes above 1 MB: linker.ld makes sure of it */

extern const char task_nmi[], step_TASK_IRET_at[], step_V86_IRET_at[];

/* A task of the host's that begins at this address. Its stack is the guest's, which is free. */
static void fill(struct tss *tss, const struct cpu *cpu, const char *ip)
{
	memset(tss, 0, sizeof(*tss));
	tss->sp = tss->ring[0].sp = (uint32_t)(cpu->guest_stack + sizeof(cpu->guest_stack));
	tss->ss = tss->ring[0].ss = tss->ds = tss->es = HOST_DS;
	tss->cs = HOST_CS;
	tss->cr3 = read_cr3();
	tss->ip = (uint32_t)ip;
	tss->flags = EFLAGS_FIXED;
	tss->io_map = sizeof(*tss);
}

/* Its IOPL is 0. */
static void make_v86(struct tss *tss)
{
	tss->flags |= EFLAGS_VM;
	tss->cs = V86_CS;
	tss->ip -= V86_CS << 4;
	tss->ss = tss->ds = tss->es = 0;
}

void task_use(enum tasks tasks)
{
	struct cpu *cpu = cpu_self();
	struct descriptor_tables *tables = &cpu->tables;

	desc_set_tss(&tables->gdt[HOST_TR / 8], &tables->host_tss);
	desc_set_tss(&tables->gdt[TASK_NMI / 8], &tables->nmi_task);
	desc_set_tss(&tables->gdt[TASK_STEP / 8], &tables->step_task);
	ltr(HOST_TR);
	clts();
	tables->host_tss.cr3 = read_cr3();
	fill(&tables->nmi_task, cpu, task_nmi);
	fill(&tables->step_task, cpu, tasks == V86_TASK ? step_V86_IRET_at : step_TASK_IRET_at);
	if (tasks == V86_TASK)
		make_v86(&tables->step_task);
	desc_set_nmi_task(tasks == NMI_TASK ? TASK_NMI : 0);
}

/* SDM "Task Linking": the interrupted task stays busy, and a JMP needs one that is not. */
unsigned task_handle_nmi(void)
{
	struct descriptor_tables *tables = &cpu_self()->tables;
	unsigned link = tables->nmi_task.link & 0xffff;
	struct tss *interrupted = link == TASK_STEP ? &tables->step_task : &tables->host_tss;
	struct regs regs = {.vector = VECTOR_NMI,
			    .ip = interrupted->ip,
			    .cs = interrupted->cs & 0xffff,
			    .flags = interrupted->flags};

	trap_handle(&regs);
	interrupted->ip = regs.ip;
	interrupted->flags = regs.flags;
	desc_set_tss(&tables->gdt[link / 8], interrupted);
	return link;
}

#endif
