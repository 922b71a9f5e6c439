/* SPDX-License-Identifier: BSD-2-Clause */
#include "svm/check.h"

#include "serial/print.h"

void svm_check_exit(const struct exit *exit, virt_noter note)
{
	bool cuts_off = exit->reason == EXIT_NESTED_FAULT || exit->reason == EXIT_EXCEPTION ||
			exit->reason == EXIT_SHUTDOWN;
	char got[24];

	/* APM Vol. 2 "EXITINTINFO": it describes an event whose delivery was cut off (S11), which
	 * nothing else can do; that it is the right one, the experiment says */
	print_to(got, sizeof(got), "%08x", exit->vectoring);
	if (exit->vectoring & EVENT_VALID && !cuts_off)
		note(got, "no EXITINTINFO");
	/* APM Vol. 3 "VMRUN": "clear EVENTINJ field in VMCB" (R33) */
	print_to(got, sizeof(got), "%08x", exit->injection);
	if (exit->injection & EVENT_VALID)
		note(got, "EVENTINJ's valid bit cleared");
	/* APM Vol. 2 appendix "SVM Intercept Exit Codes": -1, and the field has 64 bits */
	print_to(got, sizeof(got), "%08x%08x", exit->code_high, exit->code);
	if (exit->reason == EXIT_INVALID && exit->code_high != 0xffffffff)
		note(got, "EXITCODE -1");
}
