/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lhv-page WIDTH HEIGHT BITS pass|fail|error
 *         The last page, of results that stdin names, as the kernel draws it to a framebuffer; a
 *         PPM image on stdout. A line there is an experiment's number, enum outcome and name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "nmi/experiment.h"
#include "report/ktap.h"
#include "report/outcome.h"
#include "report/summary.h"
#include "runner.h"
#include "serial/console.h"
#include "serial/print.h"
#include "serial/screen.h"
#include "x86/io.h"

/* --- what the page is made of --- */

void console_write(const char *text, size_t length)
{
	screen_write(text, length);
}

void outw(uint16_t port, uint16_t value)
{
	(void)port;
	(void)value;
}

static struct result result_of(enum outcome outcome)
{
	struct result result = {
		.runs = outcome == OUTCOME_NONE || outcome == OUTCOME_SKIP ? 0 : 100,
		.failures = outcome == OUTCOME_FAIL    ? 100
			    : outcome == OUTCOME_FLAKY ? 7
						       : 0,
		.skipped = outcome == OUTCOME_SKIP ? "no VMX" : NULL,
		.mismatches = "expected: NMI in host after HLT; got: fence in host after HLT\n",
	};
	if (outcome == OUTCOME_RECORD)
		strcpy(result.record, "something");
	return result;
}

static void read_results(void)
{
	unsigned number, outcome;
	char name[200];

	while (fake_count < RUNNER_MAX && scanf("%u %u %199s", &number, &outcome, name) == 3) {
		fake_experiments[fake_count].number = number;
		fake_experiments[fake_count].name = strdup(name);
		fake_results[fake_count++] = result_of(outcome);
	}
}

/* --- what it is drawn on --- */

static struct boot_info plug_in(unsigned width, unsigned height, unsigned bits)
{
	unsigned red = bits == 15 ? 10 : bits == 16 ? 11 : 16, size = bits <= 16 ? 5 : 8;
	unsigned green = bits <= 16 ? 5 : 8;
	unsigned pitch = (width * ((bits + 7) / 8) + 255) & ~255U;
	void *memory = mmap(NULL, (size_t)pitch * height, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (memory == MAP_FAILED)
		exit(EXIT_FAILURE);
	return (struct boot_info){
		.firmware = "UEFI",
		.framebuffer =
			{
				.type = FRAMEBUFFER_RGB,
				.address = (uintptr_t)memory,
				.pitch = pitch,
				.width = width,
				.height = height,
				.bits = (uint8_t)bits,
				.red = {(uint8_t)red, (uint8_t)size},
				.green = {(uint8_t)green, (uint8_t)(bits == 16 ? 6 : size)},
				.blue = {0, (uint8_t)size},
			},
	};
}

static uint8_t colour_of(uint32_t pixel, struct framebuffer_colour field)
{
	return (uint8_t)((pixel >> field.position) << (8 - field.size));
}

static void write_image(const struct framebuffer *from)
{
	unsigned bytes = (from->bits + 7U) / 8;

	printf("P6 %u %u 255\n", from->width, from->height);
	for (unsigned y = 0; y < from->height; y++) {
		const uint8_t *at = (const uint8_t *)(uintptr_t)from->address + y * from->pitch;
		for (unsigned x = 0; x < from->width; x++, at += bytes) {
			uint32_t pixel = 0;
			memcpy(&pixel, at, bytes);
			putchar(colour_of(pixel, from->red));
			putchar(colour_of(pixel, from->green));
			putchar(colour_of(pixel, from->blue));
		}
	}
}

static enum verdict_code verdict_of(const char *name)
{
	return strcmp(name, "pass") == 0   ? VERDICT_PASS
	       : strcmp(name, "fail") == 0 ? VERDICT_FAIL
					   : VERDICT_ERROR;
}

int main(int argc, char **argv)
{
	static const struct compact_machine machine = {
		.hypervisor = "Microsoft Hv",
		.cpu = "GenuineIntel 6-140-1",
		.virt = "VMX",
		.protocol = "multiboot2",
		.firmware = "UEFI",
		.cpus = 256,
		.x2apic = true,
		.features = 0x1ffff,
	};

	if (argc != 5)
		return EXIT_FAILURE;
	enum verdict_code verdict = verdict_of(argv[4]);
	struct boot_info info =
		plug_in((unsigned)atoi(argv[1]), (unsigned)atoi(argv[2]), (unsigned)atoi(argv[3]));
	read_results();
	if (verdict == VERDICT_ERROR)
		fake_current = &fake_experiments[fake_count / 2];
	screen_init(&info);
	summary_describe(&machine);
	if (verdict == VERDICT_ERROR)
		print("# something\nBail out! the host is stuck\nLHV: ERROR\n");
	summary_show(verdict);
	write_image(&info.framebuffer);
	return EXIT_SUCCESS;
}
