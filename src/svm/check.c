/* SPDX-License-Identifier: BSD-2-Clause */
#include "svm/check.h"

#include "serial/print.h"

const char *svm_check_exit(const struct exit *exit, unsigned place, char *got, size_t size)
{
	(void)place;
	print_to(got, size, "EXITINTINFO %08x", exit->vectoring);
	/* APM Vol. 2 "EXITINTINFO": it describes an event whose delivery was cut off (S11) */
	if (exit->vectoring & EVENT_VALID)
		return "no EXITINTINFO";
	return NULL;
}
