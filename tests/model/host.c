/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel's portable part needs of a machine, on the build host. */
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "serial/console.h"
#include "serial/debugport.h"
#include "x86/poweroff.h"
#include "x86/tsc.h"

static uint64_t first_ticks, first_us;

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void host_start_clock(void)
{
	first_ticks = __builtin_ia32_rdtsc();
	first_us = now_us();
}

uint32_t tsc_us(uint64_t ticks)
{
	double all = (double)(__builtin_ia32_rdtsc() - first_ticks);

	return (uint32_t)((double)ticks * (double)(now_us() - first_us) / all);
}

/* The model does not die in the midst of a line. */
void console_end_line(void)
{
}

void console_write(const char *text, size_t length)
{
	fwrite(text, 1, length, stdout);
}

void debugport_crumb(const char *text)
{
	(void)text;
}

/* Also the end of a forked child: what its parent had at exit is not the child's to do. */
_Noreturn void poweroff(enum verdict_code verdict)
{
	fflush(stdout);
	_Exit((int)verdict - VERDICT_PASS);
}
