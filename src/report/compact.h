/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A report in as few characters as one can photograph, those of a QR code's alphanumeric mode:
 *
 *	LHV1 0.1 64 I6-140-1 KVMKVMKVM 2X 2U 1FF F 17*6D7*90*RL*5
 *
 *	LHV1		this format
 *	0.1		LHV's version
 *	64		the kernel's width
 *	I6-140-1	vendor (I, A, H for the usual ones), family, model, stepping
 *	KVMKVMKVM	the hypervisor's signature in capitals, blanks as +, other characters as
 *			a full stop; - for bare metal
 *	2X		CPUs, and X for x2APIC, A for xAPIC
 *	2U		multiboot 1 or 2, and B for BIOS, U for UEFI
 *	1FF		enum feature, hexadecimal
 *	F		PASS, FAIL, ERROR or SKIP; after E the experiment in which it came
 *	17*6D7*90*RL*5	character k, from 0 on, is the outcomes of the experiments 2k and 2k+1: a
 *digit of base 36, 6 * the first + the second (enum outcome). c*n is c n times, n again of base 36.
 *What is behind the end did not run.
 *
 * tools/decode-qr makes KTAP of it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "x86/poweroff.h"

/* In the words of the report's first lines. */
struct compact_machine {
	const char *hypervisor, *cpu, *virt;
	const char *protocol, *firmware;
	unsigned cpus;
	bool x2apic;
	unsigned long features; /* enum feature */
};

enum { COMPACT_SIZE = 1250 };

/* What the runner has. error_in: the experiment in which an ERROR came, or 0. Returns the length
 * of the text; 0: there is no room for it. */
size_t compact_write(char *text, size_t size, const struct compact_machine *machine,
		     enum verdict_code verdict, unsigned error_in);
