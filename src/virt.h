/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * struct virt: all that experiments may know of the machine under test. Four implementations:
 * vmx/vmx.c, svm/svm.c, bare.c (no virtualization), and the model.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nmi/event_info.h"
#include "nmi/places.h"
#include "x86/fred.h"
#include "x86/task.h"

/*
 * What an experiment may need. X(name, what is missing without it). The first four are decided
 * by the machine, the rest by the virtualization's own capability registers.
 */
#define FEATURES(X)                                                                                \
	X(HAS_VMX, "no VMX")                                                                       \
	X(HAS_SVM, "no SVM")                                                                       \
	X(HAS_GUEST, "no VMX, no SVM")                                                             \
	X(HAS_HELPER, "one CPU: nobody to send an NMI while it halts")                             \
	X(HAS_VIRTUAL_NMIS, "no virtual NMIs (IA32_VMX_PINBASED_CTLS bit 37)")                     \
	X(HAS_NMI_WINDOW, "no NMI-window exiting (IA32_VMX_PROCBASED_CTLS bit 54)")                \
	X(HAS_NESTED_PAGING,                                                                       \
	  "no EPT (IA32_VMX_PROCBASED_CTLS2 bit 33) with INVEPT (IA32_VMX_EPT_VPID_CAP bits 20, "  \
	  "26), no NPT (8000_000Ah EDX[0])")                                                       \
	X(HAS_INTERRUPT_WINDOW, "no interrupt-window exiting (IA32_VMX_PROCBASED_CTLS bit 34)")    \
	X(HAS_MTF, "no monitor trap flag (IA32_VMX_PROCBASED_CTLS bit 59)")                        \
	X(HAS_TIMER, "no VMX-preemption timer (IA32_VMX_PINBASED_CTLS bit 38)")                    \
	X(HAS_HLT_STATE, "no entry into HLT (IA32_VMX_MISC bit 6)")                                \
	X(HAS_SHUTDOWN_STATE, "no entry into shutdown (IA32_VMX_MISC bit 7)")                      \
	X(HAS_SIPI_STATE, "no entry into wait-for-SIPI (IA32_VMX_MISC bit 8)")                     \
	X(HAS_ZERO_LENGTH, "no injected instructions of length 0 (IA32_VMX_MISC bit 30)")          \
	X(HAS_STRICT_ERROR_CODES, "injects any error code (IA32_VMX_BASIC bit 56)")                \
	X(HAS_ACKNOWLEDGE, "no acknowledge interrupt on exit (IA32_VMX_EXIT_CTLS bit 47)")         \
	X(HAS_INTEL, "not an Intel CPU")                                                           \
	X(HAS_AMD, "not an AMD CPU")                                                               \
	X(HAS_NRIPS, "no NRIPS (CPUID 8000_000Ah EDX[3])")                                         \
	X(HAS_CLEAN_BITS, "no VMCB clean bits (CPUID 8000_000Ah EDX[5])")                          \
	X(HAS_VGIF, "no VGIF (CPUID 8000_000Ah EDX[16])")                                          \
	X(HAS_VNMI, "no vNMI (CPUID 8000_000Ah EDX[25])")                                          \
	X(HAS_NEW_PAGES, "no memory left of which nobody has used a page")                         \
	X(HAS_SYSENTER,                                                                            \
	  "no SYSENTER (CPUID.1:EDX[11]); 64-bit kernel: no SYSCALL (8000_0001h EDX[11])")         \
	X(HAS_32_BIT, "64-bit kernel: 64-bit mode has no INTO, tasks or virtual-8086 mode")        \
	X(HAS_64_BIT, "32-bit kernel: CR8 is for 64-bit mode")                                     \
	X(HAS_FRED, "no FRED")                                                                     \
	X(HAS_FRED_GUEST, "no FRED in guests (IA32_VMX_CR4_FIXED1 bit 32)")                        \
	X(HAS_NESTED_EXCEPTIONS, "no nested exceptions in VMX (IA32_VMX_BASIC bit 58)")            \
	X(HAS_FRED_CONTROLS, "VMX neither loads nor saves FRED's registers (IA32_VMX_ENTRY_CTLS "  \
			     "bit 55, IA32_VMX_EXIT_CTLS2 bits 1:0)")

enum feature_bit {
#define X(name, missing) name##_BIT,
	FEATURES(X)
#undef X
		FEATURE_BITS
};

enum feature {
#define X(name, missing) name = 1 << name##_BIT,
	FEATURES(X)
#undef X
};

/*
 * The guest's settings, as set_guest() takes them and as an exit saves them. The names are the
 * manuals': SDM "Pin-Based VM-Execution Controls", "Guest Interruptibility State"; APM
 * "Intercept Operation".
 */
#define GUEST_FLAGS(X)                                                                             \
	X(NMI_EXITING)                                                                             \
	X(VIRTUAL_NMIS)                                                                            \
	X(NMI_WINDOW_EXITING)                                                                      \
	X(BLOCKED_BY_STI)                                                                          \
	X(BLOCKED_BY_MOV_SS)                                                                       \
	X(BLOCKED_BY_SMI)                                                                          \
	X(BLOCKED_BY_NMI)                                                                          \
	X(INTERRUPTS_ON)                                                                           \
	X(INTERCEPT_NMI)                                                                           \
	X(INTERCEPT_IRET)                                                                          \
	X(INTERRUPT_SHADOW)                                                                        \
	X(NESTED_PAGING)                                                                           \
	X(INTERCEPT_GP)                                                                            \
	X(INTERCEPT_SS)                                                                            \
	X(INTERCEPT_PF)                                                                            \
	X(INTERCEPT_DF)                                                                            \
	X(INTERCEPT_DB)                                                                            \
	X(INTERCEPT_BP)                                                                            \
	X(INTERCEPT_VECTOR_2)                                                                      \
	X(EXTERNAL_INTERRUPT_EXITING)                                                              \
	X(INTERRUPT_WINDOW_EXITING)                                                                \
	X(MONITOR_TRAP_FLAG)                                                                       \
	X(PREEMPTION_TIMER_0)                                                                      \
	X(V_IRQ)                                                                                   \
	X(INTERCEPT_VINTR)                                                                         \
	X(V_NMI)                                                                                   \
	X(V_NMI_MASK)                                                                              \
	X(V_NMI_ENABLE)                                                                            \
	X(RING_3)                                                                                  \
	X(V_GIF)                                                                                   \
	X(V_GIF_ENABLE)                                                                            \
	X(INTERCEPT_INTR)                                                                          \
	X(V_INTR_MASKING)                                                                          \
	X(V_IGN_TPR)                                                                               \
	X(HOST_INTERRUPTS_ON)                                                                      \
	X(HOST_GIF)                                                                                \
	X(GUEST_INTERRUPT_MASK)                                                                    \
	X(HOST_TRAPS_ON)                                                                           \
	X(RESUME_FLAG)                                                                             \
	X(BREAKPOINT_AT_ENTRY)                                                                     \
	X(RESERVED_INTERRUPTIBILITY)                                                               \
	X(ACKNOWLEDGE_INTERRUPT)                                                                   \
	X(ENTRY_LOADS_FRED)                                                                        \
	X(EXIT_SAVES_FRED)                                                                         \
	X(EXIT_LOADS_FRED)

enum guest_flag_bit {
#define X(name) name##_BIT,
	GUEST_FLAGS(X)
#undef X
};

enum guest_flag {
#define X(name) name = 1ULL << name##_BIT,
	GUEST_FLAGS(X)
#undef X
};

/* Settings of one entry only: the guest changes them, or they are the host's at VMRUN, where GIF is
 * 0 unless HOST_GIF leaves it as it is. */
#define ENTRY_FLAGS                                                                                \
	(INTERRUPTS_ON | HOST_INTERRUPTS_ON | HOST_GIF | GUEST_INTERRUPT_MASK | HOST_TRAPS_ON |    \
	 RESUME_FLAG | BREAKPOINT_AT_ENTRY)

/* Which flag is which bit of some field: a table ends with flag 0. */
struct flag_bit {
	uint64_t flag;
	uint64_t bit;
};

/* The field's bits that these flags ask for. */
uint64_t virt_bits_of(const struct flag_bit *table, uint64_t flags);

/* `flags` with those of the table as the field has them. */
uint64_t virt_flags_of(const struct flag_bit *table, uint64_t flags, uint64_t bits);

/* There are two, each with a VMCS or VMCB of its own. They share all else. */
#define GUESTS 2

/* Pages of the guest that nested paging can take away. */
enum guest_page { GUEST_IDT, GUEST_STACK, GUEST_LDT, GUEST_HANDLERS, OTHER_PAGE };

enum activity { ACTIVITY_ACTIVE, ACTIVITY_HLT, ACTIVITY_SHUTDOWN, ACTIVITY_WAIT_FOR_SIPI };

struct entry {
	uint64_t flags;         /* enum guest_flag */
	bool interrupts_on;     /* RFLAGS.IF */
	enum activity activity; /* VMX */
	uint32_t injection;     /* EVENT_INFO, or 0 */
	unsigned length; /* of the injected software event's instruction: 0-15 bytes; SVM: nRIP -
			    RIP */
	uint32_t clean;  /* SVM: VMCB clean bits */
	unsigned priority, tpr;    /* SVM: V_INTR_PRIO, V_TPR */
	uint32_t error;            /* code of the injected exception */
	bool traps_on;             /* RFLAGS.TF */
	unsigned long debug_traps; /* VMX: pending debug exceptions, as in DR6 */
	unsigned idt_end;          /* the guest's IDT ends before this vector; 0: it has all */
	uint64_t event_data;       /* with FRED in the guest: what the injected event's frame has */
	const enum step *steps;    /* what the guest executes before its hypercall */
	unsigned count;
	bool resume; /* instead: go on where the last exit left the guest */
};

#define EXIT_REASONS(X)                                                                            \
	X(EXIT_HYPERCALL, "hypercall")                                                             \
	X(EXIT_NMI, "NMI")                                                                         \
	X(EXIT_NMI_WINDOW, "NMI-window")                                                           \
	X(EXIT_INTERRUPT, "interrupt")                                                             \
	X(EXIT_INTERRUPT_WINDOW, "interrupt-window")                                               \
	X(EXIT_MTF, "MTF")                                                                         \
	X(EXIT_TIMER, "preemption-timer")                                                          \
	X(EXIT_VINTR, "VINTR")                                                                     \
	X(EXIT_EXCEPTION, "exception")                                                             \
	X(EXIT_IRET, "IRET")                                                                       \
	X(EXIT_NESTED_FAULT, "nested-page-fault")                                                  \
	X(EXIT_SIPI, "SIPI")                                                                       \
	X(EXIT_INIT, "INIT")                                                                       \
	X(EXIT_SHUTDOWN, "shutdown (triple fault)")                                                \
	X(EXIT_ENTRY_FAILED, "failed-entry")                                                       \
	X(EXIT_INVALID, "invalid-control")                                                         \
	X(EXIT_OTHER, "other")

enum exit_reason {
#define X(name, text) name,
	EXIT_REASONS(X)
#undef X
};

const char *exit_reason_text(enum exit_reason reason);

/* "NMI_EXITING|VIRTUAL_NMIS", "0". Returns the buffer. */
const char *guest_flags_text(char *buffer, size_t size, uint64_t flags);

struct exit {
	enum exit_reason reason;
	uint32_t code;            /* the architecture's own number: exit reason, EXITCODE, VMfail */
	uint32_t code_high;       /* SVM: its upper half */
	uint32_t info;            /* VM-exit interruption information; 0 on SVM */
	uint32_t vectoring;       /* IDT-vectoring information, EXITINTINFO */
	uint32_t injection;       /* the injection field after the exit */
	unsigned long host_flags; /* RFLAGS of the host after the exit; SVM: 0 */
	enum activity activity;   /* always active on SVM */
	unsigned length;          /* of the instruction, where the exit has one; SVM: nRIP - RIP */
	bool no_length;           /* SVM: nRIP is 0 */
	unsigned tpr;             /* SVM: V_TPR */
	enum guest_page page;     /* of a nested page fault */
	bool unblocked;           /* VMX: "NMI unblocking due to IRET", wherever it is reported */
	unsigned vector;          /* of an exception's exit */
	uint64_t event_data;      /* with FRED in the guest: of the event that was cut off */
	unsigned fred_level;      /* EXIT_SAVES_FRED: the guest's stack level */
	uint32_t error;           /* code of that exception; 0: none */
	uint32_t vectoring_error; /* the same of the event that was cut off */
	uint64_t qualification;   /* VMX, of #DB, SIPI and the like */
	uint64_t debug_traps;     /* VMX: pending debug exceptions */
	bool resume_flag;         /* RFLAGS.RF */
	uint64_t flags;           /* the settings, with the saved interruptibility */
	unsigned long ip;
	unsigned place; /* PLACE_UNKNOWN: to be looked up from ip */
};

/* What is asked of another CPU: to send right away; once the guest runs; and then SIPIs too, until
 * the guest exits. */
enum ask { ASK_NOW, ASK_IN_GUEST, ASK_SIPI_IN_GUEST };

/* How a CPU sends an NMI to itself: SDM "Interrupt Command Register (ICR)". The shorthand "self" is
 * for fixed interrupts only; a fixed one with the NMI's vector is no NMI, and illegal. */
enum nmi_to_self { BY_PHYSICAL_ID, BY_BROADCAST, BY_SHORTHAND, BY_VECTOR_2 };

/* Takes what was found, and what was expected instead: nmi/verdict.h. */
typedef __attribute__((format(printf, 2, 3))) void (*virt_noter)(const char *got,
								 const char *expected, ...);

struct virt {
	const char *name;           /* "VMX" */
	enum step hypercall;        /* the step that always exits to us */
	unsigned long exit_handler; /* first host instruction after an exit */

	/* Enter and leave root mode (host mode) on this CPU. False: *why says what failed. */
	bool (*enable)(const char **why);
	void (*disable)(void);

	/* Enter the guest; returns after the exit. */
	void (*run_guest)(const struct entry *entry, struct exit *exit);

	/* The guest that the coming entries are about: 0 or 1. NULL: there is none. */
	void (*use_guest)(unsigned guest);

	/* Run steps in the host. */
	void (*run_host)(const enum step *steps, unsigned count);

	/* The coming HLTs, in host or guest: the i-th gets nmis[i] NMIs, perhaps
	 * AT_ONCE, then its fence. */
	void (*plan)(const unsigned *nmis, unsigned halts);

	/* With NESTED_PAGING: take a page of the guest away, or put it back. */
	void (*set_page)(enum guest_page page, bool present);

	/* With NESTED_PAGING: the guest's page is another one from now on, that nobody has used. */
	void (*renew_page)(enum guest_page page);

	/* Put the instruction of a plain step in the place of another's; of its own: put it back.
	 */
	void (*replace)(enum step step, enum step with);

	/* NMIs and a fence reach the CPU while it holds them. False: the fence did not. */
	bool (*deliver)(unsigned nmis);

	/* Another CPU shall send NMIs and a fence, which are not waited for. */
	void (*ask)(unsigned nmis, enum ask how);

	/* Has all that was asked for been sent? *seen: trace_nmis when the last NMI was. */
	bool (*answered)(unsigned *seen);

	/* Called after answered() said no: is it time to give up? */
	bool (*is_late)(void);

	/* Prepare tasks for steps that use them: see x86/task.h. */
	void (*use_tasks)(enum tasks tasks);

	/* FRED from now on, or no more. False: this machine does not do it. */
	bool (*use_fred)(const struct fred_use *use);

	/* The clock: a number that grows with every instruction. */
	uint64_t (*ticks)(void);

	/* An NMI of the CPU's own; one from the helper and one of its own, at about the same time,
	 * with a fence. See nmi/sender.h. */
	bool (*to_self)(enum nmi_to_self how);
	bool (*collide)(unsigned delay);

	/* Take the outstanding fences, if the CPU takes interrupts: false when not. */
	bool (*drain)(void);

	/* For a new experiment: forget plans, and fences that got lost. */
	void (*reset)(void);

	/* The fence, which an exit acknowledged, is in service: end that. False: it is not. */
	bool (*end_fence)(void);

	/* INIT reaches the CPU, which blocks it (VMX root operation), from itself. False: its APIC
	 * refused. */
	bool (*init)(void);

	/* The vector of the SIPIs to come: 0 unless somebody says otherwise. */
	void (*use_sipi)(unsigned vector);

	/* How long to wait before an NMI that is to hit a HLT: longer at each attempt. */
	void (*be_patient)(unsigned attempt);

	/* Did a watchdog end the steps since the last call? */
	bool (*took_back)(void);

	/* Has another CPU taken the helper's place since the last call? */
	bool (*changed_helper)(void);

	/* NMIs that nobody here sent, seen so far by CPUs that are not under test. */
	unsigned (*disturbances)(void);

	/* What an instruction pointer means. */
	unsigned (*place)(unsigned long ip);

	/* Note everything that this exit reports and that is not as the manual has it for its
	 * reason. */
	void (*check_exit)(const struct exit *exit, virt_noter note);

	/* Steps that open the host to NMIs, whatever happened before; ends with STEPS_END. */
	const enum step *open_host;

	/* An entry that ends what a machine may keep of a guest's blocking; NULL: there is none. */
	const struct entry *open_guest;
};

/* The machine under test, chosen by detect.c or by the model's main. */
extern const struct virt *virt;

/* Run the steps that open the host: an NMI that was latched comes now, and blocks again. */
void virt_open_host(void);

/* Does a guest exit by an INIT once more? It should be gone with the exit that took the CPU back
 * (SDM "Other Causes of VM Exits"); where it stays, this CPU has no guest any more. */
bool virt_keeps_init(void);

/* enum feature bits; virt_missing() says why the first of `needs` is not there, NULL: all are. */
extern unsigned long virt_features;
const char *virt_missing(unsigned long needs);

/* Why there is no VMX, no SVM, no FRED: where known better than FEATURES says it. */
extern const char *virt_no_vmx, *virt_no_svm, *virt_no_fred;
