/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Start reading here. The CPU that booted comes from boot/entry.S: it reads what the boot loader
 * left, finds the other CPUs, looks for VMX or SVM, and has the experiments run on the CPUs the
 * command line names, while another CPU sends them their NMIs.
 */
#include "boot/info.h"
#include "crew.h"
#include "death.h"
#include "detect.h"
#include "explore/session.h"
#include "nmi/arrivals.h"
#include "nmi/runner.h"
#include "nmi/sender.h"
#include "nmi/shuffle.h"
#include "nmi/story.h"
#include "nmi/trace.h"
#include "nmi/watch.h"
#include "options.h"
#include "report/ktap.h"
#include "report/summary.h"
#include "serial/console.h"
#include "serial/pci_uart.h"
#include "serial/print.h"
#include "serial/screen.h"
#include "stress.h"
#include "virt.h"
#include "x86/acpi.h"
#include "x86/acpi_tables.h"
#include "x86/apic.h"
#include "x86/cores.h"
#include "x86/cpu.h"
#include "x86/ioapic.h"
#include "x86/page_pool.h"
#include "x86/paging.h"
#include "x86/platform_nmi.h"
#include "x86/poweroff.h"
#include "x86/smp.h"
#include "x86/trap.h"
#include "x86/tsc.h"

#define MEGABYTE (1UL << 20)

extern char image_end[];
void kernel_main(uint32_t magic, uintptr_t address);

static struct boot_info info;
static struct options options;
static char command_line[4096];
static uint64_t entry_ticks, ready_ticks;
static const char *clock;
static uintptr_t memory_end; /* of the RAM behind the image */

/* --- getting ready --- */

static void start_serial(void)
{
	console_init(options.com_pci ? 0 : options.com_port, options.com_baud);
	if (options.com_pci && !pci_uart_init(options.com_baud))
		console_init(options.com_port, options.com_baud);
}

/* The console first: everything after it can report what is wrong. */
static void read_command_line(uint32_t magic, uintptr_t address)
{
	char error[OPTIONS_ERROR_SIZE];
	bool known = info_parse(&info, magic, address);

	memory_end = paging_init_window(info.usable_base, info.usable_base + info.usable_size);
	size_t length =
		print_to(command_line, sizeof(command_line), "%s", known ? info.command_line : "");
	bool good = options_parse(&options, command_line, error, sizeof(error));
	poweroff_choose(options.exit, info.loader);
	/* To be able to power off. It may map away what the loader left, but for the RSDP. */
	acpi_memory = paging_map_device;
	acpi_init(info.rsdp);
	screen_init(&info);
	start_serial();
	print("KTAP version 1\n");
	if (options.com_pci)
		pci_uart_report();
	if (!known)
		ktap_error(info.error);
	if (length >= sizeof(command_line))
		ktap_error("the command line is longer than 4095 characters");
	if (!good)
		ktap_error(error);
	story_verbose = options.verbose;
	ktap_ticks = options.ticks;
}

/* Where nothing is, up to the end of the RAM that the loader named. */
static uintptr_t free_memory(void)
{
	uintptr_t end = (uintptr_t)image_end, usable = (uintptr_t)info.usable_base;

	return usable > end ? usable : end;
}

static const char *calibrate(void)
{
	uint64_t hpet = acpi_hpet();

	return tsc_calibrate(acpi_pm_timer(), hpet ? paging_map_device(hpet, PAGE_SIZE) : NULL);
}

/* What nothing else uses: behind the image, and the blocks of so many CPUs. */
static void start_page_pool(unsigned cpus, uintptr_t end)
{
	page_pool_init(free_memory() + (cpus + 1) * CPU_BLOCK_SIZE, end);
	if (page_pool_size())
		virt_features |= HAS_NEW_PAGES;
}

/* APIC IDs that this mode of the APIC cannot send to: "0" would be another CPU's. */
static unsigned drop_unreachable(uint32_t *ids, unsigned count)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < count; i++)
		if (apic_can_address(ids[i]))
			ids[kept++] = ids[i];
	if (kept < count)
		print("# warning: %u CPUs have APIC IDs above 254, but no x2APIC\n", count - kept);
	return kept;
}

static void start_cpus(void)
{
	static uint32_t ids[CPU_MAX];
	unsigned found = 0, listed = acpi_cpus(ids, CPU_MAX, &found);
	uintptr_t end = memory_end;

	if (acpi_has_pic())
		apic_mask_pics();
	ioapic_mask_all();
	if (!apic_detect(paging_map_device(acpi_lapic_address(), PAGE_SIZE)))
		ktap_error("this CPU has no local APIC (CPUID.1:EDX[9]): NMIs cannot be sent");
	apic_enable();
	boot_cpu.apic_id = apic_id();
	boot_cpu.core_kind = cores_kind();
	boot_cpu.alive = true;
	listed = drop_unreachable(ids, listed);
	if (found > listed)
		print("# warning: %u CPUs found, %u are used\n", found, listed);
	unsigned failed = smp_start(ids, listed, info.low_page, free_memory(), end);
	start_page_pool(listed, end);
	if (failed)
		print("# warning: %u CPUs did not start, or memory (%u MB) is too small for them\n",
		      failed, (unsigned)(end / MEGABYTE));
}

static void print_header(void)
{
	print("# lhv " VERSION " (%u-bit) on %s, %s, %s, %u CPU%s %s, boot: %s %s\n",
	      (unsigned)sizeof(long) * 8, cpu_hypervisor(), cpu_name(), detect_describe(),
	      smp_count, smp_count == 1 ? "" : "s", apic_is_x2apic() ? "x2APIC" : "xAPIC",
	      info.protocol, info.firmware);
	print("# clock: %s, TSC %u kHz\n", clock, tsc_khz());
	cores_report();
	if (acpi_warning())
		print("# warning: ACPI: %s\n", acpi_warning());
}

static void prepare_summary(void)
{
	const struct compact_machine machine = {
		.hypervisor = cpu_hypervisor(),
		.cpu = cpu_name(),
		.virt = virt_features & HAS_GUEST ? virt->name : "no VMX, no SVM",
		.protocol = info.protocol,
		.firmware = info.firmware,
		.cpus = smp_count,
		.x2apic = apic_is_x2apic(),
		.features = virt_features,
	};
	summary_describe(&machine);
	poweroff_at_halt(summary_show);
}

/* --- every CPU enters root mode once --- */

static const char *root_error;

/* For a panic: this CPU is lost; the others go on, if there are any. */
static __attribute__((noreturn)) void give_up(const char *why, bool again)
{
	crew_lose_self(why, again);
	if (again)
		ktap_error(why);
	ktap_bail_out(why);
}

static void be_unfit(const char *why)
{
	give_up(why, false);
}

/* A job: enter root mode, run a guest that does one hypercall, leave. */
static void try_root_mode(void)
{
	struct entry entry = {.count = 0};
	struct exit exit;

	root_error = NULL;
	death_at(BEFORE_ROOT_MODE);
	if (!virt->enable(&root_error))
		return;
	story_alive();
	death_at(FIRST_ROOT_MODE);
	death_at(FIRST_ENTRY);
	virt->run_guest(&entry, &exit);
	if (exit.reason != EXIT_HYPERCALL)
		root_error = "the guest's hypercall did not arrive";
	virt_open_host(); /* the watchdog's NMI may have got us here */
	if (exit.reason == EXIT_INIT && virt_keeps_init())
		be_unfit("the INIT that took it back stays pending");
	virt->disable();
}

static void try_root_mode_on(struct cpu *cpu)
{
	static const char doing[] = "entering root mode for the first time";

	trace_subject = cpu;
	if (!crew_do(cpu, try_root_mode, doing))
		return;
	if (watch_took_back())
		root_error = "its guest was stuck, and was taken back";
	cpu->ran_guest = !root_error;
	if (root_error)
		print("# warning: CPU %u (APIC ID %u): no root mode: %s\n", cpu->index,
		      cpu->apic_id, root_error);
}

static void try_root_mode_everywhere(void)
{
	static unsigned tried;

	if (!(virt_features & (HAS_VMX | HAS_SVM)))
		return;
	for (; tried < smp_count; tried++)
		if (!smp_cpus[tried]->lost)
			try_root_mode_on(smp_cpus[tried]);
	print("# %s: a guest ran on APIC ID", virt->name);
	for (unsigned i = 0; i < smp_count; i++)
		if (smp_cpus[i]->ran_guest)
			print(" %u", smp_cpus[i]->apic_id);
	print("\n");
}

/* --- running --- */

/* Where the run is; the CPU that conducts it may become another one. */
static struct {
	unsigned subject; /* its index, as the command line has it */
	bool last, failed;
	volatile bool done; /* this subject's part */
	bool begun;         /* stress_begin() */
} at;

/* A job, on the CPU under test. */
static void be_subject(void)
{
	const char *why;
	struct cpu *cpu = cpu_self();

	trace_subject = cpu;
	sender_start(cpu, smp_left() > 1);
	if (session_is_wanted(&options) ? !session_run(&options, &why)
					: !runner_run(&options, cpu->index, at.last, &why)) {
		print("# CPU %u: %s\n", cpu->index, why);
		at.failed = true;
	}
	at.done = true;
}

static void run_on(struct cpu *subject)
{
	crew_do(subject, be_subject, "running experiments");
	if (at.failed)
		ktap_error(session_is_wanted(&options) ? "it could not explore"
						       : "a CPU could not enter root mode");
}

/* In the place of a CPU that is lost: one that does not conduct, if there is any. */
static struct cpu *substitute(void)
{
	for (unsigned i = 0; i < smp_count; i++)
		if (!smp_cpus[i]->lost && smp_cpus[i] != cpu_self())
			return smp_cpus[i];
	return cpu_self();
}

/* Again when a CPU was lost, for what is left to do. */
static void run_at(struct cpu *subject)
{
	while (!at.done)
		run_on(subject->lost ? substitute() : subject);
	at.done = false;
}

static unsigned last_selected_cpu(void)
{
	unsigned last = CPU_MAX;
	for (unsigned i = 0; i < smp_count; i++)
		if (options_cpu(&options, i))
			last = i;
	return last;
}

static void run_on_selected_cpus(unsigned last)
{
	for (; at.subject <= last; at.subject++) {
		at.last = at.subject == last;
		if (options_cpu(&options, at.subject))
			run_at(smp_cpus[at.subject]);
	}
	at.subject = 0;
}

static void run_everything(void)
{
	unsigned last = last_selected_cpu();

	if (last == CPU_MAX)
		ktap_error("cpus= names no CPU that is here");
	if (session_is_wanted(&options)) {
		run_at(smp_cpus[last]);
		return;
	}
	if (options.repeat) {
		run_on_selected_cpus(last);
		return;
	}
	if (!at.begun)
		stress_begin();
	at.begun = true;
	do
		run_on_selected_cpus(last);
	while (stress_goes_on());
	runner_report();
}

static void select_experiments(void)
{
	char error[64];
	unsigned unknown;

	ready_ticks = rdtsc() - entry_ticks;
	if (session_is_wanted(&options)) {
		ktap_plan(1);
		return;
	}
	if (!runner_select(&options, ktap_result, &unknown)) {
		print_to(error, sizeof(error), "exp=%u: there is no such experiment", unknown);
		ktap_error(error);
	}
	if (!runner_count())
		ktap_error("exp= and not= leave no experiment to run");
	uint32_t seed = options.seed_given ? options.seed : (uint32_t)rdtsc();
	shuffle_seed(seed);
	if (options.random_order)
		print("# order=random seed=%u\n", seed);
	ktap_plan(runner_count());
	ready_ticks = rdtsc() - entry_ticks;
}

static void detect_machine(void)
{
	detect_virt();
	if (smp_left() > 1)
		virt_features |= HAS_HELPER;
}

static void report_end(void)
{
	print("# ticks: %llu from entry to the first experiment\n",
	      (unsigned long long)ready_ticks);
	platform_nmi_report();
	if (page_pool_rounds())
		print("# %u pages that nobody had used were used %u times\n", page_pool_size(),
		      page_pool_rounds() + 1);
	if (runner_races())
		print("# %u set-ups repeated: the NMI came before the HLT\n", runner_races());
	crew_end();
	if (session_is_wanted(&options))
		poweroff(session_end());
	poweroff(ktap_end(runner_ticks()));
}

/* From the time on when there are several CPUs. Each of these may be done again from its start, by
 * another CPU, if the one that is at it is lost. */
static void conduct(void)
{
	static void (*const stages[])(void) = {
		detect_machine,     print_header,   prepare_summary, try_root_mode_everywhere,
		select_experiments, run_everything, report_end,
	};
	static unsigned stage;

	for (; stage < sizeof(stages) / sizeof(stages[0]); stage++)
		stages[stage]();
}

void kernel_main(uint32_t magic, uintptr_t address)
{
	entry_ticks = rdtsc();
	trap_hand_over(arrivals_receive, give_up);
	runner_hand_over(be_unfit);
	desc_init();
	cpu_load_tables(&boot_cpu);
	paging_init();
	cpu_guard(&boot_cpu);
	read_command_line(magic, address);
	paging_guard(0); /* null pointers; what the firmware keeps there has been read */
	platform_nmi_init();
	clock = calibrate();
	start_cpus();
	crew_start(conduct, options.timeout * 1000000);
}
