/* SPDX-License-Identifier: BSD-2-Clause */
/* Bits of the architectural registers, the register's name as prefix, in the manuals' spelling. */
#pragma once

#define CR0_PE 0x00000001UL
#define CR0_NE 0x00000020UL
#define CR0_WP 0x00010000UL
#define CR0_PG 0x80000000UL

/* What a debug exception was for; what else is there reads so after INIT. */
#define DR6_B0                   0x0001UL
#define DR6_BS                   0x4000UL
#define DR6_CAUSES               0xe00fUL
#define DR6_FIXED                0xffff0ff0UL

#define CR4_PAE                  0x00000020UL
#define CR4_VMXE                 0x00002000UL

#define CR4_FRED                 ((unsigned long)(1ULL << 32)) /* 64-bit mode only */

#define DR7_RESET                0x0400UL
#define DR7_EXECUTION_0          0x0401UL /* L0: DR0 has an instruction's address */

#define EFLAGS_FIXED             0x002UL /* bit 1 reads as 1 */
#define EFLAGS_TF                0x100UL
#define EFLAGS_IF                0x200UL
#define EFLAGS_RF                0x10000UL
#define EFLAGS_VM                0x20000UL

#define MSR_IA32_APIC_BASE       0x0000001b
#define APIC_BASE_X2APIC         (1U << 10)
#define APIC_BASE_ENABLE         (1U << 11)
#define MSR_IA32_FEATURE_CONTROL 0x0000003a
#define FEATURE_CONTROL_LOCK     (1U << 0)
#define FEATURE_CONTROL_VMX      (1U << 2)  /* VMXON outside SMX operation */
#define MSR_IA32_FRED_RSP0       0x000001cc /* to RSP3 */
#define MSR_IA32_FRED_STKLVLS    0x000001d0
#define MSR_IA32_FRED_CONFIG     0x000001d4
#define FRED_CONFIG_LEVEL        0x3UL /* the current stack level */
#define MSR_X2APIC_BASE          0x00000800

#define MSR_EFER                 0xc0000080
#define EFER_LME                 (1U << 8)
#define EFER_NXE                 (1U << 11)
#define EFER_SVME                (1U << 12)

#define EFER_SCE                 (1U << 0)
#define MSR_STAR                 0xc0000081 /* 47:32 ring 0's CS, 63:48 ring 3's minus 16 */

#define CPUID_1_ECX_VMX          (1U << 5)
#define CPUID_1_ECX_X2APIC       (1U << 21)
#define CPUID_1_ECX_HYPERVISOR   (1U << 31)
#define CPUID_1_EDX_APIC         (1U << 9)
#define CPUID_1_EDX_SEP          (1U << 11)
#define CPUID_7_1_EAX_FRED       (1U << 17)
#define CPUID_80000001_ECX_SVM   (1U << 2)
#define CPUID_80000001_EDX_CALL  (1U << 11) /* SYSCALL; Intel's CPUs say so in 64-bit mode only */
#define CPUID_80000001_EDX_NX    (1U << 20)
