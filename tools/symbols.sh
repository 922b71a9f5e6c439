#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: tools/symbols.sh KERNEL.elf >symbols.S
# The names of the functions in KERNEL.elf, by address, for src/x86/backtrace.c. The kernel is
# linked twice: the table's section is behind .text, so that no function moves when it is filled.
set -eu

echo '/* made by tools/symbols.sh */'
echo '	.section .note.GNU-stack, "", @progbits'
# One name for each address; of a step's labels, the first.
nm -n "$1" | awk '
    $2 !~ /^[tT]$/ || $3 ~ /^step_.*_(at|after)$/ || $3 ~ /^image_start$|^text_end$|^multiboot/ { next }
    $1 == last { next }
    {
        last = $1
        printf "\t.section .symbols, \"a\"\n\t.long 0x%s, 1f\n", substr($1, length($1) - 7)
        printf "\t.section .rodata.symbol_names, \"aMS\", @progbits, 1\n1:\t.asciz \"%s\"\n", $3
    }'
