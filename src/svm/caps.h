/* SPDX-License-Identifier: BSD-2-Clause */
/* What this CPU's SVM can do: APM Vol. 3 "CPUID Fn8000_000A SVM Features". Twin of vmx/caps.h. */
#pragma once

#include <stdint.h>

struct svm_caps {
	uint32_t revision, asids, features; /* Fn8000_000A EAX, EBX, EDX */
};

extern struct svm_caps svm_caps;

/* NULL when SVM can be used on this CPU, else the reason why not. Fills svm_caps and sets bits
 * of virt_features. */
const char *svm_detect(void);

/* " NPT NRIPS vNMI": the capabilities by their names in the APM. */
const char *svm_describe(void);
