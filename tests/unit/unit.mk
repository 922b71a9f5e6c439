# SPDX-License-Identifier: BSD-2-Clause
# `make unit`: the parts of the kernel that need no machine, tested on the build host. A test is
# one file here; a line in it, /* links: ... */, names the kernel's sources that it needs.

UNIT_TESTS    := $(sort $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c)))
UNIT_HEADERS  := $(wildcard tests/unit/*.h tests/unit/*/*.h tests/unit/*/*/*.h)
UNIT_PROGRAMS := $(UNIT_TESTS:%=$(BUILD)/unit/%)

# fake/ comes first: its x86/io.h has ports that the tests play. -iquote, so that <string.h> is
# libc's and "string.h" the kernel's.
UNIT_FLAGS := -std=gnu11 -m64 -O1 -g $(WARNINGS) -iquote tests/unit/fake -iquote tests/unit \
              $(INCLUDES:-I%=-iquote %) \
              -DVERSION='"$(VERSION)"' -fno-omit-frame-pointer \
              -fsanitize=address,undefined -fno-sanitize-recover=all

define unit_program
$(1)_LINKS := $$(shell sed -n 's|^/\* links: \(.*\) \*/$$$$|\1|p' tests/unit/$(1).c)
$(BUILD)/unit/$(1): tests/unit/$(1).c $$($(1)_LINKS) $(HEADERS) $(UNIT_HEADERS) Makefile \
		tests/unit/unit.mk
	@mkdir -p $$(@D)
	$$(CC) $(UNIT_FLAGS) -o $$@ $$< $$($(1)_LINKS) -lcmocka
endef
$(foreach test,$(UNIT_TESTS),$(eval $(call unit_program,$(test))))

# All of them run, also after one has failed.
unit: $(UNIT_PROGRAMS)
	@failed=; for test in $(UNIT_PROGRAMS); do \
		echo "== $${test##*/}"; $$test || failed="$$failed $${test##*/}"; \
	done; \
	test -z "$$failed" || { echo "unit tests failed:$$failed"; exit 1; }
