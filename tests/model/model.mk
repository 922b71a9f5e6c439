# SPDX-License-Identifier: BSD-2-Clause
# $(BUILD)/lhv-model: the experiments on the model, on the build host (see main.c); `make model-test`.

MODEL_SOURCES := $(wildcard tests/model/*.c) \
                 $(filter-out src/nmi/sender.c src/nmi/steps.c src/nmi/watch.c \
                 src/nmi/arrivals.c,$(wildcard src/nmi/*.c)) \
                 $(wildcard src/model/*.c) $(filter-out src/explore/session.c,$(wildcard src/explore/*.c)) src/report/ktap.c src/report/outcome.c \
                 $(filter-out $(addprefix src/experiments/,self_tests.c held_states.c), \
                 $(wildcard src/experiments/*.c)) \
                 src/virt.c src/options.c src/death.c src/serial/print.c src/vmx/check.c src/svm/check.c

# -iquote, so that <string.h> is libc's and "string.h" the kernel's.
MODEL_FLAGS := -std=gnu11 -m64 -O1 -g $(WARNINGS) -iquote tests/model $(INCLUDES:-I%=-iquote %) \
               -DVERSION='"$(VERSION)"' -fsanitize=undefined -fno-sanitize-recover=all \
               '-ffile-prefix-map=$(CURDIR)=.'

.PHONY: model model-test
model: $(BUILD)/lhv-model

$(BUILD)/lhv-model: $(MODEL_SOURCES) $(HEADERS) $(wildcard tests/model/*.h src/*/*.def) Makefile \
		tests/model/model.mk
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(CC) $(MODEL_FLAGS) -o $@ $(MODEL_SOURCES)

model-test: $(BUILD)/lhv-model
	BUILD=$(BUILD) pytest -q tests/model

# After a change of rules, experiments or mutants.
.PHONY: docs
docs: $(BUILD)/lhv-model
	@mkdir -p docs
	for table in mutants rules experiments; do $< $$table-markdown > docs/$$table.md || exit; done
	python3 tests/model/traces.py
	tools/matrix --docs

# Everything on every platform and version there is, about half an hour: docs/results and docs/platforms.md.
.PHONY: matrix
matrix: all
	tools/matrix

# Every small change of the model, one at a time: which does no experiment notice? (tools/mutate)
MUTATION_COMMAND := $(CC) $(filter-out -fsanitize=% -fno-sanitize-recover=% -O1 -g -W%,$(MODEL_FLAGS))
MUTATION_OBJECTS := $(MODEL_SOURCES:%=$(BUILD)/mutation/%.o)

.PHONY: mutation mutation-objects mutation-command
mutation:
	BUILD=$(BUILD) tools/mutate

mutation-command: $(BUILD)/mutation/command
mutation-objects: $(MUTATION_OBJECTS) $(BUILD)/mutation/command

$(BUILD)/mutation/%.o: % $(HEADERS) $(wildcard tests/model/*.h src/*/*.def) Makefile tests/model/model.mk
	@mkdir -p $(@D)
	@$(MUTATION_COMMAND) -O1 -c -o $@ $<

$(BUILD)/mutation/command: Makefile tests/model/model.mk
	@mkdir -p $(@D)
	@echo '$(MUTATION_COMMAND)' >$@
