/* SPDX-License-Identifier: BSD-2-Clause */
/* The model's state, and what its parts know of each other. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/mutants.h"
#include "model/open.h"
#include "nmi/trace.h"
#include "virt.h"

#define MODEL_NESTING 16   /* handlers inside each other */
#define MODEL_BUDGET  2000 /* instructions in one run: more is a loop */

/* Instructions, by what they do to NMIs and to the flow. */
enum model_op {
	OP_NONE,  /* of a step that the model does not know */
	OP_PLAIN, /* what a step needs before its instruction */
	OP_NOP,
	OP_RET,  /* to the next step */
	OP_ASK,  /* the HLT step's: ask for its events */
	OP_SEEN, /* note how many events there have been */
	OP_STI,
	OP_HLT,
	OP_CLI,
	OP_AGAIN, /* back to the STI unless the fence has come */
	OP_LOOP,  /* the MOV_SS_LOOP step's: the same, without looking for wake-ups in vain */
	OP_ERETS,
	OP_ERETS_NMI,
	OP_ERETS_STI,
	OP_ERETS_STI_NMI,
	OP_ERETS_LEVEL,
	OP_ERETS_TRAP_NMI,
	OP_BAD_ERETS, /* faults */
	OP_ERETU,
	OP_ERETU_NMI,
	OP_BAD_ERETU, /* faults */
	OP_SYSCALL,
	OP_IRET,
	OP_BAD_IRET,     /* faults */
	OP_SS_IRET,      /* faults */
	OP_PF_IRET,      /* faults */
	OP_LDT_IRET,     /* faults, or needs GUEST_LDT and has it not */
	OP_BAD_SELECTOR, /* faults */
	OP_TASK_IRET,
	OP_IRET_ON,
	OP_CPUID,
	OP_RING_3_IRET,
	OP_PRIVILEGED, /* faults in ring 3, where the IRET before it leads */
	OP_V86_IRET,   /* faults */
	OP_RETF,
	OP_SYSRET,
	OP_POPF,
	OP_MOV_SS,
	OP_WATCHED_WRITE,
	OP_WATCHED_MOV_SS,
	OP_SET_TF,
	OP_SET_TF_IF,
	OP_INT2,
	OP_INT3,
	OP_INT1,
	OP_INTN,
	OP_VMCALL,
	OP_VMMCALL,
	OP_CLGI,
	OP_STGI,
	OP_WAIT, /* the WAIT step's: what was asked for arrives */
	OP_CR8_15,
	OP_SPIN,
	OP_RECORD,         /* a handler's: the event goes to the trace */
	OP_HANDLER_RETURN, /* POPF and RET */
	OPS
};

/* Where a handler returns to: bytes from the instruction pointer. */
enum { RETURN_HERE = 0, RETURN_NOWHERE = 255 };

/* A handler on its way. */
struct model_frame {
	enum event_kind kind;
	unsigned vector;
	unsigned place; /* interrupted */
	unsigned instruction;
	struct trace_frame fred; /* ss is 0: it came through the IDT */
	unsigned long error;     /* code, or DR6 */
	bool resume_flag;        /* as pushed */
};

struct model_program {
	enum step steps[STEPS_MAX + 1];
	unsigned count; /* the program ends at this step */
	unsigned step, instruction;
	struct model_frame frames[MODEL_NESTING];
	unsigned depth;
	bool interrupts_on; /* RFLAGS.IF */
	bool traps_on;      /* RFLAGS.TF */
	bool in_ring_3;     /* by IRET or ERETU, until an event */
	enum activity activity;
	unsigned halt_seen;
};

/* What VMX and SVM do differently. */
struct model_architecture {
	/* Load the guest and inject. False: the entry failed, the exit says how. */
	bool (*enter)(const struct entry *entry);

	/* Before an instruction of the guest: an event exits or is delivered; first those that
	 * come before a maskable interrupt, then, when there is none, the rest. */
	bool (*take_event)(void);
	bool (*take_last_event)(void);

	/* Does the guest exit instead of executing this? */
	bool (*instruction_exits)(enum model_op op);

	/* The guest has executed IRET, or it faulted. */
	void (*iret)(bool completes);

	/* The guest's fault: does it exit? */
	bool (*fault_exits)(enum model_op op, unsigned vector);

	/* The guest cannot reach a page of its own; the event whose delivery that cuts off, or 0,
	 * and the length of its instruction. */
	void (*nested_fault)(enum guest_page page, uint32_t event, unsigned length);

	/* A fault with this vector, in the midst of an event's delivery: does it exit? */
	bool (*delivery_fault_exits)(unsigned vector, uint32_t event);

	/* A fault in the delivery of this #DF: a triple fault. */
	void (*triple_fault)(uint32_t event);

	/* VMX: a #DB for these traps: does it exit? */
	bool (*debug_trap_exits)(unsigned traps);

	/* VMX: what comes before debug traps exits. */
	bool (*take_first_event)(void);

	/* The guest did not come to an end: take it back. */
	void (*take_back)(void);

	/* In the guest: the interrupt flag that physical interrupts look at, NULL: its own; and
	 * does an open one exit? */
	bool (*interrupts_on)(void);
	bool (*interrupt_exits)(void);

	/* MOV to CR8, in the guest. */
	void (*set_tpr)(unsigned tpr);

	/* Instructions that fault with #UD. */
	bool (*undefined)(enum model_op op);

	enum event_type int3; /* how it counts INT3 */
	bool faulting_iret_unblocks;
};

/* Those of FRED: the stack levels of vectors 0-15, the current one; are the stacks of levels 1 and
 * 2 the guest's own? (x86/fred.h) */
struct model_fred_registers {
	uint32_t levels;
	unsigned level;
	bool guests;
};

extern const struct model_architecture model_vmx, model_svm, model_none;

struct model {
	const struct model_architecture *architecture;
	enum party who; /* runs */
	struct model_program program[2];
	bool at_exit_handler; /* at the host's first instruction after an exit */
	bool taken_back;
	unsigned budget;
	uint64_t ticks; /* one for each instruction, more for what a hypervisor below does */
	bool timed;     /* somebody will look at them */

	/* The CPU. */
	bool blocked; /* by NMI: R1 */
	unsigned nmis_pending;
	unsigned fences_pending; /* maskable interrupts that wait in the local APIC */
	unsigned fences_in_service;
	unsigned long error; /* code of the exception that is about to be delivered, or its DR6 */
	bool fault;          /* it is one: the flags that it pushes have RF */

	/* Of the event whose delivery exits. */
	unsigned long cut_off_error;
	unsigned cut_off_length;
	bool gif;
	bool stray_interrupt;         /* mutants: a guest's that is not there */
	bool sti, mov_ss;             /* block the next instruction boundary */
	bool match_held;              /* mutants: a breakpoint's, until GIF is set */
	unsigned debug_traps;         /* pending: DR6_BS, DR6_B0 */
	bool nmi_late;                /* mutants: holds NMIs as long */
	bool sti_again, mov_ss_again; /* mutants: one instruction more */

	/* FRED. */
	struct fred_use fred;
	struct model_fred_registers registers;  /* the CPU's */
	struct model_fred_registers guest_area; /* VMX: in the VMCS */
	uint64_t event_data;                    /* that the entry injects */

	/* The guest, as the entry loaded it. */
	uint64_t controls; /* on SVM with what it does to its virtual NMI and interrupt */
	uint64_t loaded;   /* mutants: the controls at the entry */
	bool virtually_blocked;
	uint32_t injection;
	unsigned length; /* of the injected software event's instruction */
	struct exit *exit;
	bool delivers_virtual_nmi;      /* SVM: it is on its way through the IDT */
	bool ring_3;                    /* until an event is delivered */
	bool virtual_interrupt_left;    /* mutants: V_IRQ at the last exit */
	bool virtual_interrupts_masked; /* mutants: until the guest sets IF */
	bool virtual_mask_left;         /* mutants: V_NMI_MASK at the last exit */
	uint32_t last_injection;        /* mutants */
	bool is_injecting;              /* mutants: the event on its way is VMRUN's */
	bool host_interrupts_on;        /* SVM: RFLAGS.IF at VMRUN */
	bool host_trap;                 /* SVM: RFLAGS.TF was set there; VMRUN has ended */
	bool resume_flag;               /* SVM: RFLAGS.RF */
	unsigned entered_at;            /* SVM: the first instruction's place */
	unsigned priority, tpr;         /* SVM: V_INTR_PRIO, V_TPR */
	unsigned loaded_tpr;            /* mutants */
	bool has_moved;                 /* there was an instruction or an event since the entry */
	bool mtf_injected;              /* VMX */
	unsigned saved_traps; /* VMX: pending debug exceptions, as the last exit saved them */
	bool iret_unblocked;
	bool cut_off_mov_ss, host_halts;               /* mutants */
	unsigned loaded_traps;                         /* mutants */
	bool host_was_blocked, nmis_held, window_late; /* mutants */

	enum mutant decided; /* last, before the guest's last exit */

	/* The guests. */
	unsigned guest;
	bool was_blocked[GUESTS]; /* mutants: after its last exit */

	/* The guest's pages. */
	unsigned idt_end; /* 0: its IDT has all vectors */
	bool is_missing[OTHER_PAGE];
	bool are_touched; /* mutants: see deliver.c */

	enum step replaced, replaced_by; /* the same: none is */
	enum tasks tasks;

	/* From outside: see nmi/sender.h. */
	bool helper;
	unsigned asked, fenced;
	unsigned plan[STEPS_MAX], plan_next;
	bool behind_another; /* mutants: of the NMIs of a HLT's plan, not the first */
	unsigned nmis_coming;
	bool init_pending; /* VMX: it waits until the CPU leaves root operation */
	unsigned fences_coming;
	bool sipi_coming;
	unsigned sipi_vector, sipi_sent;
	bool storm; /* they come at no time in particular */
	unsigned storm_pause, storm_seed, storm_turns;
	unsigned seen;      /* trace_nmis when the last NMI came */
	bool woken_in_vain; /* mutants */
};

extern struct model model;

/* --- code.c --- */

void model_code_load(enum party who, const enum step *steps, unsigned count, enum step last);

/* The instruction that comes next, and where that is. */
enum model_op model_code_op(void);
unsigned model_code_place(void);

/* To the next instruction; to the next step; back to where the step's loop begins. */
void model_code_advance(void);
void model_code_ret(void);
void model_code_again(void);

/* Nothing more to do for who runs. */
bool model_code_is_done(void);

/* The next instruction's length in bytes; 0: unknown. */
unsigned model_code_length(void);

/* Enter and leave a handler; an exception's ends the steps. It returns so many bytes on. */
void model_code_interrupt(enum event_kind kind, unsigned vector, unsigned length);
void model_code_return(void);
void model_code_end_steps(void);
struct model_frame *model_code_frame(void); /* NULL: in no handler */

/* --- deliver.c --- */

/* #DF #TS #NP #SS #GP #PF #AC: they push one. */
bool model_deliver_has_error_code(unsigned exception);

/* EVENT_INFO with the bit that #DF, #GP and the like have an error code. */
uint32_t model_deliver_exception(unsigned vector);

/* An event goes through the IDT of who runs; length as in model_code_interrupt(). False: a page is
 * missing, the guest has exited. */
bool model_deliver(uint32_t event, unsigned length);

/* The same of INT n, INT3 and INTO: the gate's DPL says who may use it. */
void model_deliver_instruction(uint32_t event, unsigned length);

/* The same for an event that the entry injects. */
bool model_deliver_injected(uint32_t event, unsigned length);

/* Nobody has used the guest's pages since they were made present, and a delivery needs them. */
bool model_deliver_faults_below(void);

/* The guest's next instruction is the first of a handler that nested paging has taken away: it has
 * exited. */
bool model_deliver_handler_is_missing(void);

/* The guest's next instruction needs its stack or LDT and has none: it has exited. */
bool model_deliver_page_is_missing(enum model_op op);

/* An IRET, one that faults too. */
bool model_deliver_is_iret(enum model_op op);

/* --- gif.c --- */

/* STGI and CLGI, in the host or the guest. */
void model_gif_set(bool on);

/* Of these debug traps, DR6_BS and DR6_B0, those that GIF leaves. */
unsigned model_gif_lets_through(unsigned traps);

/* --- trap.c --- */

/* The instruction that began with TF as given has been executed, and a breakpoint register matched
 * or not. */
void model_trap_after(bool traps_on, bool match);

/* The pending debug traps, if nothing comes before them or holds them. False: there is none. */
bool model_trap_take(void);

/* --- iret.c --- */

/* IRET is executed; one that faults does not complete. */
void model_iret(bool completes);

/* Another return is: a mutant may take it for IRET. */
void model_iret_instead(bool unblocks);

/* --- fred.c --- */

/* CR4.FRED of who runs. */
bool model_fred_is_on(void);

/* Fill in the frame of the event that has just been delivered: the length of its instruction, was
 * it in the shadow of STI, does the entry inject it? */
void model_fred_push(uint32_t event, unsigned length, bool sti, bool injected);

/* ERETS and ERETU of a step; before one faults. */
void model_fred_execute(enum model_op op);
void model_fred_fault(enum model_op op);
bool model_fred_undefined(enum model_op op);
bool model_fred_eretu_faults(void);
bool model_fred_keeps_the_ring(void); /* IRET to another one faults */

/* A handler returns; does nothing if it came through the IDT. */
void model_fred_return(const struct model_frame *handler);

bool model_fred_iret_keeps_blocking(void);

/* The registers: as an experiment wants them; VMX loads and saves them. */
void model_fred_use(const struct fred_use *use);
void model_fred_enter(bool resume);
void model_fred_leave(struct exit *exit);

/* --- cpu.c --- */

/* Is an NMI pending that nothing holds? */
bool model_cpu_nmi_is_open(void);

/* Is the fence pending, and nothing holds it? */
bool model_cpu_fence_is_open(void);

/* In this activity state, does a maskable interrupt end it? */
bool model_cpu_activity_takes_interrupts(void);

/* The NMI that is pending is taken: it goes through the IDT. */
void model_cpu_take_nmi(void);

/* Until the host's steps end or the guest exits. */
void model_cpu_run(void);

/* The host between two runs: it takes what is open. */
void model_cpu_settle(void);

/* The guest exits here: fill in the exit, all but what the architecture adds. */
struct exit *model_cpu_leave(enum exit_reason reason, uint32_t code);

/* --- arrive.c --- */

/* An NMI reaches the CPU. */
void model_arrive_nmi(void);

/* One more event from outside reaches the CPU; false: none is left. */
bool model_arrive_next(void);

/* All that is on its way has arrived, but for a storm. */
void model_arrive_all(void);

/* A moment passes: in a storm something may come. */
void model_arrive_weather(void);
