/* SPDX-License-Identifier: BSD-2-Clause */
#include "nmi/watch.h"

#include "nmi/story.h"
#include "serial/uart.h"
#include "x86/apic.h"
#include "x86/cpu.h"
#include "x86/tsc.h"

volatile bool watch_in_guest, watch_rescue;

/* What is tried in turn, a timeout apart. */
enum stage { ALL_WELL, SENT_NMI, SENT_INIT, SENT_SIPI };

static struct {
	uint32_t subject; /* APIC ID */
	uint32_t timeout_us;
	bool has_init;
	unsigned beat;
	struct tsc_timeout timeout;
	enum stage stage;
	volatile bool took_back, sent_init;
	unsigned alarm_beat; /* the heartbeat when the alarm was set */
} watch;

/* Printing counts: on a slow line it is what takes longest. */
static unsigned heartbeat(void)
{
	return story_beat + uart_written;
}

static void restart(enum stage stage)
{
	watch.stage = stage;
	watch.beat = heartbeat();
	tsc_start(&watch.timeout, watch.timeout_us);
}

void watch_start(const struct cpu *subject, uint32_t timeout_us, bool has_init)
{
	watch.subject = subject->apic_id;
	watch.timeout_us = timeout_us;
	watch.has_init = has_init;
	watch.took_back = watch_rescue = false; /* the one before may be lost */
	restart(ALL_WELL);
}

static const char *take_back(void)
{
	watch.took_back = true;
	if (watch.stage == ALL_WELL) {
		watch_rescue = true;
		apic_send(watch.subject, ICR_NMI);
		restart(SENT_NMI);
	} else if (watch.stage == SENT_NMI && watch_in_guest && watch.has_init) {
		watch.sent_init = true;
		apic_send(watch.subject, ICR_INIT);
		restart(SENT_INIT);
	} else if (watch.stage == SENT_INIT && watch_in_guest) {
		apic_send(watch.subject, ICR_STARTUP);
		restart(SENT_SIPI);
	} else {
		return watch_in_guest ? "the guest is stuck" : "the host is stuck";
	}
	return NULL;
}

const char *watch_look(void)
{
	if (watch.beat != heartbeat())
		restart(ALL_WELL);
	else if (tsc_timed_out(&watch.timeout))
		return take_back();
	return NULL;
}

/* Later than all that the helper tries, a timeout apart. */
void watch_set_alarm(bool on)
{
	watch.alarm_beat = heartbeat();
	apic_alarm(on ? 5 * watch.timeout_us : 0);
}

bool watch_alarm_rang(void)
{
	if (watch.alarm_beat != heartbeat()) {
		watch_set_alarm(true);
		return false;
	}
	watch.took_back = true;
	return true;
}

bool watch_took_back(void)
{
	bool took_back = watch.took_back;
	watch.took_back = watch_rescue = false;
	return took_back;
}

bool watch_sent_init(void)
{
	return watch.sent_init;
}
