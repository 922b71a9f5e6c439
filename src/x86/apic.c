/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/apic.h"

#include "div64.h"
#include "x86/cpu.h"
#include "x86/insn.h"
#include "x86/io.h"
#include "x86/registers.h"
#include "x86/trap.h"
#include "x86/tsc.h"

/* Register offsets in the xAPIC page; the x2APIC MSR is MSR_X2APIC_BASE + offset / 16. */
enum apic_register {
	APIC_ID = 0x020,
	APIC_VERSION = 0x030, /* bits 23:16: the last of the LVT entries there are */
	APIC_TPR = 0x080,
	APIC_EOI = 0x0b0,
	APIC_SVR = 0x0f0,
	APIC_ISR = 0x100,
	APIC_IRR = 0x200,
	APIC_LVT_CMCI = 0x2f0,
	APIC_ICR = 0x300,
	APIC_ICR_HIGH = 0x310,
	APIC_LVT_TIMER = 0x320,
	APIC_LVT_THERMAL = 0x330,
	APIC_LVT_PERFORMANCE = 0x340,
	APIC_LVT_LINT0 = 0x350,
	APIC_LVT_LINT1 = 0x360,
	APIC_LVT_ERROR = 0x370,
	APIC_TIMER_INITIAL = 0x380,
	APIC_TIMER_CURRENT = 0x390,
	APIC_TIMER_DIVIDE = 0x3e0,
};

#define SVR_ENABLE      (1U << 8)
#define LVT_MASKED      (1U << 16)
#define LVT_MODE        0x700U
#define LVT_NMI         0x400U
#define ICR_PENDING     (1U << 12) /* delivery status; xAPIC only */

#define DIVIDE_BY_16    3U
#define CALIBRATION_US  200

#define XAPIC_BROADCAST 0xff /* as a destination: everybody */

static bool x2apic;
static uintptr_t mmio;

static uint32_t apic_read(enum apic_register r)
{
	if (x2apic)
		return rdmsr(MSR_X2APIC_BASE + r / 16);
	return *(volatile uint32_t *)(mmio + r);
}

static void apic_write(enum apic_register r, uint32_t value)
{
	if (x2apic)
		wrmsr(MSR_X2APIC_BASE + r / 16, value);
	else
		*(volatile uint32_t *)(mmio + r) = value;
}

void apic_mask_pics(void)
{
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
}

bool apic_detect(volatile void *registers)
{
	if (!(cpuid(1, 0).d & CPUID_1_EDX_APIC))
		return false;
	mmio = (uintptr_t)registers;
	x2apic = cpuid(1, 0).c & CPUID_1_ECX_X2APIC;
	return x2apic || registers;
}

/* Who may send us NMIs that no experiment asked for, by the number of LVT entries that a CPU has
 * when it has this one: what is not there must not be read. */
static const struct {
	enum apic_register lvt;
	unsigned last;
} nmi_sources[] = {
	{APIC_LVT_LINT0, 2},   {APIC_LVT_LINT1, 2}, {APIC_LVT_PERFORMANCE, 4},
	{APIC_LVT_THERMAL, 5}, {APIC_LVT_CMCI, 6},
};

/*
 * The firmware has programmed LINT1 for the platform's NMI, on one CPU or all of them; an NMI from
 * there could not be told from an experiment's. What is masked is not lost: the platform keeps its
 * reason, and platform_nmi.c names it at the end. Others than NMIs stay: a thermal SMI is no
 * business of ours.
 */
static void mask_nmi_sources(void)
{
	unsigned last = apic_read(APIC_VERSION) >> 16 & 0xff;

	for (unsigned i = 0; i < sizeof(nmi_sources) / sizeof(nmi_sources[0]); i++) {
		if (nmi_sources[i].last > last)
			continue;
		uint32_t value = apic_read(nmi_sources[i].lvt);
		if ((value & LVT_MODE) == LVT_NMI)
			apic_write(nmi_sources[i].lvt, value | LVT_MASKED);
	}
}

/* SDM Vol. 3 "x2APIC State Transitions": there is a way from off to xAPIC and on to x2APIC, and
 * none back but off or a reset. A CPU that comes in x2APIC mode stays there in both writes. */
void apic_enable(void)
{
	uint64_t base = rdmsr(MSR_IA32_APIC_BASE) | APIC_BASE_ENABLE;
	wrmsr(MSR_IA32_APIC_BASE, base);
	if (x2apic)
		wrmsr(MSR_IA32_APIC_BASE, base | APIC_BASE_X2APIC);
	apic_write(APIC_TPR, 0);
	apic_write(APIC_SVR, SVR_ENABLE | VECTOR_SPURIOUS);
	mask_nmi_sources();
	apic_write(APIC_LVT_TIMER, LVT_MASKED);
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
	apic_write(APIC_LVT_ERROR, LVT_MASKED);
}

bool apic_is_x2apic(void)
{
	return x2apic;
}

uint32_t apic_id(void)
{
	return x2apic ? apic_read(APIC_ID) : apic_read(APIC_ID) >> 24;
}

uint32_t apic_broadcast_id(void)
{
	return x2apic ? UINT32_MAX : XAPIC_BROADCAST;
}

static bool wait_accepted(void)
{
	struct tsc_timeout timeout;

	tsc_start(&timeout, 10000);
	while (apic_read(APIC_ICR) & ICR_PENDING) {
		if (tsc_timed_out(&timeout))
			return false;
		pause();
	}
	return true;
}

bool apic_can_address(uint32_t id)
{
	return x2apic || id < XAPIC_BROADCAST;
}

bool apic_send(uint32_t id, uint32_t command)
{
	if (x2apic) {
		/* WRMSR to the ICR is not serializing: what was stored before must be seen
		 * first (SDM Vol. 3 "MSR Access in x2APIC Mode"). */
		asm volatile("mfence" ::: "memory");
		return cpu_wrmsr(MSR_X2APIC_BASE + APIC_ICR / 16,
				 (uint64_t)id << 32 | command | ICR_ASSERT);
	}
	if (!wait_accepted())
		return false;
	apic_write(APIC_ICR_HIGH, id << 24);
	apic_write(APIC_ICR, command | ICR_ASSERT);
	return wait_accepted();
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

/* ISR and IRR are 256 bits in eight registers, 16 bytes apart. */
static bool vector_bit(enum apic_register first, unsigned vector)
{
	return apic_read(first + vector / 32 * 16) >> vector % 32 & 1;
}

bool apic_in_service(unsigned vector)
{
	return vector_bit(APIC_ISR, vector);
}

bool apic_requested(unsigned vector)
{
	return vector_bit(APIC_IRR, vector);
}

static uint32_t alarm_khz; /* of this timer; 0: it does not run */

static uint32_t measure_alarm(void)
{
	apic_write(APIC_TIMER_INITIAL, UINT32_MAX);
	uint64_t start = rdtsc();
	tsc_wait_us(CALIBRATION_US);
	uint64_t passed = (UINT32_MAX - apic_read(APIC_TIMER_CURRENT)) * 1000ULL;
	uint32_t us = tsc_us(rdtsc() - start);
	div64(&passed, us ? us : 1);
	return passed > UINT32_MAX ? UINT32_MAX : (uint32_t)passed;
}

/* The fastest of some: an alarm may come late, but not early. */
void apic_alarm_calibrate(void)
{
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_16);
	for (unsigned i = 0; i < 3; i++) {
		uint32_t khz = measure_alarm();
		alarm_khz = khz > alarm_khz ? khz : alarm_khz;
	}
	apic_write(APIC_TIMER_INITIAL, 0);
}

void apic_alarm(uint32_t us)
{
	uint64_t count = (uint64_t)us * alarm_khz;

	div64(&count, 1000);
	apic_write(APIC_LVT_TIMER, us ? VECTOR_ALARM : LVT_MASKED);
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_16);
	apic_write(APIC_TIMER_INITIAL, count > UINT32_MAX ? UINT32_MAX : (uint32_t)count);
}
