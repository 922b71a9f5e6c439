/* SPDX-License-Identifier: BSD-2-Clause */
#include "nmi/sender.h"

#include "nmi/story.h"
#include "nmi/trace.h"
#include "nmi/watch.h"
#include "x86/apic.h"
#include "x86/cpu.h"
#include "x86/insn.h"
#include "x86/smp.h"
#include "x86/trap.h"
#include "x86/tsc.h"

#define PLANS         16
#define PATIENCE      256 /* turns before the first event, and between NMI and fence */
#define MUCH_PATIENCE (PATIENCE << 2 * 4)
#define DELIVERY_US   2000000 /* a busy host may let the helper wait */
#define WAKE_UP_US    500000  /* a busy host may let the CPU under test wait, too */
#define BROADCAST_US  1000000
#define REFUSALS      100 /* a fence offered so often and not taken: GIF is 0 */
#define ENOUGH        4   /* times the beats that an answer takes, and so many looks more */

volatile unsigned sender_asked, sender_sent, sender_fenced, sender_beat;

/* A time-out, and the helper when it began: what was sent, and its beat then and one look ago. */
struct wait {
	struct tsc_timeout timeout;
	unsigned sent, first_beat, beat;
};

static struct {
	uint32_t target; /* APIC ID */
	bool remote;
	unsigned patience;
	volatile unsigned seen; /* trace_nmis when the last NMI was sent */
	bool changed;           /* it is another one */
	bool (*replace_helper)(void);
	volatile bool in_guest_only;     /* answer only then, until something else is asked */
	volatile bool sipi, sipi_is_out; /* wanted; at least one was sent */
	volatile unsigned sipi_vector;
	volatile unsigned nmis[PLANS];
	struct wait wait; /* for what sender_ask() asked for */
	unsigned looks;   /* at that */
} sender = {.patience = PATIENCE};

void sender_start(const struct cpu *target, bool remote)
{
	sender.target = target->apic_id;
	sender.remote = remote;
	sender_sent = sender_fenced = sender_asked;
	sender_reset();
}

void sender_hand_over(bool (*replace_helper)(void))
{
	sender.replace_helper = replace_helper;
}

bool sender_changed(void)
{
	bool changed = sender.changed;

	sender.changed = false;
	return changed;
}

static bool is_answered(void)
{
	return sender_sent == sender_asked;
}

/* The helper has not answered for as long as we waited. */
static void lose_helper(void)
{
	sender.changed = true;
	sender.remote = sender.replace_helper && sender.replace_helper();
	if (sender.remote)
		return;
	sender_sent = sender_asked;
	watch_set_alarm(false);
}

static void begin_wait(struct wait *wait)
{
	tsc_start(&wait->timeout, DELIVERY_US);
	wait->sent = sender_sent;
	wait->first_beat = wait->beat = sender_beat;
}

/* The next answer is its NMIs and a fence, and takes this many beats: see wait_for_halt(). */
static unsigned beats_of_answer(void)
{
	unsigned nmis = sender.nmis[(sender_sent + 1) % PLANS] & ~AT_ONCE;

	return (nmis + 1) * (sender.patience / PATIENCE);
}

/* The time is over. A helper that has sent something since it began, or that is about to, gets it
 * once more; one that does not move, or moves and never answers, is lost. */
static bool begin_again(struct wait *wait)
{
	unsigned beats = sender_beat - wait->first_beat;

	if (wait->sent != sender_sent) {
		begin_wait(wait);
		return true;
	}
	if (!sender.remote || is_answered())
		return false;
	if (wait->beat == sender_beat || beats > ENOUGH * (beats_of_answer() + TSC_LOOKS)) {
		lose_helper();
		return false;
	}
	tsc_start(&wait->timeout, DELIVERY_US);
	wait->beat = sender_beat;
	return true;
}

static bool wait_for_helper(bool (*done)(void))
{
	struct wait wait;

	begin_wait(&wait);
	do {
		if (tsc_wait_for(done, DELIVERY_US))
			return true;
		story_alive();
	} while (begin_again(&wait));
	return false;
}

bool sender_is_remote(void)
{
	return sender.remote;
}

void sender_plan(unsigned ahead, unsigned nmis)
{
	sender.nmis[(sender_asked + ahead) % PLANS] = nmis;
}

/* Fences of several requests may wait side by side, while GIF is 0: each has its own vector. */
static unsigned fence_vector(unsigned request)
{
	return VECTOR_FENCE + request % FENCES;
}

static bool fence_waits(void)
{
	return apic_requested(fence_vector(sender_asked));
}

static void wait_turns(unsigned turns)
{
	for (unsigned i = 0; i < turns; i++)
		spin();
}

/* It may take long, but is a sign of life. */
static void wait_for_halt(void)
{
	for (unsigned left = sender.patience; left; left -= PATIENCE) {
		wait_turns(PATIENCE);
		sender_beat++;
	}
}

static bool is_taken(void)
{
	return trace_nmis != sender.seen;
}

/* So that the next NMI is another one. Whether this one is held nobody knows: then it is patience,
 * and only who has tried in vain has more of it than that. */
static void wait_between(void)
{
	wait_for_halt();
	if (sender.patience >= MUCH_PATIENCE)
		tsc_wait_for(is_taken, WAKE_UP_US);
}

/* A host may stop a helper for so long that another one takes its place. When it goes on it shall
 * not send. */
static bool is_replaced(void)
{
	return cpu_self()->losing;
}

static void answer_next(void)
{
	unsigned request = sender_sent + 1;
	unsigned plan = sender.nmis[request % PLANS], nmis = plan & ~AT_ONCE;
	while (nmis-- && !is_replaced()) {
		sender.seen = trace_nmis;
		apic_send(sender.target, ICR_NMI);
		if (!nmis)
			wait_for_halt();
		else if (!(plan & AT_ONCE))
			wait_between();
	}
	if (is_replaced())
		return;
	sender.nmis[request % PLANS] = 0;
	apic_send(sender.target, ICR_FIXED | fence_vector(request));
	sender_sent = request;
}

/* Wait-for-SIPI is the guest's: in VMX root operation SIPIs are discarded. */
static void serve_sipi(void)
{
	if (watch_in_guest) {
		wait_for_halt();
		apic_send(sender.target, ICR_STARTUP | sender.sipi_vector);
		sender.sipi_is_out = true;
	} else if (sender.sipi_is_out) {
		sender.sipi = sender.sipi_is_out = false;
	}
}

void sender_serve(volatile const bool *stop, void (*idle)(void))
{
	for (unsigned turn = 1; !*stop; turn++) {
		if (sender_sent != sender_asked && (watch_in_guest || !sender.in_guest_only)) {
			wait_for_halt();
			answer_next();
		}
		if (sender.sipi)
			serve_sipi();
		if (turn % TSC_TURNS == 0) {
			sender_beat++;
			idle();
		}
		spin();
	}
}

void sender_send_ahead(void)
{
	answer_next();
}

static bool is_delivered(void)
{
	return sender_sent == sender_asked && (sender_fenced == sender_asked || fence_waits());
}

bool sender_deliver(unsigned nmis)
{
	sender.in_guest_only = false;
	sender_plan(1, nmis);
	sender_asked++;
	if (!sender.remote)
		answer_next();
	return wait_for_helper(is_delivered);
}

void sender_ask(unsigned nmis, enum ask how)
{
	sender_plan(1, nmis);
	sender.in_guest_only = how != ASK_NOW;
	sender.sipi = how == ASK_SIPI_IN_GUEST;
	sender_asked++;
	begin_wait(&sender.wait);
}

bool sender_has_answered(unsigned *seen)
{
	bool answered = is_answered();

	*seen = sender.seen;
	return answered;
}

bool sender_is_late(void)
{
	if (++sender.looks % TSC_TURNS || !tsc_timed_out(&sender.wait.timeout))
		return false;
	return !begin_again(&sender.wait);
}

bool sender_collide(unsigned delay)
{
	sender_ask(1, ASK_NOW);
	wait_turns(sender.patience / 4 * delay);
	apic_send(sender.target, ICR_NMI);
	return wait_for_helper(is_delivered);
}

static volatile bool broadcasting;
static volatile unsigned bystanders;

bool sender_note_broadcast(void)
{
	if (broadcasting)
		__atomic_fetch_add(&bystanders, 1, __ATOMIC_RELAXED);
	return broadcasting;
}

static bool all_took_it(void)
{
	return bystanders == smp_left() - 1;
}

/* Every CPU takes it before we go on: it shall not come later, when that CPU is under test. */
static bool broadcast(void)
{
	bystanders = 0;
	broadcasting = true;
	bool done =
		apic_send(apic_broadcast_id(), ICR_NMI) && tsc_wait_for(all_took_it, BROADCAST_US);
	broadcasting = false;
	return done;
}

/* It is a maskable interrupt, if it is delivered at all: its handler cannot know, and ends none. */
static bool fixed_with_vector_2(void)
{
	bool accepted = apic_send(sender.target, ICR_FIXED | VECTOR_NMI);

	for (unsigned i = 0; i < REFUSALS; i++)
		sti_nop_cli();
	if (apic_in_service(VECTOR_NMI))
		apic_eoi();
	return accepted;
}

bool sender_to_self(enum nmi_to_self how)
{
	switch (how) {
	case BY_BROADCAST:
		return broadcast();
	case BY_SHORTHAND:
		return apic_send(0, ICR_NMI | ICR_SELF);
	case BY_VECTOR_2:
		return fixed_with_vector_2();
	default:
		return apic_send(sender.target, ICR_NMI);
	}
}

/* An experiment that failed may have left a fence in the midst of its delivery: nobody ends it. */
static void end_fences(void)
{
	for (unsigned i = FENCES; i--;)
		if (apic_in_service(VECTOR_FENCE + i)) {
			apic_eoi();
			sender_fence_arrived();
		}
}

bool sender_drain(void)
{
	struct tsc_timeout timeout;
	unsigned refused = 0;

	sender.in_guest_only = false;
	if (!is_answered() && !wait_for_helper(is_answered))
		return false;
	tsc_start(&timeout, DELIVERY_US);
	end_fences();
	trace_mute_fences = true;
	while (sender_fenced != sender_asked && refused < REFUSALS && !tsc_timed_out(&timeout)) {
		if (fence_waits())
			refused++;
		sti_nop_cli();
	}
	trace_mute_fences = false;
	return sender_fenced == sender_asked;
}

/* A request timed out. Nothing of it may come later, in the midst of another experiment: wait for
 * the helper, or the one that takes its place while there is any, and take what it sent. */
static void recover(void)
{
	while (sender.remote && !is_answered())
		wait_for_helper(is_answered);
	sender_sent = sender_asked;
	trace_mute_fences = true;
	for (unsigned i = 0; i < REFUSALS; i++)
		sti_nop_cli();
	trace_mute_fences = false;
	sender_fenced = sender_asked;
}

void sender_reset(void)
{
	sender.in_guest_only = false;
	sender.patience = PATIENCE;
	if (sender.remote)
		watch_set_alarm(true);
	if (sender_fenced != sender_asked)
		recover();
	for (unsigned i = 0; i < PLANS; i++)
		sender.nmis[i] = 0;
	sender.sipi = false;
	sender.sipi_vector = 0;
}

bool sender_end_fence(void)
{
	if (!apic_in_service(fence_vector(sender_asked)))
		return false;
	sender_fence_arrived();
	apic_eoi();
	return true;
}

bool sender_init(void)
{
	return apic_send(sender.target, ICR_INIT);
}

void sender_use_sipi(unsigned vector)
{
	sender.sipi_vector = vector;
}

void sender_fence_arrived(void)
{
	sender_fenced++;
}

void sender_be_patient(unsigned attempt)
{
	sender.patience = PATIENCE << 2 * attempt;
}
