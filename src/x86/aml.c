/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/aml.h"

#include "string.h"

/* "ACPI Machine Language (AML) Specification". */
enum {
	AML_ZERO = 0x00,
	AML_ONE = 0x01,
	AML_NAME = 0x08,
	AML_BYTE = 0x0a,
	AML_WORD = 0x0b,
	AML_DWORD = 0x0c,
	AML_PACKAGE = 0x12,
	AML_ROOT = '\\',
};

struct aml {
	const uint8_t *at, *end;
};

/* Little endian, at most eight bytes. */
static uint64_t load(const uint8_t *from, unsigned size)
{
	uint64_t value = 0;

	memcpy(&value, from, size);
	return value;
}

/* PkgLength counts from its own first byte: two bits say how many bytes follow. */
static bool enter_package(struct aml *aml)
{
	size_t room = (size_t)(aml->end - aml->at);
	unsigned more = room > 1 ? aml->at[1] >> 6 : 0;

	if (room < 2 + more || aml->at[0] != AML_PACKAGE)
		return false;

	const uint8_t *start = aml->at + 1;
	size_t length = more ? start[0] & 0x0f : start[0] & 0x3f;
	length |= (size_t)load(start + 1, more) << 4;
	if (length < more + 2 || length > room - 1)
		return false;
	aml->at = start + 1 + more + 1; /* and behind NumElements, which the end implies */
	aml->end = start + length;
	return true;
}

static bool take_integer(struct aml *aml, uint64_t *value)
{
	if (aml->at == aml->end)
		return false;

	uint8_t opcode = *aml->at++;
	*value = opcode;
	if (opcode == AML_ZERO || opcode == AML_ONE)
		return true;
	if (opcode < AML_BYTE || opcode > AML_DWORD)
		return false;
	unsigned size = 1u << (opcode - AML_BYTE);
	if ((size_t)(aml->end - aml->at) < size)
		return false;
	*value = load(aml->at, size);
	aml->at += size;
	return true;
}

/* Name (_S5, Package () {SLP_TYPa, SLP_TYPb, ...}), from the package on. */
static bool take_sleep_types(struct aml aml, uint8_t types[2])
{
	uint64_t a, b;

	if (!enter_package(&aml) || !take_integer(&aml, &a) || !take_integer(&aml, &b))
		return false;
	if (a > 7 || b > 7)
		return false;
	types[0] = (uint8_t)a;
	types[1] = (uint8_t)b;
	return true;
}

static bool is_name_of_s5(const uint8_t *start, const uint8_t *at)
{
	if (memcmp(at, "_S5_", 4))
		return false;
	if (at - start > 1 && at[-1] == AML_ROOT)
		at--;
	return at > start && at[-1] == AML_NAME;
}

bool aml_soft_off(const uint8_t *code, size_t length, uint8_t types[2])
{
	const uint8_t *end = code + length;

	for (const uint8_t *at = code; end - at >= 4; at++)
		if (*at == '_' && is_name_of_s5(code, at) &&
		    take_sleep_types((struct aml){at + 4, end}, types))
			return true;
	return false;
}
