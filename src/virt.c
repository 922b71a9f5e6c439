/* SPDX-License-Identifier: BSD-2-Clause */
#include "virt.h"

#include "bare.h"
#include "serial/print.h"
#include "svm/caps.h"
#include "svm/svm.h"
#include "vmx/caps.h"
#include "vmx/vmx.h"

const struct virt *virt;
unsigned long virt_features;

static const char *no_vmx, *no_svm;

void virt_detect(void)
{
	no_vmx = vmx_detect();
	no_svm = svm_detect();
	virt = !no_vmx ? &vmx_virt : !no_svm ? &svm_virt : &bare_virt;
}

const char *virt_missing(unsigned long needs)
{
	static const char *const texts[] = {
#define X(name, missing) missing,
		FEATURES(X)
#undef X
	};
	unsigned long missing = needs & ~virt_features;

	if (!missing)
		return NULL;
	if (missing & NEEDS_VMX && no_vmx)
		return no_vmx;
	if (missing & NEEDS_SVM && no_svm)
		return no_svm;
	return texts[__builtin_ctzl(missing)];
}

const char *virt_describe(void)
{
	static char text[192];

	if (!no_vmx)
		print_to(text, sizeof(text), "VMX:%s", vmx_describe());
	else if (!no_svm)
		print_to(text, sizeof(text), "SVM:%s", svm_describe());
	else
		print_to(text, sizeof(text), "no VMX, no SVM: %s; %s", no_vmx, no_svm);
	return text;
}

const char *guest_flags_text(char *buffer, size_t size, unsigned long flags)
{
	static const char *const names[] = {
#define X(name) #name,
		GUEST_FLAGS(X)
#undef X
	};
	size_t length = print_to(buffer, size, "%s", flags ? "" : "0");

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (flags >> i & 1 && length < size)
			length += print_to(buffer + length, size - length, "%s%s",
					   length ? "|" : "", names[i]);
	return buffer;
}

const char *exit_reason_text(enum exit_reason reason)
{
	static const char *const texts[] = {
#define X(name, text) text,
		EXIT_REASONS(X)
#undef X
	};
	return texts[reason];
}
