/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AMD's virtual NMI. V_NMI is pending, V_NMI_MASK is the guest's blocking; both are in
 * the VMCB, and the NMI intercept is for physical NMIs only.
 */
#include "experiments/settings.h"
#include "nmi/experiment.h"

#include "nmi/statistics.h"
#include "nmi/story.h"

#define APM_VNMI "NMI Virtualization"

EXPERIMENT(301, virtual_nmi_is_delivered,
	   .claim = "A pending virtual NMI hits the first instruction; V_NMI clears, V_NMI_MASK "
		    "is set until its handler's IRET.",
	   .apm = APM_VNMI, .needs = HAS_SVM | HAS_VNMI, .rules = {S16, S17, S15})
{
	set_guest(VNMI | V_NMI);
	enter(NOP);
	expect(NMI, GUEST, first(NOP));
	expect_guest(VNMI | V_NMI_MASK);
	enter(IRET);
	expect_guest(VNMI);
	host(STGI);
	expect_host_open();
}

EXPERIMENT(302, masked_virtual_nmi_waits_for_iret,
	   .claim = "V_NMI_MASK holds a pending virtual NMI; it is delivered right after IRET.",
	   .apm = APM_VNMI, .needs = HAS_SVM | HAS_VNMI, .rules = {S16, S17, S20})
{
	set_guest(VNMI | V_NMI | V_NMI_MASK);
	enter(NOP);
	expect_guest(VNMI | V_NMI | V_NMI_MASK);
	enter(NOP, IRET, NOP);
	expect(NMI, GUEST, after(IRET));
	expect_guest(VNMI | V_NMI_MASK);
}

EXPERIMENT(303, one_virtual_nmi_is_latched,
	   .claim = "While one virtual NMI is in service one more is pending, and no third.",
	   .apm = APM_VNMI, .needs = HAS_SVM | HAS_VNMI, .rules = {S16, R4})
{
	set_guest(VNMI | V_NMI);
	enter(NOP);
	expect(NMI, GUEST, first(NOP));
	set_guest(VNMI | V_NMI | V_NMI_MASK);
	enter(NOP, IRET, NOP);
	expect(NMI, GUEST, after(IRET));
	expect_guest(VNMI | V_NMI_MASK);
	enter(IRET, NOP);
	expect_guest(VNMI);
}

EXPERIMENT(304, virtual_nmi_needs_the_nmi_intercept,
	   .claim = "vNMI without the NMI intercept is VMEXIT_INVALID.", .apm = APM_VNMI,
	   .needs = HAS_SVM | HAS_VNMI, .rules = {S15})
{
	set_guest(V_NMI_ENABLE);
	enter(NOP);
	expect_exit(EXIT_INVALID, PLACE_ANYWHERE);
	host(STGI);
	expect_host_open();
}

EXPERIMENT(305, injected_nmi_sets_the_virtual_mask,
	   .claim =
		   "An NMI injected with vNMI sets V_NMI_MASK; a pending virtual NMI waits for its "
		   "IRET.",
	   .apm = APM_VNMI, .needs = HAS_SVM | HAS_VNMI, .rules = {S8, S16})
{
	set_guest(VNMI);
	inject(NMI);
	enter(NOP);
	expect(NMI, GUEST, first(NOP));
	expect_guest(VNMI | V_NMI_MASK);
	set_guest(VNMI | V_NMI);
	inject(NMI);
	enter(NOP, IRET, NOP);
	expect(NMI, GUEST, first(NOP));
	expect(NMI, GUEST, after(IRET));
	expect_guest(VNMI | V_NMI_MASK);
}

EXPERIMENT(306, faulting_iret_keeps_the_virtual_mask,
	   .claim = "V_NMI_MASK clears when an IRET completes: not when it faults.",
	   .apm = APM_VNMI, .needs = HAS_SVM | HAS_VNMI, .rules = {S17})
{
	set_guest(VNMI | V_NMI_MASK);
	enter(BAD_IRET);
	expect_exception(GP, GUEST, at(BAD_IRET));
	expect_guest(VNMI | V_NMI_MASK);
}

EXPERIMENT(307, cut_off_virtual_nmi_leaves_the_mask_clear,
	   .claim = "A nested page fault in a virtual NMI's delivery: EXITINTINFO says NMI, V_NMI "
		    "and V_NMI_MASK are clear.",
	   .apm = APM_VNMI, .needs = HAS_SVM | HAS_VNMI | HAS_NESTED_PAGING,
	   .rules = {S17, S11, S16})
{
	unmap(GUEST_STACK);
	set_guest(VNMI | V_NMI | NESTED_PAGING);
	enter(NOP);
	expect_nested_fault(GUEST_STACK, first(NOP), EVENT_INFO(TYPE_NMI, NMI));
	expect_guest(VNMI | NESTED_PAGING);
	map(GUEST_STACK);
	reinject();
	resume();
	expect(NMI, GUEST, first(NOP));
	expect_guest(VNMI | V_NMI_MASK | NESTED_PAGING);
}

EXPERIMENT(308, physical_nmi_comes_before_the_virtual_one,
	   .claim = "With both pending the physical NMI exits first, V_NMI stays set; V_NMI_MASK "
		    "does not hold a physical NMI.",
	   .apm = APM_VNMI, .needs = HAS_SVM | HAS_VNMI, .rules = {S18})
{
	host(CLGI);
	nmis_arrive(1);
	set_guest(VNMI | V_NMI);
	enter(NOP);
	expect_exit(EXIT_NMI, first(NOP));
	expect_guest(VNMI | V_NMI);
	set_guest(VNMI | V_NMI_MASK);
	enter(NOP);
	expect_exit(EXIT_NMI, first(NOP));
	expect_guest(VNMI | V_NMI_MASK);
	host(STGI);
	expect(NMI, HOST, after(STGI));
	host(IRET);
	expect_host_open();
}

EXPERIMENT(309, shadow_and_vgif_hold_a_virtual_nmi,
	   .claim = "The interrupt shadow holds a virtual NMI for one instruction, VGIF=0 holds it "
		    "for as long as it is 0.",
	   .apm = APM_VNMI, .needs = HAS_SVM | HAS_VNMI | HAS_VGIF, .rules = {S16, S19})
{
	set_guest(VNMI | V_NMI | INTERRUPT_SHADOW);
	enter(NOP);
	expect(NMI, GUEST, after(NOP));
	set_guest(VNMI | V_NMI | V_GIF_ENABLE);
	enter(NOP, NOP);
	expect_guest(VNMI | V_NMI | V_GIF_ENABLE);
	set_guest(VNMI | V_NMI | V_GIF_ENABLE | V_GIF);
	enter(NOP);
	expect(NMI, GUEST, first(NOP));
	expect_guest(VNMI | V_NMI_MASK | V_GIF_ENABLE | V_GIF);
}

/*
 * A hypervisor below us that intercepts our handlers' IRETs, to learn when NMIs are open again, is
 * not seen but by its time. KVM with vNMI did so until Linux 6.8 for the first of two NMIs that it
 * found at once ("KVM: SVM: Don't intercept IRET when injecting NMI and vNMI is enabled"): some
 * IRETs are slow. Without vNMI all are. On VMX some are slow too: the exit there is the NMI
 * window's, between the first IRET and the second NMI.
 */

enum { ROUNDS = 32 };

static struct {
	uint32_t plain[ROUNDS], nmi[2 * ROUNDS];
	unsigned nmis;
} ticks;

/* From an INT 2's handler, through an IRET, to the next event: the NMI that it let in, which is
 * reported, or another INT 2. */
static bool time_iret(uint32_t *sample)
{
	host(INT2, IRET, INT2);
	expect(NMI, HOST, after(INT2));
	uint64_t start = event_ticks();
	bool latched = allow(NMI, HOST, after(IRET));
	uint64_t end = event_ticks();
	expect(NMI, HOST, after(INT2));
	end = latched ? end : event_ticks();
	*sample = end - start < UINT32_MAX ? end - start : UINT32_MAX;
	return latched;
}

/* Two NMIs at once are two, or one. Both kinds come after a HLT: they shall differ in nothing else.
 */
static void time_round(unsigned i)
{
	host(halt());
	time_iret(&ticks.plain[i]);
	host(halt_at_once(NMI, NMI));
	expect(NMI, HOST, after(HLT));
	if (time_iret(&ticks.nmi[ticks.nmis++]))
		time_iret(&ticks.nmi[ticks.nmis++]);
}

/* A VM exit costs more than an IRET and an INT 2 together; so does an emulator's bad moment. */
static const char *compared_with(uint32_t plain, uint32_t slow)
{
	if (slow / 2 < plain)
		return "as fast as others";
	return slow / 8 < plain ? "slower than others" : "far slower than others";
}

static void record_latency(void)
{
	statistics_sort(ticks.plain, ROUNDS);
	statistics_sort(ticks.nmi, ticks.nmis);
	unsigned low = statistics_modes(ticks.nmi, ticks.nmis);
	uint32_t plain = statistics_quartile(ticks.plain, ROUNDS, 1);
	uint32_t slow = statistics_quartile(ticks.nmi + low, ticks.nmis - low, 1);

	story_add("ticks: others %u, of NMI handlers %u and %u", plain,
		  statistics_quartile(ticks.nmi, low, 1), slow);
	record("IRETs of NMI handlers: %s, %s%s", low ? "bimodal" : "unimodal", low ? "some " : "",
	       compared_with(plain, slow));
}

EXPERIMENT(310, hidden_iret_intercept_shows_as_latency,
	   .claim = "Of two NMIs sent at once one or both come; whether their handlers' IRETs are "
		    "slower than others, all or some, is recorded.",
	   .apm = APM_VNMI, .needs = HAS_HELPER, .rules = {S20})
{
	ticks.nmis = 0;
	for (unsigned i = 0; i < ROUNDS; i++)
		time_round(i);
	expect_host_open();
	record_latency();
}
