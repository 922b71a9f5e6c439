/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The vocabulary of the experiments. Verbs act, expectations take what happened out of the
 * trace, in order. One that does not hold fails the experiment. If an event came in the wrong order
 * or not at all, that is the end: the rest are no-ops. A field, an activity, a live probe that is
 * not as it must be is noted, and the experiment goes on, as if it had been.
 *
 * Between two verbs nothing may be left over but what goes without saying: the fence that ends a
 * HLT, on the CPU that halted and right after it, and the hypercall that ends enter().
 *
 * Events are in the order in which their handlers saw them, and a handler's first instruction is
 * one where the next event can hit: an NMI in an interrupt's handler is recorded, and expected,
 * before the interrupt. (Each handler records what came once it gets to run.)
 */
#pragma once

#include "nmi/places.h"
#include "virt.h"
#include "x86/registers.h"
#include "x86/trap.h"

enum {
	NMI = VECTOR_NMI,
	DB = VECTOR_DB,
	BP = VECTOR_BP,
	OF = 4,
	BR = 5,
	UD = 6,
	DF = VECTOR_DF,
	SS = 12,
	GP = 13,
	PF = 14,
	IRQ = VECTOR_IRQ,
	FENCE = VECTOR_FENCE,
	SOFT = VECTOR_INTN,
};

/* How VM entry fails: SDM "VM Instruction Error Numbers", "VMX Basic Exit Reasons". */
#define VMFAIL_CONTROLS     7
#define VMFAIL_HOST_STATE   8
#define INVALID_GUEST_STATE 0x80000021

/* The step that takes the guest back to the host, by whatever instruction this machine has. */
#define HYPERCALL (virt->hypercall)

/* The first instruction of the host's exit handler: for an event that hits the host there. */
#define VMEXIT PLACE_EXIT

/* A HLT during which these arrive: halt(), halt(NMI), halt(NMI, NMI). The fence always follows.
 * halt_at_once(NMI, NMI): they come as close to each other as a CPU can send them. */
#define halt(...)         during(HLT, ##__VA_ARGS__)
#define halt_at_once(...) ((enum step)(halt(__VA_ARGS__) | AT_ONCE << 8))
#define mov_ss_loop(...)  during(MOV_SS_LOOP, ##__VA_ARGS__)
/* Without halting: wait until these have been sent, whether they are taken or held. */
#define wait(...)          during(WAIT, ##__VA_ARGS__)
#define during(which, ...) ((enum step)((which) | (sizeof((char[]){0, ##__VA_ARGS__}) - 1) << 8))

/* --- acting --- */

/* What the next entry loads, all of it: enum guest_flag. INTERRUPTS_ON is RFLAGS.IF, for this
 * entry only, as all ENTRY_FLAGS are: handlers and steps change it, and it is not expected back. */
void set_guest(uint64_t flags);

/* An exception as EVENT_INFO, with its error code's valid bit. */
uint32_t exception_event(unsigned vector);

/* Software events as EVENT_INFO, in the architecture's own numbering: SVM counts INT3 among the
 * exceptions (APM "Event Injection"). */
uint32_t software_event(enum event_type type, unsigned vector);

/* The next entry injects this event: an NMI, an exception (below 32) or an external interrupt,
 * which also sets RFLAGS.IF, as VM entry demands (SDM "Checks on Guest Non-Register State"). */
void inject(unsigned vector);

/* The same with a type of its own: vector 2 is an NMI only with TYPE_NMI. Exceptions that have an
 * error code get one. */
void inject_event(enum event_type type, unsigned vector);

/* The next entry's injection field is what the last exit left in it: nothing valid (R33). */
void inject_left_over(void);

/* The next entry starts in this activity state, with interrupts on and a fence waiting, so that
 * the guest does not sleep for ever in HLT. */
void set_activity(enum activity activity);

/* The same with interrupts as set_guest() has them. */
void set_idle(enum activity activity);

/* SVM: the virtual interrupt's priority, which is 15 without this, and V_TPR, which is 0. */
void set_priority(unsigned priority, unsigned tpr);

/* The next entry loads RFLAGS.TF; VMX: pending debug exceptions, as DR6 has them, with
 * DEBUG_ENABLED for a breakpoint: SDM "Pending Debug Exceptions". */
#define DEBUG_ENABLED 0x1000
void set_traps_on(void);
void set_debug_traps(unsigned long traps);

/* SVM: of the groups of the VMCB that have a clean bit, the next entry may take these from where
 * the CPU keeps them. CLEAN_ALL but what was changed: APM "VMCB Clean Field". */
#define CLEAN_ALL 0x1fff
#define CLEAN_TPR (1 << 3) /* V_IRQ and its like */
void set_clean(uint32_t bits);

/* The next entry's injection field is this, whatever that is. */
void inject_field(uint32_t field);

/* The next entry injects this exception with an error code of its own. */
void inject_with_error(unsigned vector, uint32_t error);

/* The next entry injects an MTF exit: type 7, vector 0. */
void inject_mtf(void);

/* The next entry injects a software event of an instruction this long: INT3 and INTO are of type
 * TYPE_SOFTWARE_EXCEPTION, INT n is TYPE_SOFTWARE_INTERRUPT. */
void inject_software(enum event_type type, unsigned vector, unsigned length);

/* The next entry injects what the last exit cut off: IDT-vectoring information or EXITINTINFO. */
void reinject(void);

/* The same for an INT3 or INT n of the guest's own, where the exit does not tell its length (S12).
 */
void reinject_instruction(unsigned length);

/* Put the instruction of one plain step in the place of another's, of the same length, until the
 * experiment ends. The address keeps its old name. */
void replace(enum step step, enum step with);

/* With NESTED_PAGING: take a page of the guest away, or put it back. */
void unmap(enum guest_page page);
void map(enum guest_page page);

/* With NESTED_PAGING: this page of the guest is another one now, that nobody has used. A hypervisor
 * below us has to make it present in the midst of the next delivery, and must not let us notice. */
void renew(enum guest_page page);

/* The guest's IDT ends before this vector: what needs a gate there is a #GP, or worse. */
void end_idt_before(unsigned vector);

/* With HAS_32_BIT: the host's NMIs go through a task gate (NMI_TASK); the step V86_IRET has its
 * task (V86_TASK). The step TASK_IRET needs one that is not V86_TASK. */
void use_tasks(enum tasks tasks);

/* Enter the guest at the first of these steps; after the last it executes the hypercall. */
#define enter(...) enter_steps((const enum step[]){__VA_ARGS__ __VA_OPT__(, ) STEPS_END})
void enter_steps(const enum step *steps);

/* For sweeps over many cases: enter like this, run one NOP, forget what happened. Returns the exit;
 * its place is known. */
const struct exit *try_entry(const struct entry *entry);

/* The same with any event, with a zero error code or without. False: VMRUN refused it. */
bool try_injection(enum event_type type, unsigned vector, bool error_code);

/* Count a case of a sweep; unless it is as it should be, note it as a surprise in a few words. The
 * trace has room for some, verbose names all. */
__attribute__((format(printf, 2, 3))) void expect_case(bool good, const char *format, ...);

/* The coming entries are of this guest, 0 or 1: each has a VMCS or VMCB of its own. An experiment
 * begins with 0. What the next entry loads, set_guest() says. */
void use_guest(unsigned guest);

/* Enter it where the last exit left it. */
void resume(void);

/* Execute steps in the host. */
#define host(...) host_steps((const enum step[]){__VA_ARGS__, STEPS_END})
void host_steps(const enum step *steps);

/* From an open host to a blocked one: it takes an NMI and executes no IRET. */
void host_takes_nmi(void);

/* n NMIs arrive while the host holds them: blocked, or GIF=0. The fence behind them has arrived
 * in the local APIC when this returns. */
void nmis_arrive(unsigned n);

/* The next enter() or host() begins with a fence waiting: a maskable interrupt that is delivered
 * where IF is 1, or exits. */
void fence_waits(void);

/* INIT comes while the CPU blocks it: in VMX root operation. A machine that does not block it is
 * lost to us. */
void init_arrives(void);

/* In the next enter() another CPU sends n NMIs, once the guest runs or is about to; or SIPIs with
 * this vector, until it exits. */
void nmis_come_later(unsigned n);
void sipi_comes_later(unsigned vector);

/* While another CPU sends so many NMIs, enter the guest again and again with these settings, each
 * time from a blocked host, and count: between two entries with NMIs blocked there is one at most,
 * in guest or host; there are no more than were sent, and one after the last was sent. */
void storm(unsigned nmis);

/* From here on let more time pass between two NMIs of a HLT: four times as much at each level. */
void be_patient(unsigned level);

/* While another CPU sends so many NMIs, execute IRETs, blocked by one at the first: no NMI comes to
 * a blocked CPU before its IRET has been executed. */
void storm_of_irets(unsigned nmis);

/* The CPU sends an NMI to itself, while it holds them; with a fence after it. A broadcast must
 * come to all CPUs; the shorthand and a fixed interrupt need not do anything. */
void nmi_to_self(enum nmi_to_self how);

/* The helper sends an NMI to the CPU, and the CPU one to itself, at about the same time, while
 * NMIs are open. The delay of the latter is in quarters of the helper's. */
void nmis_collide(unsigned delay);

/* With HAS_FRED: FRED_HOST, FRED_GUEST or both have it from now on, until the experiment ends; 0:
 * none has. The other one keeps its IDT. */
void use_fred(unsigned parties);

/* How FRED's handlers return: an experiment begins with RETURN_BY_RET, as all handlers do, so that
 * blocking stays. */
void handlers_return(enum fred_return how);

/* Events of ring 0 with this vector, below 16, have this stack level: IA32_FRED_STKLVLS. */
void set_stack_level(unsigned vector, unsigned level);

/* With HAS_FRED_CONTROLS: the same in the registers that the guest has of its own, if its settings
 * have ENTRY_LOADS_FRED. And more bits, reserved ones, in IA32_FRED_CONFIG of a party. */
void set_guest_stack_level(unsigned vector, unsigned level);
void set_config_bits(unsigned party, uint64_t bits);

/* With FRED in the guest: as inject() an exception, which came in the midst of a delivery; what the
 * frame of the injected event has as its data. */
void inject_nested(unsigned vector);
void set_event_data(uint64_t data);

/* --- expecting --- */

/* The next event: this vector, who was interrupted, and where. */
void expect(unsigned vector, enum party who, unsigned place);

/* The same of an event that must be anywhere but there. */
void expect_elsewhere(unsigned vector, enum party who, unsigned place);

/* Take the next event if it is this one; was it? */
bool allow(unsigned vector, enum party who, unsigned place);

/* When the last event came that was expected or allowed, in ticks. */
uint64_t event_ticks(void);

/* Was this the reason for the last exit? */
bool left_for(enum exit_reason reason);

/* The guest left, and everything an exit of this kind reports is as it must be. */
void expect_exit(enum exit_reason reason, unsigned place);

/* The guest faulted, or took an injected exception. Its steps end with this: see x86/trap.h. */
void expect_exception(unsigned vector, enum party who, unsigned place);

/* The next event must be this exception in the guest. Where it came, for what must be the same
 * again although the manual leaves it open. */
unsigned expect_exception_somewhere(unsigned vector);

/* The guest's fault exited: interruption information with the error code's valid bit, and "NMI
 * unblocking due to IRET" (bit 12) as given. On SVM there is no such bit: false. */
void expect_fault_exit(unsigned vector, unsigned place, bool unblocked_by_iret);

/* The last exit reported "NMI unblocking due to IRET", or not. */
void expect_unblocked(bool unblocked_by_iret);

/* A fault exited in the midst of the delivery of this event; 0: the exit must tell of no event. */
void expect_delivery_fault(unsigned vector, unsigned place, uint32_t event);

/* The last exit tells of no event whose delivery it cut off. */
void expect_no_event(void);

/* What the event that was expected last pushed: an exception's error code, or what a #DB left in
 * DR6; and RFLAGS.RF. */
void expect_pushed_error(unsigned long error);
void expect_pushed_resume_flag(bool resume_flag);

/* Of the last exit: the error code of the exception that exits, and of the event that was cut off;
 * pending debug exceptions, as DR6 has them; RFLAGS.RF; VMX: the qualification. */
void expect_error(uint32_t error);
void expect_cut_off_error(uint32_t error);
void expect_debug_traps(unsigned long traps);
void expect_resume_flag(bool resume_flag);
void expect_qualification(uint64_t qualification);

/* VMX: the last exit has acknowledged the fence, which is in service then: the host ends that. */
void expect_acknowledged_fence(void);

/* The instruction length that the last exit saved. */
void expect_length(unsigned length);

/* SVM: it saved none, nRIP is 0. */
void expect_no_length(void);

/* The guest left on this missing page, in the midst of delivering an event; 0: of none. */
void expect_nested_fault(enum guest_page missing, unsigned place, uint32_t event);

/* FRED delivered a system call: FRED_VECTOR_SYSCALL, FRED_VECTOR_SYSENTER. */
void expect_syscall(unsigned vector, enum party who, unsigned place);

/* The event that was expected last had a frame of FRED, of this type, with these marks and no other
 * (FRED_SS_STI, FRED_SS_NESTED), and its instruction's length where an instruction asked for it. */
void expect_frame(enum event_type type, uint64_t marks, unsigned length);

/* From which stack level it came, to which; its frame was the first on the stack of `stack`, 0: it
 * was not the first of any. */
void expect_levels(unsigned from, unsigned to, unsigned stack);

/* The stack level of the guest, which the last exit saved: EXIT_SAVES_FRED. */
void expect_guest_level(unsigned level);

/* It came in this ring. */
void expect_ring(unsigned ring);

/* And its data and error code. */
void expect_data(uint64_t data, uint32_t error);

/* Original-event data of the event that the last exit cut off. */
void expect_original_data(uint64_t data);

/* VM entry failed: VMFAIL_CONTROLS, VMFAIL_HOST_STATE, INVALID_GUEST_STATE. What it must leave
 * alone, it has. */
void expect_entry_failure(uint32_t code);

/* The settings and the interruptibility that the last exit saved, all of them. */
void expect_guest(uint64_t flags);

/* SVM: the V_TPR that the last exit saved. */
void expect_tpr(unsigned tpr);

/* The activity state that the last exit saved. */
void expect_activity(enum activity activity);

/* What the manual leaves open is recorded, not judged: one stable line of what was seen. */
__attribute__((format(printf, 1, 2))) void record(const char *format, ...);

/* The next event, whatever it is. */
void record_next(void);

/* Which of these settings, and which event in delivery, the last exit saved: a shutdown's leaves
 * the state of the VMCB undefined. */
void record_guest(uint64_t flags);
void record_cut_off(void);

/* The next event is at one of two places, and which is recorded. It stays the next event. */
void record_place(const char *setting, unsigned one, unsigned other);

/* What has happened and was not looked at is of no interest. */
void forget(void);

/* The next event must be this exception in the guest; where, is recorded. */
void record_exception(unsigned vector);

/* Live probes. Each leaves the host as it was. */
void expect_host_open(void);
void expect_host_blocked(void);
