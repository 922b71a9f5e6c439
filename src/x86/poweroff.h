/* SPDX-License-Identifier: BSD-2-Clause */
/* How a run ends, in the way the machine underneath understands. */
#pragma once

/* In the order of the words in exit=: see options.c. */
enum exit_method { EXIT_DEFAULT, EXIT_QEMU, EXIT_BOCHS, EXIT_POWEROFF, EXIT_REBOOT, EXIT_HALT };

/* QEMU's isa-debug-exit turns v into exit status v << 1 | 1: 33, 35, 37, 39. */
enum verdict_code {
	VERDICT_PASS = 0x10,
	VERDICT_FAIL = 0x11,
	VERDICT_ERROR = 0x12,
	VERDICT_SKIP = 0x13, /* all of it was skipped */
};

/* Choose how; EXIT_DEFAULT: by what is detected (`loader` is the boot loader's name). */
void poweroff_choose(enum exit_method method, const char *loader);

/* What to do when the machine stays on: that was the choice, or its way does not work here. */
void poweroff_at_halt(void (*act)(enum verdict_code));

/* From any CPU. */
_Noreturn void poweroff(enum verdict_code verdict);
