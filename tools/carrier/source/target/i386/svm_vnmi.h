/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual NMIs: APM "NMI Virtualization". For QEMU, as are all files in this folder. */
#ifndef SVM_VNMI_H
#define SVM_VNMI_H

#define V_NMI_MASK          (1 << 11) /* one is pending */
#define V_NMI_BLOCKING_MASK (1 << 12)
#define V_NMI_ENABLED_MASK  (1 << 26)

/* Without V_NMI_ENABLE the other two bits mean nothing. */
static inline bool svm_has_vnmi(CPUX86State *env)
{
    return (env->hflags & HF_GUEST_MASK) &&
           (env->features[FEAT_SVM] & CPUID_SVM_VNMI) &&
           (env->int_ctl & V_NMI_ENABLED_MASK);
}

/*
 * A pending one is taken when V_NMI_MASK is clear; V_GIF=0 (APM "VGIF") and an interrupt shadow (APM
 * "Interrupt Shadows") hold it.
 */
static inline bool svm_vnmi_comes(CPUX86State *env, int interrupt_request)
{
    return (interrupt_request & CPU_INTERRUPT_VNMI) &&
           (env->hflags2 & HF2_VGIF_MASK) &&
           !(env->int_ctl & V_NMI_BLOCKING_MASK) &&
           !x86_shadow_holds_nmis(env);
}

/* V_NMI_MASK is cleared when the guest completes an IRET; without vNMI that unmasks physical NMIs. */
static inline void svm_iret_unmasks_nmis(CPUX86State *env)
{
    if (svm_has_vnmi(env)) {
        env->int_ctl &= ~V_NMI_BLOCKING_MASK;
    } else {
        env->hflags2 &= ~HF2_NMI_MASK;
    }
}

void svm_vnmi_enter(CPUX86State *env, uintptr_t retaddr);
void svm_vnmi_take(CPUX86State *env);
void svm_vnmi_injected(CPUX86State *env);

#endif
