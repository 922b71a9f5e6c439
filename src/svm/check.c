/* SPDX-License-Identifier: BSD-2-Clause */
#include "svm/check.h"

#include "serial/print.h"

const char *svm_check_exit(const struct exit *exit, char *got, size_t size)
{
	print_to(got, size, "EXITINTINFO %08x", exit->vectoring);
	/* APM Vol. 2 "EXITINTINFO": it describes an event whose delivery was cut off (S11), which
	 * nothing else can do; that it is the right one, the experiment says */
	if (exit->vectoring & EVENT_VALID && exit->reason != EXIT_NESTED_FAULT &&
	    exit->reason != EXIT_EXCEPTION && exit->reason != EXIT_SHUTDOWN)
		return "no EXITINTINFO";
	/* APM Vol. 3 "VMRUN": "clear EVENTINJ field in VMCB" (R33) */
	if (exit->injection & EVENT_VALID) {
		print_to(got, size, "EVENTINJ %08x", exit->injection);
		return "EVENTINJ's valid bit cleared";
	}
	/* APM Vol. 2 appendix "SVM Intercept Exit Codes": -1, and the field has 64 bits */
	if (exit->reason == EXIT_INVALID && exit->code_high != 0xffffffff) {
		print_to(got, size, "%08x%08x", exit->code_high, exit->code);
		return "EXITCODE -1";
	}
	return NULL;
}
