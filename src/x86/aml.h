/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Looks in a DSDT's code, without its header, for Name (_S5, Package () {a, b, ...}) with constants
 * of three bits, SLP_TYPa and SLP_TYPb. There is no interpreter: the four letters behind a NameOp
 * and in front of a package are what is searched. False, and types untouched: there is none.
 */
bool aml_soft_off(const uint8_t *code, size_t length, uint8_t types[2]);
