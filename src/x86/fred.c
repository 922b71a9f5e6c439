/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/fred.h"

#include <stddef.h>

#include "serial/print.h"
#include "x86/cpu.h"
#include "x86/insn.h"
#include "x86/registers.h"
#include "x86/selectors.h"
#include "x86/trap.h"

enum { TYPE_OTHER = 7 };

extern const char fred_entry[];
bool fred_handle(struct regs *regs);
void fred_probe_int(void);
bool fred_probe_erets(void);

static struct fred_use used; /* by the CPU under test: there is one at a time */
static volatile unsigned deliveries;

/* --- the registers --- */

/* Stack level 0 is what ring 3 finds: the guest's stack, free while the host runs. The others share
 * the page of the fault stack; the highest is a double fault's. */
static unsigned long stack_of(unsigned level)
{
	const struct cpu *cpu = cpu_self();
	const uint8_t *fault = cpu->fault_stack;

	return level ? (unsigned long)fault + PAGE_SIZE - (FRED_LEVELS - 1 - level) * 0x500
		     : (unsigned long)cpu->guest_stack + PAGE_SIZE;
}

unsigned long fred_entry_point(unsigned ring)
{
	return (unsigned long)fred_entry + (ring ? 0 : 256);
}

unsigned fred_level(void)
{
	return rdmsr(MSR_IA32_FRED_CONFIG) & FRED_CONFIG_LEVEL;
}

/* ERETU takes what is 16 beyond the upper selector for the usual CS of ring 3, with SS below it;
 * the guest's SS is elsewhere, which makes it read the GDT, as IRET does. */
static uint64_t star_of(unsigned party)
{
	uint64_t ring_0 = party == FRED_HOST ? HOST_CS : GUEST_CS;
	uint64_t ring_3 = (party == FRED_HOST ? HOST_CS3 : GUEST_CS3) - 16;

	return ring_0 << 32 | ring_3 << 48;
}

void fred_load_star(unsigned party)
{
	wrmsr(MSR_STAR, star_of(party));
}

struct fred_registers fred_registers(const struct fred_use *use, unsigned party)
{
	bool guest = party == FRED_GUEST;
	uint32_t levels = guest ? use->guest_levels : use->levels;
	struct fred_registers registers = {
		.config = fred_entry_point(3) | (guest ? use->guest_config : use->host_config),
		.levels = levels | 3ULL << 2 * VECTOR_DF,
	};

	for (unsigned level = 0; level < FRED_LEVELS; level++)
		registers.sp[level] = stack_of(guest && level % 3 ? 3 - level : level);
	return registers;
}

/* With the stack level that the CPU is at, if it is used already. */
static bool write_msrs(bool first)
{
	struct fred_use good_use = {.levels = used.levels};
	struct fred_registers registers = fred_registers(&good_use, FRED_HOST);
	bool good =
		cpu_wrmsr(MSR_IA32_FRED_CONFIG, registers.config | (first ? 0 : fred_level())) &&
		cpu_wrmsr(MSR_IA32_FRED_STKLVLS, registers.levels) &&
		cpu_wrmsr(MSR_STAR, star_of(FRED_HOST));

	for (unsigned level = 0; level < FRED_LEVELS; level++)
		good = good && cpu_wrmsr(MSR_IA32_FRED_RSP0 + level, registers.sp[level]);
	return good && cpu_wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
}

/* While it is on CR4.FRED reads as 1, whatever a hypervisor makes of the write. */
static bool switch_cr4(bool on)
{
	unsigned long cr4 = read_cr4(), wanted = on ? cr4 | CR4_FRED : cr4 & ~CR4_FRED;

	return cr4 == wanted || (cpu_write_cr4(wanted) && read_cr4() == wanted);
}

bool fred_use(const struct fred_use *use)
{
	bool first = !used.parties;

	used = *use;
	return (!used.parties || write_msrs(first)) && switch_cr4(used.parties & FRED_HOST);
}

/* --- trying it --- */

static bool comes_by_fred(void)
{
	unsigned before = deliveries;

	fred_probe_int();
	return deliveries != before;
}

static const char *try(void)
{
	used = (struct fred_use){.parties = FRED_HOST};
	if (!write_msrs(true))
		return "CPUID shows FRED (7.1:EAX[17]), but its MSRs fault";
	if (!switch_cr4(true))
		return "CPUID shows FRED (7.1:EAX[17]), but CR4.FRED cannot be set";
	const char *why = !comes_by_fred()      ? "CR4.FRED is set, but INT n goes through the IDT"
			  : !fred_probe_erets() ? "CR4.FRED is set, but ERETS faults"
						: NULL;
	if (!switch_cr4(false))
		return "CR4.FRED cannot be cleared";
	return why;
}

const char *fred_detect(void)
{
	if (sizeof(long) == 4)
		return "32-bit kernel: FRED is for 64-bit mode";
	if (cpuid(0, 0).a < 7 || cpuid(7, 0).a < 1 || !(cpuid(7, 1).a & CPUID_7_1_EAX_FRED))
		return "no FRED (CPUID.7.1:EAX[17])";
	const char *why = try();

	used = (struct fred_use){.parties = 0};
	return why;
}

/* --- an event --- */

/* In the 64-bit kernel a frame of the IDT has zeros above the selector of SS. */
const struct fred_frame *fred_frame(const struct regs *regs)
{
	const struct fred_frame *frame = (const void *)&regs->error;

	return FRAME_HAS_SP && frame->ss >> 32 ? frame : NULL;
}

unsigned fred_stack(const struct fred_frame *frame)
{
	for (unsigned level = FRED_LEVELS - 1; level; level--)
		if ((unsigned long)(frame + 1) == stack_of(level))
			return level;
	return 0;
}

/* A system call is a step's way back from ring 3: it ends in ring 0, by RET. */
static bool returns_by_eret(const struct fred_frame *frame)
{
	return used.how > RETURN_BY_RET_AT_LEVEL && FRED_SS_TYPE(frame->ss) != TYPE_OTHER;
}

static void edit(struct fred_frame *frame)
{
	if (FRED_SS_VECTOR(frame->ss) != VECTOR_NMI)
		return;
	if (used.how == RETURN_BY_ERETS_MARKED)
		frame->ss |= FRED_SS_NMI;
	if (used.how == RETURN_BY_ERETS_UNMARKED)
		frame->ss &= ~FRED_SS_NMI;
}

/* What ERETS would do to the stack level, "ERETS (Event Return to Supervisor)". */
static void restore_level(const struct fred_frame *frame)
{
	uint64_t config = rdmsr(MSR_IA32_FRED_CONFIG);
	unsigned level = FRED_CS_LEVEL(frame->cs);

	if ((config & FRED_CONFIG_LEVEL) > level)
		wrmsr(MSR_IA32_FRED_CONFIG, (config & ~FRED_CONFIG_LEVEL) | level);
}

/* Called by the entry points. True: ERETS or ERETU shall pop the frame. */
bool fred_handle(struct regs *regs)
{
	struct fred_frame *frame = (void *)&regs->error;

	deliveries++;
	regs->vector = FRED_SS_VECTOR(frame->ss);
	trap_handle(regs);
	if (returns_by_eret(frame)) {
		edit(frame);
		return true;
	}
	if (used.how != RETURN_BY_RET_AT_LEVEL)
		restore_level(frame);
	return false;
}

void fred_print(const struct fred_frame *frame)
{
	static const char *const types[] = {"interrupt", "1",    "NMI",       "exception",
					    "INT n",     "INT1", "INT3/INTO", "SYSCALL/SYSENTER"};
	uint64_t ss = frame->ss;

	print("# FRED: %s, vector %u, length %u, from level %u to %u,%s%s%s%s data %llx\n",
	      types[FRED_SS_TYPE(ss) & 7], FRED_SS_VECTOR(ss), FRED_SS_LENGTH(ss),
	      FRED_CS_LEVEL(frame->cs), fred_level(), ss & FRED_SS_STI ? " STI" : "",
	      ss & FRED_SS_SOFTWARE ? " software" : "", ss & FRED_SS_NMI ? " NMI" : "",
	      ss & FRED_SS_NESTED ? " nested" : "", (unsigned long long)frame->data);
}
