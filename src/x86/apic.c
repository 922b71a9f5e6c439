/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/apic.h"

#include "x86/insn.h"
#include "x86/io.h"
#include "x86/registers.h"
#include "x86/trap.h"
#include "x86/tsc.h"

/* Register offsets in the xAPIC page; the x2APIC MSR is MSR_X2APIC_BASE + offset / 16. */
enum apic_register {
	APIC_ID = 0x020,
	APIC_TPR = 0x080,
	APIC_EOI = 0x0b0,
	APIC_SVR = 0x0f0,
	APIC_ISR = 0x100,
	APIC_IRR = 0x200,
	APIC_ICR = 0x300,
	APIC_ICR_HIGH = 0x310,
	APIC_LVT_TIMER = 0x320,
	APIC_LVT_LINT0 = 0x350,
	APIC_LVT_LINT1 = 0x360,
	APIC_LVT_ERROR = 0x370,
};

#define SVR_ENABLE  (1U << 8)
#define LVT_MASKED  (1U << 16)
#define ICR_PENDING (1U << 12) /* delivery status; xAPIC only */

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

/* The legacy interrupt controllers, if there are any, keep silent from now on. */
static void mask_pics(void)
{
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
}

bool apic_detect(uint32_t mmio_base)
{
	mask_pics();
	if (!(cpuid(1, 0).d & CPUID_1_EDX_APIC))
		return false;
	mmio = mmio_base;
	x2apic = cpuid(1, 0).c & CPUID_1_ECX_X2APIC;
	return true;
}

void apic_enable(void)
{
	uint64_t base = rdmsr(MSR_IA32_APIC_BASE) | APIC_BASE_ENABLE;
	wrmsr(MSR_IA32_APIC_BASE, base);
	if (x2apic)
		wrmsr(MSR_IA32_APIC_BASE, base | APIC_BASE_X2APIC);
	apic_write(APIC_TPR, 0);
	apic_write(APIC_SVR, SVR_ENABLE | VECTOR_SPURIOUS);
	/* LINT1 is usually wired to the platform's NMI: left as the firmware set it. */
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

static bool wait_accepted(void)
{
	uint64_t deadline = tsc_deadline_us(10000);
	while (apic_read(APIC_ICR) & ICR_PENDING) {
		if (tsc_passed(deadline))
			return false;
		pause();
	}
	return true;
}

bool apic_send(uint32_t id, uint32_t command)
{
	if (x2apic) {
		/* WRMSR to the ICR is not serializing: what was stored before must be seen
		 * first (SDM Vol. 3 "MSR Access in x2APIC Mode"). */
		asm volatile("mfence" ::: "memory");
		wrmsr(MSR_X2APIC_BASE + APIC_ICR / 16, (uint64_t)id << 32 | command | ICR_ASSERT);
		return true;
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
