/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * States that a machine must keep while it is saved and restored, or goes to another host. They run
 * only when exp= names them: each waits in its state for a key, which tools/torture saves presses
 * when it has done that. What is lost then, the machine has lost.
 */
#include "nmi/experiment.h"
#include "nmi/story.h"
#include "nmi/verdict.h"
#include "serial/keys.h"
#include "serial/print.h"
#include "x86/tsc.h"

#define HELD_US 60000000

#define SDM_NMI "Handling Multiple NMIs"
#define APM_NMI "Non-Maskable Interrupt Exception (Vector 2)"
#define APM_GIF "Global Interrupt Flag, STGI and CLGI Instructions"

/* A sign of life now and then: the watchdog shall not end it. */
static void stay(void)
{
	uint64_t deadline = tsc_deadline_us(HELD_US);

	keys_pressed(); /* those from the time before */
	print("# held\n");
	while (!keys_pressed()) {
		if (tsc_passed(deadline)) {
			verdict_fail("none", "a key: tools/torture saves");
			return;
		}
		tsc_wait_us(1000);
		story_alive();
	}
}

EXPERIMENT(921, held_blocked_by_an_nmi, .claim = "Blocking by NMI is kept.", .sdm = SDM_NMI,
	   .apm = APM_NMI, .rules = {R1})
{
	host_takes_nmi();
	stay();
	nmis_arrive(1);
	host(NOP, IRET);
	expect(NMI, HOST, after(IRET));
	host(IRET);
	expect_host_open();
}

EXPERIMENT(922, held_with_an_nmi_latched, .claim = "A latched NMI is kept.", .sdm = SDM_NMI,
	   .apm = APM_NMI, .rules = {R1, R2})
{
	host_takes_nmi();
	nmis_arrive(1);
	stay();
	host(NOP, IRET);
	expect(NMI, HOST, after(IRET));
	host(IRET);
	expect_host_open();
}

EXPERIMENT(923, held_with_gif_0, .claim = "GIF = 0 is kept.", .apm = APM_GIF, .needs = HAS_SVM,
	   .rules = {S1})
{
	host(CLGI);
	stay();
	nmis_arrive(1);
	host(NOP, STGI);
	expect(NMI, HOST, after(STGI));
	host(IRET);
	expect_host_open();
}

EXPERIMENT(924, held_with_gif_0_and_an_nmi, .claim = "GIF = 0 and what it holds are kept.",
	   .apm = APM_GIF, .needs = HAS_SVM, .rules = {S1})
{
	host(CLGI);
	nmis_arrive(1);
	stay();
	host(NOP, STGI);
	expect(NMI, HOST, after(STGI));
	host(IRET);
	expect_host_open();
}

/* The VMCB does not have it: the guest's blocking is the CPU's, also after the exit. */
EXPERIMENT(925, held_after_a_guest_took_an_nmi, .claim = "The guest's blocking is kept.",
	   .apm = APM_NMI, .needs = HAS_SVM, .rules = {R1})
{
	set_guest(0);
	enter(halt(NMI));
	expect(NMI, GUEST, after(HLT));
	stay();
	set_guest(0);
	nmis_arrive(1);
	enter(NOP, IRET);
	expect(NMI, GUEST, after(IRET));
}

EXPERIMENT(926, held_open, .claim = "A host that takes NMIs still does.", .sdm = SDM_NMI,
	   .apm = APM_NMI, .rules = {R2})
{
	stay();
	expect_host_open();
}
