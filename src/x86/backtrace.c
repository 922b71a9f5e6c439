/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/backtrace.h"

#include <stdbool.h>
#include <stddef.h>

#include "serial/print.h"
#include "x86/cpu.h"

#define LINES_MAX 32

/* tools/symbols.sh: sorted by address. */
struct symbol {
	uint32_t address, name;
};
extern const struct symbol symbols_start[], symbols_end[];
extern const char text_end[]; /* linker.ld */

/* What a function with -fno-omit-frame-pointer begins its frame with; bp points to it. */
struct frame {
	const struct frame *caller;
	unsigned long return_address;
};

static const struct symbol *find(uintptr_t address)
{
	const struct symbol *found = NULL;

	if (address >= (uintptr_t)text_end)
		return NULL;
	for (const struct symbol *s = symbols_start; s < symbols_end && s->address <= address; s++)
		found = s;
	return found;
}

const char *backtrace_name(uintptr_t address, unsigned *offset)
{
	const struct symbol *symbol = find(address);

	*offset = symbol ? address - symbol->address : 0;
	return symbol ? (const char *)(uintptr_t)symbol->name : NULL;
}

static bool in_host_stack(uintptr_t at, size_t size)
{
	const struct cpu *cpu = cpu_self();
	uintptr_t bottom = (uintptr_t)cpu->host_stack;

	return at >= bottom && at % sizeof(long) == 0 &&
	       at <= bottom + sizeof(cpu->host_stack) - size;
}

/* Calls of one function by itself are one line; the last one is still open. */
struct line {
	unsigned long ip;
	bool is_return;
	unsigned times;
};

/* A call may be the last instruction of a function that expects no return: hence the one before. */
static void print_line(const struct line *line)
{
	unsigned offset;
	const char *name = backtrace_name(line->ip - line->is_return, &offset);

	if (name)
		print("#   %lx %s+0x%x", line->ip, name, offset + line->is_return);
	else
		print("#   %lx (not in the kernel's text)", line->ip);
	if (line->times > 1)
		print(", %u times", line->times);
	print("\n");
}

/* One more call, towards the outermost. Returns how many lines that made: 0 or 1. */
static unsigned add(struct line *line, unsigned long return_address)
{
	if (find(return_address - 1) &&
	    find(return_address - 1) == find(line->ip - line->is_return)) {
		line->times++;
		return 0;
	}
	print_line(line);
	*line = (struct line){return_address, true, 1};
	return 1;
}

/* At its first instruction, or nowhere in the text after a wrong jump, a function has no frame yet:
 * who called is on the stack. */
static bool has_no_frame(unsigned long ip, unsigned long sp)
{
	unsigned offset;

	backtrace_name(ip, &offset);
	return !offset && in_host_stack(sp, sizeof(long));
}

/* The outermost frame has the caller 0. */
void backtrace_print(unsigned long ip, unsigned long bp, unsigned long sp)
{
	const struct frame *frame = (const struct frame *)bp;
	struct line line = {ip, false, 1};
	unsigned lines = 0;

	print("# backtrace:\n");
	if (has_no_frame(ip, sp))
		lines += add(&line, *(const unsigned long *)sp);
	while (in_host_stack((uintptr_t)frame, sizeof(*frame)) && lines < LINES_MAX) {
		lines += add(&line, frame->return_address);
		if (frame->caller <= frame)
			break;
		frame = frame->caller;
	}
	print_line(&line);
}
