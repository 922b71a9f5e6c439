/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mends two bugs of Bochs 2.7 that keep KVM from working on it. A library for LD_PRELOAD, for
 * Debian's bochs-bin, which exports its C++ functions. Both bugs are in VM entry, which is
 * BX_CPU_C::VMLAUNCH (cpu/vmx.cc) for VMRESUME too; two of its calls are led through functions
 * of ours.
 *
 * 1. VMenterLoadCheckGuestState() loads the guest's RFLAGS, and handleInterruptMaskChange()
 *    (cpu/event.cc) then masks interrupts if IF is 0. In a guest with external-interrupt exiting
 *    it would not, but VMLAUNCH sets in_vmx_guest only afterwards: such a guest, entered with
 *    IF=0, is deaf to the host's timer and IPIs. So call handleInterruptMaskChange() again once
 *    in_vmx_guest is set: before VMenterInjectEvents(). Still so in Bochs 3.0.
 * 2. VMenterLoadCheckGuestState() blocks NMIs (BX_EVENT_NMI, BX_EVENT_VMX_VIRTUAL_NMI in
 *    event_mask) if the guest's interruptibility state says so, but never unblocks them. SDM
 *    "Interruptibility State": the guest starts as that field says. So unblock them before it;
 *    an entry that fails leaves them as they were. Fixed in Bochs 2.8.
 *
 * It refuses to start Bochs if the code is not what it was made for: Bochs then ends with 99.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE       4096ul
#define NEAR       0x40000000ul /* a call reaches 2 GB */
#define STUB_BYTES 16
#define EVENT_NMI  (1u << 0)
#define EVENT_VNMI (1u << 7)
#define NMI_EVENTS (EVENT_NMI | EVENT_VNMI)

/* Three members of BX_CPU_C, in this order (cpu/cpu.h), at EVENTS_OFFSET in Debian's build. */
struct events {
	uint32_t pending, mask, async;
};
#define EVENTS_OFFSET 0x93b0

/* Bytes that must be at an offset of a function. */
struct code {
	unsigned offset, length;
	const char *bytes;
};

/* A call in VMLAUNCH, with what is around it. */
struct call {
	const char *target; /* mangled */
	struct code before, after;
	void *ours;
};

static void (*mask_change)(void *cpu);
static void (*inject_events)(void *cpu);
static uint32_t (*load_guest)(void *cpu, uint64_t *qualification);

static struct events *events_of(void *cpu)
{
	return (struct events *)((char *)cpu + EVENTS_OFFSET);
}

static void our_inject_events(void *cpu)
{
	mask_change(cpu);
	inject_events(cpu);
}

static uint32_t our_load_guest(void *cpu, uint64_t *qualification)
{
	struct events *events = events_of(cpu);
	uint32_t blocked = events->mask & NMI_EVENTS;

	events->mask &= ~NMI_EVENTS;
	uint32_t error = load_guest(cpu, qualification);
	if (error)
		events->mask = (events->mask & ~NMI_EVENTS) | blocked;
	else if (events->pending & ~events->mask & NMI_EVENTS)
		events->async = 1; /* it was pending, and may come now */
	return error;
}

#define VMLAUNCH      "_ZN8BX_CPU_C8VMLAUNCHEP15bxInstruction_c"
#define MASK_CHANGE   "_ZN8BX_CPU_C25handleInterruptMaskChangeEv"
#define INJECT_EVENTS "_ZN8BX_CPU_C19VMenterInjectEventsEv"
#define LOAD_GUEST    "_ZN8BX_CPU_C26VMenterLoadCheckGuestStateEPm"
#define CODE(at, text)                                                                             \
	{                                                                                          \
		.offset = (at), .length = sizeof(text) - 1, .bytes = (text)                        \
	}

/* handleInterruptMaskChange() starts with: mov mask(%rdi), %eax; testb $2, eflags+1(%rdi). */
static const struct code mask_change_code =
	CODE(0, "\x8b\x87\xb4\x93\x00\x00\xf6\x87\xf9\x00\x00\x00\x02");

static const struct call calls[] = {
	{
		.target = LOAD_GUEST,
		/* mov %rsp, %rsi; mov %rbx, %rdi; CALL; test %eax, %eax; jne */
		.before = CODE(0xeb, "\x48\x89\xe6\x48\x89\xdf\xe8"),
		.after = CODE(0xf6, "\x85\xc0\x0f\x85"),
		.ours = our_load_guest,
	},
	{
		.target = INJECT_EVENTS,
		/* mov %rbx, %rdi; CALL; testb $0x20, controls+2(%rbx) */
		.before = CODE(0x16a, "\x48\x89\xdf\xe8"),
		.after = CODE(0x172, "\xf6\x83\xee\x8f\x00\x00\x20"),
		.ours = our_inject_events,
	},
};
enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

static void refuse(const char *what)
{
	fprintf(stderr, "bochs-entry-fix: refused, this is not Debian's Bochs 2.7: %s\n", what);
	exit(99);
}

static void *symbol(const char *name)
{
	void *address = dlsym(RTLD_DEFAULT, name);

	if (!address)
		refuse(name);
	return address;
}

static void check(const uint8_t *function, const struct code *code)
{
	if (memcmp(function + code->offset, code->bytes, code->length))
		refuse("the code is different");
}

static uint8_t *displacement(uint8_t *function, const struct call *call)
{
	return function + call->before.offset + call->before.length;
}

/* That the call is where it should be, and calls what it should. */
static void check_call(uint8_t *function, const struct call *call)
{
	uint8_t *at = displacement(function, call);
	int32_t relative;

	check(function, &call->before);
	check(function, &call->after);
	memcpy(&relative, at, sizeof(relative));
	if (at + sizeof(relative) + relative != (uint8_t *)symbol(call->target))
		refuse(call->target);
}

/* A page that a call in Bochs reaches; our library is too far away. */
static uint8_t *page_near(const uint8_t *function)
{
	const uintptr_t step = 0x1000000;
	uintptr_t start = (uintptr_t)function & -PAGE;

	for (uintptr_t at = start - step; at > start - NEAR; at -= step) {
		void *page = mmap((void *)at, PAGE, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
		if (page != MAP_FAILED)
			return page;
	}
	refuse("no memory near its code");
	return NULL;
}

/* Writes "mov $target, %rax; jmp *%rax". */
static void write_stub(uint8_t *stub, const void *target)
{
	memcpy(stub, "\x48\xb8", 2);
	memcpy(stub + 2, &target, sizeof(target));
	memcpy(stub + 10, "\xff\xe0", 2);
}

static void redirect(uint8_t *function, const struct call *call, const uint8_t *stub)
{
	uint8_t *at = displacement(function, call);
	int32_t relative = stub - (at + sizeof(relative));

	memcpy(at, &relative, sizeof(relative));
}

static void protect(void *page, size_t bytes, int how)
{
	if (mprotect(page, bytes, how))
		refuse("its code cannot be changed");
}

__attribute__((constructor)) static void mend(void)
{
	uint8_t *launch = symbol(VMLAUNCH);
	uint8_t *page = (uint8_t *)((uintptr_t)launch & -PAGE);
	uint8_t *stubs;

	mask_change = symbol(MASK_CHANGE);
	inject_events = symbol(INJECT_EVENTS);
	load_guest = symbol(LOAD_GUEST);
	check((const uint8_t *)mask_change, &mask_change_code);
	for (unsigned i = 0; i < CALLS; i++)
		check_call(launch, &calls[i]);
	stubs = page_near(launch);
	protect(page, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
	for (unsigned i = 0; i < CALLS; i++) {
		write_stub(stubs + i * STUB_BYTES, calls[i].ours);
		redirect(launch, &calls[i], stubs + i * STUB_BYTES);
	}
	protect(page, 2 * PAGE, PROT_READ | PROT_EXEC);
	protect(stubs, PAGE, PROT_READ | PROT_EXEC);
	fprintf(stderr, "bochs-entry-fix: mended\n");
}
