/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Serial ports on PCI, found by class code: plug-in cards, also with several ports, and the
 * Serial Over LAN of Intel's management engine (AMT), which is one to software.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Find them all and add those that answer to the console (uart_add). The baud rate is right for a
 * card whose clock is that of a PC's COM port. False: there is none. */
bool pci_uart_init(unsigned baud);

/* A line for each, used or not, to the console. */
void pci_uart_report(void);
