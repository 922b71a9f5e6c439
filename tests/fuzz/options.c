/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/options.c src/death.c src/serial/print.c tests/unit/fake/console.c */
#include "options.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = fuzz_copy(data, size, true), error[OPTIONS_ERROR_SIZE];
	struct options options;

	memset(error, 0x55, sizeof(error));
	if (!options_parse(&options, line, error, sizeof(error)))
		require(strnlen(error, sizeof(error)) < sizeof(error) && *error);
	require(options.experiments.count <= OPTIONS_RANGES &&
		options.excluded.count <= OPTIONS_RANGES && options.cpus.count <= OPTIONS_RANGES);
	require(strnlen(options.explore.program, OPTIONS_PROGRAM) < OPTIONS_PROGRAM);
	require(strnlen(options.explore.known, OPTIONS_NAMES) < OPTIONS_NAMES);
	for (unsigned i = 0; i < 1000; i += 37) {
		options_selects(&options, i);
		options_cpu(&options, i);
	}
	free(line);
	return 0;
}
