/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual NMIs: APM "NMI Virtualization". */
#include "qemu/osdep.h"
#include "cpu.h"
#include "exec/helper-proto.h"
#include "tcg/helper-tcg.h"
#include "svm_vnmi.h"

/* At VMRUN: V_NMI_ENABLE without the NMI intercept is VMEXIT_INVALID. */
void svm_vnmi_enter(CPUX86State *env, uintptr_t retaddr)
{
    if (!svm_has_vnmi(env)) {
        return;
    }
    if (!cpu_svm_has_intercept(env, SVM_EXIT_NMI)) {
        cpu_vmexit(env, SVM_EXIT_ERR, 0, retaddr);
    }
    if (env->int_ctl & V_NMI_MASK) {
        env_cpu(env)->interrupt_request |= CPU_INTERRUPT_VNMI;
    }
}

/*
 * Taking it clears V_NMI and sets V_NMI_MASK, which a #VMEXIT in its delivery leaves 0: then
 * do_interrupt_x86_hardirq() does not return.
 */
void svm_vnmi_take(CPUX86State *env)
{
    cpu_reset_interrupt(env_cpu(env), CPU_INTERRUPT_VNMI);
    env->int_ctl &= ~V_NMI_MASK;
    do_interrupt_x86_hardirq(env, EXCP02_NMI, 1);
    env->int_ctl |= V_NMI_BLOCKING_MASK;
}

/*
 * An event has been delivered, and it was an NMI: then EVENTINJ's, since others do not come this way.
 * With vNMI, injecting an NMI sets V_NMI_MASK.
 */
void svm_vnmi_injected(CPUX86State *env)
{
    if (env_cpu(env)->exception_index == EXCP02_NMI && !env->exception_is_int &&
        svm_has_vnmi(env)) {
        env->int_ctl |= V_NMI_BLOCKING_MASK;
    }
}
