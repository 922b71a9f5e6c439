/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NRIPS: the field nRIP of the VMCB. */
#include "qemu/osdep.h"
#include "cpu.h"
#include "exec/helper-proto.h"
#include "tcg/helper-tcg.h"

/*
 * APM "State Saved on Exit": nRIP is saved on exits that are due to instruction intercepts, MSR and
 * IOIO intercepts, and exceptions that INT3, INTO and BOUND cause; all others set it to 0.
 */
static bool exit_has_nrip(uint64_t exit_code)
{
    switch (exit_code) {
    case SVM_EXIT_READ_CR0 ... SVM_EXIT_WRITE_DR0 + 15:
    case SVM_EXIT_EXCP_BASE + EXCP03_INT3:
    case SVM_EXIT_EXCP_BASE + EXCP04_INTO:
    case SVM_EXIT_EXCP_BASE + EXCP05_BOUND:
    case SVM_EXIT_CR0_SEL_WRITE ... SVM_EXIT_MSR:
    case SVM_EXIT_VMRUN ... SVM_EXIT_XSETBV:
        return true;
    default:
        return false;
    }
}

static hwaddr nrip_address(CPUX86State *env)
{
    return env->vm_vmcb + offsetof(struct vmcb, control.next_rip);
}

/* At an exit; EIP and the length are those of the instruction that exits. */
void svm_save_nrip(CPUX86State *env, uint64_t exit_code)
{
    uint64_t nrip = 0;

    if (!(env->features[FEAT_SVM] & CPUID_SVM_NRIPSAVE)) {
        return;
    }
    if (exit_has_nrip(exit_code)) {
        nrip = env->eip + env->insn_len;
        if (!(env->hflags & HF_CS64_MASK)) {
            nrip = (uint32_t)nrip;
        }
    }
    x86_stq_phys(env_cpu(env), nrip_address(env), nrip);
}

/*
 * What an injected INT n, INT3 or INTO pushes. APM "Event Injection": with NRIPS, nRIP is used for
 * a software interrupt. Whether it is for INT3 and INTO is open.
 */
target_ulong svm_injected_nrip(CPUX86State *env, bool int3)
{
    if (!(env->features[FEAT_SVM] & CPUID_SVM_NRIPSAVE) ||
        (int3 && !env_archcpu(env)->int3_uses_nrip)) {
        return env->eip;
    }
    return x86_ldq_phys(env_cpu(env), nrip_address(env));
}
