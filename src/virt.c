/* SPDX-License-Identifier: BSD-2-Clause */
#include "virt.h"

#include "serial/print.h"

const struct virt *virt;
unsigned long virt_features;

const char *virt_no_vmx, *virt_no_svm, *virt_no_fred;

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
	if (missing & HAS_VMX && virt_no_vmx)
		return virt_no_vmx;
	if (missing & HAS_SVM && virt_no_svm)
		return virt_no_svm;
	if (missing & HAS_FRED && virt_no_fred)
		return virt_no_fred;
	return texts[__builtin_ctzl(missing)];
}

const char *guest_flags_text(char *buffer, size_t size, uint64_t flags)
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

void virt_open_host(void)
{
	unsigned steps = 0;

	while (virt->open_host[steps] != STEPS_END)
		steps++;
	virt->run_host(virt->open_host, steps);
}

bool virt_keeps_init(void)
{
	struct entry entry = {.count = 0};
	struct exit exit;

	if (!(virt_features & HAS_VMX))
		return false;
	virt->run_guest(&entry, &exit);
	return exit.reason == EXIT_INIT;
}

uint64_t virt_bits_of(const struct flag_bit *table, uint64_t flags)
{
	uint64_t bits = 0;

	for (; table->flag; table++)
		if (flags & table->flag)
			bits |= table->bit;
	return bits;
}

uint64_t virt_flags_of(const struct flag_bit *table, uint64_t flags, uint64_t bits)
{
	for (; table->flag; table++) {
		flags &= ~table->flag;
		if (bits & table->bit)
			flags |= table->flag;
	}
	return flags;
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
