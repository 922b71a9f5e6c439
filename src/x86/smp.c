/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/smp.h"

#include <stddef.h>

#include "death.h"
#include "string.h"
#include "x86/apic.h"
#include "x86/cores.h"
#include "x86/insn.h"
#include "x86/trap.h"
#include "x86/tsc.h"

/* SDM Vol. 3 "MP Initialization Example": 10 ms after INIT, 200 us after the first SIPI. The first
 * is there for the Pentium; P6 and later (family 6, 15 and up) take a SIPI right after the INIT. */
#define INIT_WAIT_US    10000
#define STARTUP_WAIT_US 200
#define ALIVE_WAIT_US   2000000 /* a busy host may let it wait */

struct cpu *smp_cpus[CPU_MAX] = {&boot_cpu};
unsigned smp_count = 1;

struct cpu *volatile smp_starting; /* the trampoline's CPU takes this block */

extern const char trampoline_start[], trampoline_end[];
void smp_ap_main(struct cpu *cpu);
void smp_park_loop(void);

void (*volatile smp_idle)(void);
volatile uint32_t smp_idle_us;

unsigned smp_left(void)
{
	unsigned left = 0;

	for (unsigned i = 0; i < smp_count; i++)
		left += !smp_cpus[i]->lost;
	return left;
}

void smp_stop(void)
{
	for (;;) {
		cli();
		hlt();
	}
}

/* An alarm of the time before shall not come in the midst of a job. */
static void do_job(struct cpu *cpu)
{
	apic_alarm(0);
	sti_nop_cli();
	cpu->job();
	cpu->job = NULL;
}

void smp_park_loop(void)
{
	struct cpu *cpu = cpu_self();

	for (;;) {
		if (cpu->lost)
			smp_stop();
		if (cpu->job)
			do_job(cpu);
		if (smp_idle)
			smp_idle();
		apic_alarm(smp_idle_us);
		/* STI takes effect after HLT: a wake-up in between is not lost. */
		asm volatile("sti; hlt; cli" ::: "memory");
	}
}

/* Where entry.S sends a started CPU. */
void smp_ap_main(struct cpu *cpu)
{
	cpu_load_tables(cpu);
	apic_enable();
	cpu->apic_id = apic_id();
	cpu->core_kind = cores_kind();
	death_at(CPU_STARTS);
	cpu->alive = true;
	smp_park();
}

static bool wait_alive(struct cpu *cpu, uint32_t us)
{
	struct tsc_timeout timeout;

	tsc_start(&timeout, us);
	while (!cpu->alive && !tsc_timed_out(&timeout))
		pause();
	return cpu->alive;
}

static bool start_one(struct cpu *cpu, uintptr_t trampoline)
{
	smp_starting = cpu;
	apic_send(cpu->apic_id, ICR_STARTUP | (uint32_t)(trampoline >> 12));
	if (wait_alive(cpu, STARTUP_WAIT_US))
		return true;
	apic_send(cpu->apic_id, ICR_STARTUP | (uint32_t)(trampoline >> 12));
	wait_alive(cpu, ALIVE_WAIT_US);
	smp_starting = NULL; /* from now on it would be late: */
	if (!cpu->alive)     /* the trampoline goes */
		apic_send(cpu->apic_id, ICR_INIT);
	return cpu->alive;
}

static struct cpu *new_cpu(uintptr_t *memory, uintptr_t end, uint32_t id)
{
	uintptr_t block = (*memory + CPU_BLOCK_SIZE - 1) & ~(CPU_BLOCK_SIZE - 1UL);
	if (end < CPU_BLOCK_SIZE || block > end - CPU_BLOCK_SIZE)
		return NULL;
	*memory = block + CPU_BLOCK_SIZE;
	struct cpu *cpu = (struct cpu *)block;
	memset(cpu, 0, offsetof(struct cpu, step_guard)); /* the stacks need not be */
	memset(cpu->virt_pages, 0, sizeof(cpu->virt_pages));
	cpu->apic_id = id;
	return cpu_guard(cpu) ? cpu : NULL;
}

/* INIT all of them first: one wait then serves for all. */
static unsigned init_all(const uint32_t *ids, unsigned count, uintptr_t memory, uintptr_t end)
{
	unsigned failed = 0;
	for (unsigned i = 0; i < count && smp_count < CPU_MAX; i++) {
		if (ids[i] == boot_cpu.apic_id)
			continue;
		struct cpu *cpu = new_cpu(&memory, end, ids[i]);
		if (!cpu) {
			failed++;
			continue;
		}
		cpu->index = smp_count; /* until it is known who starts */
		smp_cpus[smp_count++] = cpu;
		apic_send(ids[i], ICR_INIT);
	}
	return failed;
}

unsigned smp_start(const uint32_t *apic_ids, unsigned count, uintptr_t trampoline, uintptr_t memory,
		   uintptr_t memory_end)
{
	static uint8_t saved[PAGE_SIZE];
	unsigned failed = init_all(apic_ids, count, memory, memory_end), started = 1;

	if (smp_count == 1)
		return failed;
	memcpy(saved, (void *)trampoline, sizeof(saved));
	memcpy((void *)trampoline, trampoline_start, trampoline_end - trampoline_start);
	if ((cpuid(1, 0).a >> 8 & 15) < 6)
		tsc_wait_us(INIT_WAIT_US);
	for (unsigned i = 1; i < smp_count; i++) {
		if (start_one(smp_cpus[i], trampoline)) {
			smp_cpus[started] = smp_cpus[i];
			smp_cpus[started]->index = started;
			started++;
		} else {
			failed++;
		}
	}
	smp_count = started;
	memcpy((void *)trampoline, saved, sizeof(saved));
	return failed;
}

void smp_wake(struct cpu *cpu)
{
	apic_send(cpu->apic_id, ICR_FIXED | VECTOR_WAKE);
}

void smp_run(struct cpu *cpu, void (*job)(void))
{
	cpu->job = job;
	smp_wake(cpu);
}
