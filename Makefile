# SPDX-License-Identifier: BSD-2-Clause
# LHV: `make` builds both kernels, `make c.img` the bootable disk image, `make images` every medium.
# BUILD and CC may be set: make CC=clang BUILD=build/clang

BUILD   ?= build
override BUILD := $(shell tools/build_name.sh '$(BUILD)')
ifeq ($(BUILD),)
$(error BUILD cannot be used)
endif
ifeq ($(origin CC),default)
CC      := gcc
endif
OBJCOPY ?= objcopy
VERSION := 1.0

.PHONY: all images unit headers format-check site deb release bench flakes clean clean-cache
all: $(BUILD)/lhv32.elf $(BUILD)/lhv64.elf

# --- the kernel -----------------------------------------------------------------------------

# The model too: it is what the explorer compares the machine with. DEATHS=1, with a BUILD of its own:
# a kernel that dies by the word die= (tests/deaths).
DEATHS  ?=
SOURCES := $(sort $(filter-out $(if $(DEATHS),src/death.c), \
             $(wildcard boot/*.S boot/*.c src/*.c src/*/*.S src/*/*.c)) \
             $(if $(DEATHS),tests/deaths/death.c))
HEADERS := $(sort $(wildcard boot/*.h src/*.h src/*/*.h))

WARNINGS := -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes -Wshadow -Wvla
INCLUDES := -I. -Isrc
KFLAGS   := -std=gnu11 -O2 -g -MMD -MP $(WARNINGS) $(INCLUDES) -DVERSION='"$(VERSION)"' \
            -ffreestanding -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables \
            -fno-omit-frame-pointer -fcf-protection=none -mno-red-zone -mgeneral-regs-only \
            -ffunction-sections -fdata-sections '-ffile-prefix-map=$(CURDIR)=.'

LINK      = $(CC) -nostdlib -static -Wl,--build-id=none -Wl,-z,max-page-size=4096 \
            -Wl,-z,noexecstack -Wl,--orphan-handling=error -Wl,--gc-sections -T linker.ld

# $(1) = 32 or 64. Both are linked from one source; multiboot wants ELF32, so the 64-bit
# kernel is linked as ELF64 and then relabelled.
define kernel
OBJECTS$(1) := $$(SOURCES:%=$(BUILD)/$(1)/%.o)

$(BUILD)/$(1)/%.o: % Makefile
	@mkdir -p $$(@D)
	@echo "  CC    $$@"
	@$$(CC) $$(KFLAGS) -m$(1) -c -o $$@ $$<

# Twice: the first one tells the functions' names and addresses, for backtraces.
$(BUILD)/$(1)/nameless.elf: $$(OBJECTS$(1)) linker.ld
	@$$(LINK) -m$(1) -o $$@ $$(OBJECTS$(1))

$(BUILD)/$(1)/symbols.S: $(BUILD)/$(1)/nameless.elf tools/symbols.sh
	@tools/symbols.sh $$< >$$@

$(BUILD)/$(1)/lhv.elf: $$(OBJECTS$(1)) $(BUILD)/$(1)/symbols.S linker.ld
	@echo "  LD    $$@"
	@$$(CC) -m$(1) -c -o $(BUILD)/$(1)/symbols.o $(BUILD)/$(1)/symbols.S
	@$$(LINK) -m$(1) -o $$@ $$(OBJECTS$(1)) $(BUILD)/$(1)/symbols.o

-include $$(OBJECTS$(1):.o=.d)
endef
$(eval $(call kernel,32))
$(eval $(call kernel,64))

$(BUILD)/lhv32.elf: $(BUILD)/32/lhv.elf
	cp $< $@
$(BUILD)/lhv64.elf: $(BUILD)/64/lhv.elf
	$(OBJCOPY) -O elf32-i386 $< $@

# --- what machines boot ---------------------------------------------------------------------

IMAGES := $(BUILD)/images
MEDIA  := c.img d.vmdk lhv.iso lhv.vmx lhv32.elf lhv64.elf
MKIMG  := tools/mkimg.sh tools/grub.cfg $(addprefix tools/lib/,grub.sh vmdk.sh disk.sh iso.sh)

images: c.img $(IMAGES)/SHA256SUMS

c.img: $(IMAGES)/c.img
	cp $< $@
$(IMAGES)/c.img $(IMAGES)/d.vmdk $(IMAGES)/lhv.iso: $(BUILD)/lhv32.elf $(BUILD)/lhv64.elf $(MKIMG)
	@mkdir -p $(@D)
	WIDTH= tools/mkimg.sh $@ $(BUILD)/lhv32.elf $(BUILD)/lhv64.elf
$(IMAGES)/%.elf: $(BUILD)/%.elf
	@mkdir -p $(@D)
	cp $< $@
$(IMAGES)/lhv.vmx: tools/lhv.vmx
	@mkdir -p $(@D)
	cp $< $@
$(IMAGES)/SHA256SUMS: $(MEDIA:%=$(IMAGES)/%)
	cd $(@D) && sha256sum $(MEDIA) >$(@F)

# --- checks on the build host ---------------------------------------------------------------

include tests/unit/unit.mk
include tests/model/model.mk
include tests/screen/screen.mk
include tests/fuzz/fuzz.mk

# Every header compiles alone, in both widths.
headers:
	@for h in $(HEADERS); do for m in 32 64; do \
		echo "#include \"$$h\"" | $(CC) $(filter-out -MMD -MP,$(KFLAGS)) -m$$m \
			-fsyntax-only -x c - || exit 1; done; done

format-check:
	@clang-format --dry-run --Werror $(HEADERS) $(filter %.c,$(SOURCES)) \
		$(wildcard tests/unit/*.[ch] tests/unit/*/*.[ch] tests/unit/*/*/*.[ch] tests/model/*.[ch] tests/deaths/*.c tests/fuzz/*.[ch] tests/screen/*.c tools/lab/*.c)

# The results that are kept, as one page.
site:
	@mkdir -p $(BUILD)/site
	tools/report --html --output $(BUILD)/site/index.html docs/results

# Debian's package: apt install ./lhv_*.deb && lhv run tcg-svm
deb: all model $(IMAGES)/c.img
	tools/debian/build.sh $(VERSION) $(BUILD) $(BUILD)/lhv_$(VERSION)_amd64.deb

# All that is given to others: the folder release in BUILD (tools/release.sh).
release: images site deb
	tools/release.sh $(VERSION) $(BUILD) $(BUILD)/release

bench: all
	tools/bench.sh

flakes: all
	tools/flakes.sh $(FLAKES)

clean:
	rm -rf c.img $(wildcard $(BUILD)/*)

# What takes long to get (tools/lib/cache.sh).
clean-cache:
	. tools/lib/cache.sh && rm -rf "$$CACHE"
