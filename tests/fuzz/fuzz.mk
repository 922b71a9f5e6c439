# SPDX-License-Identifier: BSD-2-Clause
# `make fuzz`: each target (a file here; its links: as in ../unit/unit.mk) a minute with libFuzzer,
# ASan and UBSan; FUZZ_SECONDS=3 is what tools/test.sh does. They begin with tests/fuzz/corpus; what
# finds a new way through the code is kept in $(BUILD)/fuzz/NAME.corpus for the next time.

FUZZ_SECONDS  ?= 60
FUZZ_TARGETS  := $(sort $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c)))
FUZZ_PROGRAMS := $(FUZZ_TARGETS:%=$(BUILD)/fuzz/%)
FUZZ_FLAGS    := -std=gnu11 -m64 -O1 -g $(WARNINGS) -iquote tests/fuzz -iquote tests/unit/fake \
                 $(INCLUDES:-I%=-iquote %) -DVERSION='"$(VERSION)"' -fno-omit-frame-pointer \
                 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all

.PHONY: fuzz
define fuzz_program
$(1)_FUZZ_LINKS := $$(shell sed -n 's|^/\* links: \(.*\) \*/$$$$|\1|p' tests/fuzz/$(1).c)
$(BUILD)/fuzz/$(1): tests/fuzz/$(1).c tests/fuzz/fuzz.h $$($(1)_FUZZ_LINKS) $(HEADERS) Makefile tests/fuzz/fuzz.mk
	@mkdir -p $$(@D)
	@echo "  CC    $$@"
	@clang $(FUZZ_FLAGS) -o $$@ $$< $$($(1)_FUZZ_LINKS)
endef
$(foreach target,$(FUZZ_TARGETS),$(eval $(call fuzz_program,$(target))))

# All of them, also after one has found something.
fuzz: $(FUZZ_PROGRAMS)
	@failed=; for target in $(FUZZ_TARGETS); do \
		mkdir -p $(BUILD)/fuzz/$$target.corpus; \
		$(BUILD)/fuzz/$$target -max_total_time=$(FUZZ_SECONDS) -timeout=10 -max_len=4096 \
			-verbosity=0 -print_final_stats=1 -artifact_prefix=$(BUILD)/fuzz/$$target- \
			$(BUILD)/fuzz/$$target.corpus tests/fuzz/corpus/$$target \
			>$(BUILD)/fuzz/$$target.log 2>&1 || failed="$$failed $$target"; \
		echo "$$target: $$(sed -n 's/^stat::number_of_executed_units: */inputs: /p' $(BUILD)/fuzz/$$target.log)"; \
	done; \
	test -z "$$failed" || { echo "fuzz: something was found:$$failed (see $(BUILD)/fuzz/*.log)"; exit 1; }
