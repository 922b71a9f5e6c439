# SPDX-License-Identifier: BSD-2-Clause
# `make screen-tools`: what the kernel shows, drawn on the build host, for tests/screen.

QR_SOURCES   := $(wildcard src/serial/qr*.c)
PAGE_SOURCES := src/report/summary.c src/report/compact.c src/report/outcome.c src/serial/print.c \
                src/serial/screen.c src/serial/vga.c src/serial/framebuffer.c src/serial/font.c \
                src/nmi/result.c tests/unit/fake/paging.c tests/unit/fake/runner.c

.PHONY: screen-tools
screen-tools: $(BUILD)/lhv-qr $(BUILD)/lhv-page

$(BUILD)/lhv-qr: tests/screen/qr.c $(QR_SOURCES) $(HEADERS) Makefile tests/screen/screen.mk
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(CC) $(UNIT_FLAGS) -o $@ $< $(QR_SOURCES)

$(BUILD)/lhv-page: tests/screen/page.c $(PAGE_SOURCES) $(QR_SOURCES) $(HEADERS) Makefile \
		tests/screen/screen.mk
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(CC) $(UNIT_FLAGS) -o $@ $< $(PAGE_SOURCES) $(QR_SOURCES)
