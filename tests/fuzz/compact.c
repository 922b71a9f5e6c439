/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/report/compact.c src/report/outcome.c src/serial/print.c src/serial/qr.c */
/* links: src/serial/qr_codewords.c tests/unit/fake/runner.c tests/unit/fake/console.c */
/* Any outcomes of any experiments, on any machine, make a text that a QR code can have. */
#include "report/compact.h"

#include "fuzz.h"
#include "runner.h"
#include "serial/qr.h"

enum { NAME = 12 };

static void set_result(unsigned i, uint8_t byte)
{
	fake_experiments[i].number =
		i ? fake_experiments[i - 1].number + 1 + byte / 64 : 1 + byte / 64;
	memset(&fake_results[i], 0, sizeof(fake_results[i]));
	fake_results[i].runs = byte % 8;
	fake_results[i].failures = fake_results[i].runs ? byte / 8 % (fake_results[i].runs + 1) : 0;
	fake_results[i].skipped = byte % 5 ? NULL : "no VMX";
	fake_results[i].record[0] = byte % 7 ? 0 : 'r';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char cpu[NAME + 1] = "", below[NAME + 1] = "", text[COMPACT_SIZE];

	if (size < 2 * NAME + 4)
		return 0;
	memcpy(cpu, data, NAME);
	memcpy(below, data + NAME, NAME);
	data += 2 * NAME;
	size -= 2 * NAME;
	struct compact_machine machine = {
		.hypervisor = below,
		.cpu = cpu,
		.virt = "VMX",
		.protocol = data[0] & 1 ? "multiboot2" : "multiboot",
		.firmware = data[0] & 2 ? "UEFI" : "BIOS",
		.cpus = data[1],
		.x2apic = data[0] & 4,
		.features = data[2] * 0x1010101UL,
	};
	enum verdict_code verdict = VERDICT_PASS + data[3] % 4;
	for (fake_count = 0; fake_count < RUNNER_MAX && fake_count + 4 < size; fake_count++)
		set_result(fake_count, data[4 + fake_count]);
	size_t length = compact_write(text, sizeof(text), &machine, verdict, data[3]);
	require(length < sizeof(text) && (!length || strlen(text) == length));
	if (length)
		qr_encode(text);
	return 0;
}
