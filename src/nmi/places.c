/* SPDX-License-Identifier: BSD-2-Clause */
#include "nmi/places.h"

#include "serial/print.h"

enum { PLAIN = true, COMPOSED = false };

#define STEP(name, shape, ...) {#name, shape},
static const struct {
	const char *name;
	bool plain;
} steps[STEPS] = {
#include "nmi/steps.def"
};
#undef STEP

const char *step_name(enum step step)
{
	return step < STEPS ? steps[step].name : "?";
}

bool step_is_plain(enum step step)
{
	return steps[step].plain;
}

const char *place_text(char *buffer, size_t size, unsigned place)
{
	static const char *const words[] = {
		[PLACE_FIRST >> 8] = "start of",
		[PLACE_BEFORE >> 8] = "before",
		[PLACE_AT >> 8] = "at",
		[PLACE_AFTER >> 8] = "after",
	};
	unsigned detail = place & PLACE_DETAIL;

	switch (place & PLACE_KIND) {
	case PLACE_UNKNOWN:
		print_to(buffer, size, "an unknown place");
		break;
	case PLACE_ANYWHERE:
		print_to(buffer, size, "anywhere");
		break;
	case PLACE_HANDLER:
		print_to(buffer, size, "handler %xh", detail);
		break;
	case PLACE_EXIT:
		print_to(buffer, size, "vmexit");
		break;
	case PLACE_FRED:
		print_to(buffer, size, "at FRED's entry of ring %u", detail);
		break;
	default:
		print_to(buffer, size, "%s %s", words[place >> 8 & 15], step_name(detail));
	}
	return buffer;
}
