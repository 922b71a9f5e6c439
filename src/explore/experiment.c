/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/experiment.h"

#include "nmi/event_info.h"
#include "serial/print.h"
#include "x86/trap.h"

static const char *const page_names[] = {"GUEST_IDT", "GUEST_STACK", "GUEST_LDT", "GUEST_HANDLERS"};

static const char *const activity_names[] = {"ACTIVITY_ACTIVE", "ACTIVITY_HLT", "ACTIVITY_SHUTDOWN",
					     "ACTIVITY_WAIT_FOR_SIPI", "(enum activity)4"};

static const char *const type_names[] = {
	"TYPE_EXTERNAL_INTERRUPT",
	"1",
	"TYPE_NMI",
	"TYPE_EXCEPTION",
	"TYPE_SOFTWARE_INTERRUPT",
	"TYPE_PRIVILEGED_EXCEPTION",
	"TYPE_SOFTWARE_EXCEPTION",
	"TYPE_OTHER_EVENT",
};

static const char *const reason_names[] = {
#define X(name, text) #name,
	EXIT_REASONS(X)
#undef X
};

#define BEGIN "#\t\t"

/* --- acting --- */

static void print_steps(const struct operation *operation)
{
	print(BEGIN "%s(", operation->kind == DO_HOST ? "host" : "enter");
	for (unsigned i = 0; i < operation->count; i++) {
		enum step step = operation->steps[i];
		print("%s", i ? ", " : "");
		if (step != HLT) {
			print("%s", step_name(step));
			continue;
		}
		print("halt(");
		for (unsigned n = 0; n < operation->nmis[i]; n++)
			print("%sNMI", n ? ", " : "");
		print(")");
	}
	print(");\n");
}

static void print_injection(const struct operation *operation)
{
	uint32_t event = operation->value;
	const char *type = type_names[event_type(event)];

	if (operation->length)
		print(BEGIN "inject_software(%s, 0x%x, %u);\n", type, event_vector(event),
		      operation->length);
	else if (event == EVENT_INFO(TYPE_OTHER_EVENT, 0))
		print(BEGIN "inject_mtf();\n");
	else
		print(BEGIN "inject_event(%s, 0x%x);\n", type, event_vector(event));
}

static void print_page(const struct operation *operation)
{
	static const char *const verbs[] = {"unmap", "map", "renew"};

	print(BEGIN "%s(%s);\n", verbs[operation->kind - DO_UNMAP],
	      page_names[operation->value % OTHER_PAGE]);
}

static void print_fred(unsigned value)
{
	static const char *const parties[] = {"0", "FRED_HOST", "FRED_GUEST",
					      "FRED_HOST | FRED_GUEST"};
	static const char *const ways[] = {"RETURN_BY_RET", "RETURN_BY_ERETS",
					   "RETURN_BY_ERETS_MARKED", "RETURN_BY_ERETS_UNMARKED"};

	print(BEGIN "use_fred(%s);\n" BEGIN "handlers_return(%s);\n" BEGIN
		    "set_stack_level(NMI, %u);\n" BEGIN "set_stack_level(GP, %u);\n",
	      parties[FRED_PARTIES(value)], ways[FRED_HOW(value)], FRED_LEVEL(value),
	      FRED_LEVEL(value));
}

static void print_operation(const struct operation *operation)
{
	char flags[160];
	unsigned value = operation->value;

	switch ((enum operation_kind)operation->kind) {
	case DO_HOST:
	case DO_ENTER:
		print_steps(operation);
		break;
	case DO_RESUME:
		print(BEGIN "resume();\n");
		break;
	case DO_SET:
		print(BEGIN "set_guest(%s);\n",
		      guest_flags_text(flags, sizeof(flags), operation->value));
		break;
	case DO_INJECT:
		print_injection(operation);
		break;
	case DO_REINJECT:
		print(BEGIN "reinject();\n");
		break;
	case DO_ARRIVE:
		print(BEGIN "nmis_arrive(%u);\n", value);
		break;
	case DO_SELF:
		print(BEGIN "nmi_to_self(%s);\n",
		      value == BY_BROADCAST ? "BY_BROADCAST" : "BY_PHYSICAL_ID");
		break;
	case DO_ACTIVITY:
		print(BEGIN "set_activity(%s);\n", activity_names[value % 5]);
		break;
	case DO_UNMAP:
	case DO_MAP:
	case DO_RENEW:
		print_page(operation);
		break;
	case DO_IDT:
		print(BEGIN "end_idt_before(%u);\n", value);
		break;
	case DO_CLEAN:
		print(BEGIN "set_clean(0x%x);\n", value);
		break;
	case DO_PRIORITY:
		print(BEGIN "set_priority(%u, %u);\n", value / 16, value % 16);
		break;
	case DO_USE:
		print(BEGIN "use_guest(%u);\n", value);
		break;
	case DO_LATER:
		print(BEGIN "nmis_come_later(%u);\n", value);
		break;
	case DO_SIPI:
		print(BEGIN "sipi_comes_later();\n");
		break;
	case DO_FRED:
		print_fred(value);
		break;
	case OPERATIONS:
		break;
	}
}

/* --- expecting --- */

static void print_place(unsigned place)
{
	unsigned detail = place & PLACE_DETAIL;

	switch (place & PLACE_KIND) {
	case PLACE_FIRST:
		print("first(%s)", step_name(detail));
		break;
	case PLACE_AT:
		print("at(%s)", step_name(detail));
		break;
	case PLACE_AFTER:
		print("after(%s)", step_name(detail));
		break;
	case PLACE_HANDLER:
		print("handler(0x%x)", detail);
		break;
	case PLACE_EXIT:
		print("VMEXIT");
		break;
	case PLACE_FRED:
		print("fred_entry(%u)", detail);
		break;
	default:
		print("PLACE_ANYWHERE");
	}
}

static void print_exit(const struct tale_item *item)
{
	char flags[160];

	print(BEGIN "expect_exit(%s, ", reason_names[item->value[TALE_VECTOR]]);
	print_place(item->value[TALE_PLACE]);
	print(");\n");
	if (item->known >> TALE_FLAGS & 1)
		print(BEGIN "expect_guest(%s);\n",
		      guest_flags_text(flags, sizeof(flags), item->value[TALE_FLAGS]));
}

static void print_frame(const struct tale_item *item)
{
	uint64_t ss = item->value[TALE_FRAME] << 16;
	unsigned levels = item->value[TALE_LEVELS];

	print(BEGIN "expect_frame(%s, %s%s%s%s0, %u);\n", type_names[FRED_SS_TYPE(ss)],
	      ss & FRED_SS_STI ? "FRED_SS_STI | " : "",
	      ss & FRED_SS_SOFTWARE ? "FRED_SS_SOFTWARE | " : "",
	      ss & FRED_SS_NMI ? "FRED_SS_NMI | " : "",
	      ss & FRED_SS_NESTED ? "FRED_SS_NESTED | " : "", FRED_SS_LENGTH(ss));
	print(BEGIN "expect_levels(%u, %u, %u);\n", levels >> 12 & 3, levels >> 8 & 3, levels & 3);
}

static void print_event(const struct tale_item *item)
{
	enum event_kind kind = item->value[TALE_KIND];

	print(BEGIN "%s(%u, %s, ",
	      kind == EVENT_EXCEPTION ? "expect_exception"
	      : kind == EVENT_SYSCALL ? "expect_syscall"
				      : "expect",
	      (unsigned)item->value[TALE_VECTOR], item->value[TALE_WHO] == HOST ? "HOST" : "GUEST");
	print_place(item->value[TALE_PLACE]);
	print(");\n");
	if (item->value[TALE_FRAME])
		print_frame(item);
}

/* The fence that ends a HLT need not be expected: nmi/verbs.h. */
static bool goes_without_saying(const struct tale_item *item, const struct operation *operation)
{
	enum party who = operation->kind == DO_HOST ? HOST : GUEST;

	return item->value[TALE_KIND] == EVENT_INTERRUPT &&
	       item->value[TALE_VECTOR] == VECTOR_FENCE && item->value[TALE_WHO] == who &&
	       item->value[TALE_PLACE] == after(HLT);
}

static void print_expectations(const struct program *program, unsigned i,
			       const struct tale *expected)
{
	for (unsigned k = 0; k < expected->count; k++) {
		const struct tale_item *item = &expected->items[k];
		if (item->operation != i || goes_without_saying(item, &program->operations[i]))
			continue;
		if (item->value[TALE_KIND] == EVENT_EXIT)
			print_exit(item);
		else
			print_event(item);
	}
}

/* What the tale ends with: one NMI that comes at once, or when the host is opened. */
static void print_live_state(const struct program *program, const struct tale *expected)
{
	for (unsigned k = 0; k < expected->count; k++) {
		const struct tale_item *item = &expected->items[k];
		if (item->operation != program->count)
			continue;
		print(BEGIN "expect_host_%s();\n",
		      item->value[TALE_PLACE] == PLACE_UNKNOWN ? "open" : "blocked");
		return;
	}
}

void experiment_print(const struct program *program, const struct tale *expected)
{
	print("#\tEXPERIMENT(999, name_it_after_its_outcome,\n"
	      "#\t\t\t.claim = \"\", .sdm = \"\", .rules = , .needs = %s%s)\n#\t{\n",
	      virt_features & HAS_SVM ? "HAS_SVM" : "HAS_VMX",
	      program_has(program, DO_FRED) ? " | HAS_FRED" : "");
	for (unsigned i = 0; i < program->count; i++) {
		print_operation(&program->operations[i]);
		print_expectations(program, i, expected);
	}
	print_live_state(program, expected);
	print("#\t}\n");
}
