/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmx/guest.h"

#include "machine.h"
#include "nmi/steps.h"
#include "vmx/caps.h"
#include "vmx/vmcs.h"
#include "x86/cpu.h"
#include "x86/fred.h"
#include "x86/insn.h"
#include "x86/nested_paging.h"
#include "x86/registers.h"
#include "x86/trap.h"

/* SDM Vol. 3 table "Format of Access Rights" */
#ifdef __x86_64__
#define ACCESS_CODE 0xa09b /* 64-bit */
#else
#define ACCESS_CODE 0xc09b
#endif
#define ACCESS_DATA 0xc093
#define ACCESS_TSS  0x008b /* busy */
#define ACCESS_LDT  0x0082
#define ACCESS_DPL  5 /* shift */

#define TSS_LIMIT   (sizeof(struct tss) - 1)
#define FLAT_LIMIT  0xffffffff

/* SDM Vol. 3 appendix "Field Encoding in VMCS": a segment's fields are two apart. */
enum { ES, CS, SS, DS, FS, GS, LDTR, TR };

static void set_segment(unsigned index, uint16_t selector, uint32_t access, unsigned long base,
			uint32_t limit)
{
	vmcs_write(GUEST_ES_SELECTOR + 2 * index, selector);
	vmcs_write(GUEST_ES_LIMIT + 2 * index, limit);
	vmcs_write(GUEST_ES_ACCESS_RIGHTS + 2 * index, access);
	vmcs_write(GUEST_ES_BASE + 2 * index, base);
}

static void init_segments(const struct cpu *cpu)
{
	for (unsigned s = ES; s <= GS; s++)
		set_segment(s, HOST_DS, ACCESS_DATA, 0, FLAT_LIMIT);
	set_segment(CS, GUEST_CS, ACCESS_CODE, 0, FLAT_LIMIT);
	set_segment(LDTR, 0, ACCESS_LDT, machine_ldt(cpu), LDT_SIZE - 1);
	set_segment(TR, GUEST_TR, ACCESS_TSS, (unsigned long)&cpu->tables.guest_tss, TSS_LIMIT);
}

static void init_tables(const struct cpu *cpu)
{
	struct table_register gdt = desc_gdt(&cpu->tables);

	vmcs_write(GUEST_GDTR_BASE, gdt.base);
	vmcs_write(GUEST_GDTR_LIMIT, gdt.limit);
	vmcs_write(GUEST_IDTR_BASE, desc_guest_idt.base);
	vmcs_write(GUEST_IDTR_LIMIT, desc_guest_idt.limit);
}

static void init_guest_registers(void)
{
	vmcs_write(GUEST_CR0, read_cr0());
	vmcs_write(GUEST_CR3, read_cr3());
	vmcs_write(GUEST_CR4, read_cr4());
	vmcs_write(GUEST_DR7, DR7_RESET);
	vmcs_write(GUEST_DEBUGCTL, 0);
	vmcs_write(GUEST_SYSENTER_CS, 0);
	vmcs_write(GUEST_SYSENTER_ESP, 0);
	vmcs_write(GUEST_SYSENTER_EIP, 0);
	vmcs_write(GUEST_PENDING_DEBUG, 0);
	vmcs_write(GUEST_ACTIVITY, ACTIVITY_ACTIVE);
	vmcs_write(GUEST_INTERRUPTIBILITY, 0);
	vmcs_write(VMCS_LINK_POINTER, ~0ULL);
}

static void init_host(const struct cpu *cpu, unsigned long exit_handler)
{
	static const enum vmcs_field data_selectors[] = {HOST_ES_SELECTOR, HOST_SS_SELECTOR,
							 HOST_DS_SELECTOR, HOST_FS_SELECTOR,
							 HOST_GS_SELECTOR};

	for (unsigned i = 0; i < sizeof(data_selectors) / sizeof(data_selectors[0]); i++)
		vmcs_write(data_selectors[i], HOST_DS);
	vmcs_write(HOST_CS_SELECTOR, HOST_CS);
	vmcs_write(HOST_TR_SELECTOR, HOST_TR);
	vmcs_write(HOST_TR_BASE, (unsigned long)&cpu->tables.host_tss);
	vmcs_write(HOST_FS_BASE, 0);
	vmcs_write(HOST_GS_BASE, 0);
	vmcs_write(HOST_GDTR_BASE, desc_gdt(&cpu->tables).base);
	vmcs_write(HOST_IDTR_BASE, desc_host_idt.base);
	vmcs_write(HOST_CR0, read_cr0());
	vmcs_write(HOST_CR3, read_cr3());
	vmcs_write(HOST_CR4, read_cr4());
	vmcs_write(HOST_SYSENTER_CS, 0);
	vmcs_write(HOST_SYSENTER_ESP, 0);
	vmcs_write(HOST_SYSENTER_EIP, 0);
	vmcs_write(HOST_RIP, exit_handler);
}

/* Nothing exits but what must, and what an experiment asks for; no MSR is intercepted. */
static void init_controls(void)
{
	static const uint8_t msr_bitmap[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
	uint32_t wide = sizeof(long) == 8 ? EXIT_HOST_64BIT : 0;

	vmcs_write(MSR_BITMAP, (unsigned long)msr_bitmap);
	vmcs_write(EXCEPTION_BITMAP, 0);
	vmcs_write(PAGE_FAULT_ERROR_MASK, 0);
	vmcs_write(PAGE_FAULT_ERROR_MATCH, 0);
	vmcs_write(CR3_TARGET_COUNT, 0);
	vmcs_write(CR0_GUEST_HOST_MASK, 0);
	vmcs_write(CR4_GUEST_HOST_MASK, 0);
	vmcs_write(EXIT_CONTROLS, vmx_controls(vmx_caps.exit, wide));
	vmcs_write(EXIT_MSR_STORE_COUNT, 0);
	vmcs_write(EXIT_MSR_LOAD_COUNT, 0);
	vmcs_write(ENTRY_CONTROLS, vmx_controls(vmx_caps.entry, wide));
	vmcs_write(ENTRY_MSR_LOAD_COUNT, 0);
	vmcs_write(ENTRY_EXCEPTION_ERROR_CODE, 0);
	vmcs_write(ENTRY_INSTRUCTION_LENGTH, 0);
}

#define EPT_WRITE_BACK 6
#define INVEPT_ALL     2

/* SDM Vol. 3 "Extended-Page-Table Pointer (EPTP)"; with PAE paging the guest's PDPTEs are taken
 * from the VMCS, "Guest Page-Directory-Pointer-Table Entries". */
static void init_ept(void)
{
	uint64_t root = nested_init(&nested_ept);

	if (!(virt_features & HAS_NESTED_PAGING))
		return;
	vmcs_write(EPT_POINTER, root | (nested_ept.levels - 1) << 3 | EPT_WRITE_BACK);
	for (unsigned i = 0; sizeof(long) == 4 && i < 4; i++)
		vmcs_write(GUEST_PDPTE0 + 2 * i, ((const uint64_t *)read_cr3())[i]);
}

static void flush_ept(void)
{
	struct {
		uint64_t eptp, reserved;
	} all = {0, 0};
	asm volatile("invept %0, %1" ::"m"(all), "r"((unsigned long)INVEPT_ALL) : "cc", "memory");
}

void vmx_guest_set_page(enum guest_page page, bool present)
{
	nested_set_present(machine_page_address(page), present);
	flush_ept();
}

void vmx_guest_renew_page(enum guest_page page)
{
	nested_redirect(machine_page_address(page), machine_new_page(page));
	flush_ept();
}

void vmx_guest_init(const struct cpu *cpu, unsigned long exit_handler)
{
	init_segments(cpu);
	init_tables(cpu);
	init_guest_registers();
	init_host(cpu, exit_handler);
	init_controls();
	init_ept();
}

static const struct flag_bit interruptibility[] = {
	{BLOCKED_BY_STI, INTERRUPTIBILITY_STI},
	{BLOCKED_BY_MOV_SS, INTERRUPTIBILITY_MOV_SS},
	{BLOCKED_BY_SMI, INTERRUPTIBILITY_SMI},
	{BLOCKED_BY_NMI, INTERRUPTIBILITY_NMI},
	{RESERVED_INTERRUPTIBILITY, INTERRUPTIBILITY_RESERVED},
	{0, 0},
};

static const struct flag_bit pin_controls[] = {
	{EXTERNAL_INTERRUPT_EXITING, PIN_EXTERNAL_INTERRUPT},
	{NMI_EXITING, PIN_NMI_EXITING},
	{VIRTUAL_NMIS, PIN_VIRTUAL_NMIS},
	{PREEMPTION_TIMER_0, PIN_TIMER},
	{0, 0},
};

static const struct flag_bit proc_controls[] = {
	{INTERRUPT_WINDOW_EXITING, PROC_INTERRUPT_WINDOW},
	{NMI_WINDOW_EXITING, PROC_NMI_WINDOW},
	{MONITOR_TRAP_FLAG, PROC_MTF},
	{NESTED_PAGING, PROC_SECONDARY},
	{0, 0},
};

static const struct flag_bit exceptions[] = {
	{INTERCEPT_DB, 1 << VECTOR_DB}, {INTERCEPT_DF, 1 << VECTOR_DF},
	{INTERCEPT_GP, 1 << VECTOR_GP}, {INTERCEPT_SS, 1 << VECTOR_SS},
	{INTERCEPT_PF, 1 << VECTOR_PF}, {0, 0},
};

static const struct flag_bit exit_controls2[] = {
	{EXIT_SAVES_FRED, EXIT2_SAVE_FRED},
	{EXIT_LOADS_FRED, EXIT2_LOAD_FRED},
	{0, 0},
};

static void load_entry_and_exit_controls(uint64_t flags)
{
	uint32_t wide = sizeof(long) == 8 ? EXIT_HOST_64BIT : 0;
	uint32_t exit2 = virt_bits_of(exit_controls2, flags);
	uint32_t exit = (flags & ACKNOWLEDGE_INTERRUPT ? EXIT_ACKNOWLEDGE : 0) |
			(exit2 ? EXIT_SECONDARY : 0);
	uint32_t entry = flags & ENTRY_LOADS_FRED ? ENTRY_LOAD_FRED : 0;

	vmcs_write(EXIT_CONTROLS, vmx_controls(vmx_caps.exit, wide | exit));
	vmcs_write(ENTRY_CONTROLS, vmx_controls(vmx_caps.entry, wide | entry));
	if (exit2)
		vmcs_write(EXIT_CONTROLS2, exit2);
}

static void load_controls(uint64_t flags)
{
	uint32_t pin = virt_bits_of(pin_controls, flags);
	uint32_t proc = virt_bits_of(proc_controls, flags) | PROC_MSR_BITMAPS;

	load_entry_and_exit_controls(flags);
	vmcs_write(PIN_CONTROLS, vmx_controls(vmx_caps.pin, pin));
	vmcs_write(PROC_CONTROLS, vmx_controls(vmx_caps.proc, proc));
	if (flags & NESTED_PAGING)
		vmcs_write(PROC_CONTROLS2, PROC2_EPT);
	if (flags & PREEMPTION_TIMER_0)
		vmcs_write(GUEST_PREEMPTION_TIMER, 0);
	vmcs_write(EXCEPTION_BITMAP, virt_bits_of(exceptions, flags));
}

/* What SS_IRET, an event's delivery or ring 3 left there; SDM "Checks on Guest Segment Registers":
 * CPL is the DPL of SS. */
static void set_ring(unsigned ring)
{
	uint16_t cs = ring ? GUEST_CS3 : GUEST_CS, ss = ring ? RING_3_DS : HOST_DS;

	if (vmcs_read(GUEST_CS_SELECTOR) != cs)
		set_segment(CS, cs, ACCESS_CODE | ring << ACCESS_DPL, 0, FLAT_LIMIT);
	if (vmcs_read(GUEST_SS_SELECTOR) != ss)
		set_segment(SS, ss, ACCESS_DATA | ring << ACCESS_DPL, 0, FLAT_LIMIT);
}

static struct fred_use fred;

static bool has_fred(void)
{
	return fred.parties & FRED_GUEST;
}

static bool has_fred_of_its_own(void)
{
	return fred.parties && virt_features & HAS_FRED_CONTROLS;
}

/* SDM Vol. 3 appendix "Field Encoding in VMCS": the registers' fields are two apart, in the host's
 * area as in the guest's: CONFIG, RSP1 to RSP3, STKLVLS, SSP1 to SSP3. */
static void write_fred(enum vmcs_field config, unsigned party)
{
	struct fred_registers registers = fred_registers(&fred, party);

	vmcs_write(config, registers.config);
	for (unsigned level = 1; level < FRED_LEVELS; level++) {
		vmcs_write(config + 2 * level, registers.sp[level]);
		vmcs_write(config + 2 * (FRED_LEVELS + level), 0);
	}
	vmcs_write(config + 2 * FRED_LEVELS, registers.levels);
}

/* A guest that begins, not one that goes on. */
static void start(const struct entry *entry)
{
	unsigned long ip, sp;

	steps_enter(entry, &ip, &sp);
	set_ring(entry->flags & RING_3 ? 3 : 0);
	vmcs_write(GUEST_ACTIVITY, entry->activity);
	vmcs_write(GUEST_PENDING_DEBUG, entry->debug_traps);
	vmcs_write(GUEST_DR7, DR7_RESET); /* what a breakpoint left */
	if (has_fred_of_its_own())
		write_fred(GUEST_FRED_CONFIG, FRED_GUEST);
	vmcs_write(GUEST_RIP, ip);
	vmcs_write(GUEST_RSP, sp);
	vmcs_write(GUEST_RFLAGS, EFLAGS_FIXED | (entry->interrupts_on ? EFLAGS_IF : 0) |
					 (entry->traps_on ? EFLAGS_TF : 0));
}

/* Unless an entry's settings say otherwise the guest shares the host's registers. */
bool vmx_guest_use_fred(const struct fred_use *use)
{
	bool good = fred_use(use);
	unsigned long cr4 = read_cr4();

	fred = *use;
	vmcs_write(HOST_CR4, cr4);
	vmcs_write(GUEST_CR4, has_fred() ? cr4 | CR4_FRED : cr4 & ~CR4_FRED);
	if (has_fred_of_its_own())
		write_fred(HOST_FRED_CONFIG, FRED_HOST);
	return good;
}

void vmx_guest_load_star(bool guests)
{
	if (has_fred())
		fred_load_star(guests ? FRED_GUEST : FRED_HOST);
}

uint64_t vmx_guest_event_data(void)
{
	return has_fred() ? vmcs_read(ORIGINAL_EVENT_DATA) : 0;
}

unsigned vmx_guest_fred_level(void)
{
	return has_fred_of_its_own() ? vmcs_read(GUEST_FRED_CONFIG) & FRED_CONFIG_LEVEL : 0;
}

void vmx_guest_load(const struct entry *entry)
{
	load_controls(entry->flags);
	vmcs_write(GUEST_INTERRUPTIBILITY, virt_bits_of(interruptibility, entry->flags));
	vmcs_write(GUEST_IDTR_LIMIT, desc_guest_idt_limit(entry->idt_end));
	vmcs_write(ENTRY_INTERRUPTION_INFO, entry->injection);
	vmcs_write(ENTRY_INSTRUCTION_LENGTH, entry->length);
	if (has_fred())
		vmcs_write(INJECTED_EVENT_DATA, entry->event_data);
	vmcs_write(ENTRY_EXCEPTION_ERROR_CODE, entry->error);
	if (!entry->resume)
		start(entry);
}

uint64_t vmx_guest_saved_flags(uint64_t flags)
{
	return virt_flags_of(interruptibility, flags, vmcs_read(GUEST_INTERRUPTIBILITY));
}
