# wireladder: `make`, `make demo`, `make check` are what most people need. `make help` lists the rest.
.DEFAULT_GOAL := all
.SECONDARY:
CC ?= cc
PREFIX ?= /usr/local
DESTDIR ?=
VARIANT ?= product
OUT := build/$(VARIANT)

WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef \
	-Wformat=2 -Werror
HARDEN := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
# The rooms are small and call each other for every packet: optimised as one program they are a
# fifth faster, and -O3, which copies more of them into their callers, makes them a tenth faster
# than -O2 (make bench). `make LTO=` does without the first, for compilers that cannot.
LTO ?= -flto=auto
# gcc on x86 would clear a struct of some hundred bytes with `rep stos`; libc's memset takes a third
# of the time. Other compilers do not know the flag and have no need of it.
MEMSET := -mmemset-strategy=libcall:-1:noalign
MEMSET := $(shell $(CC) -Werror $(MEMSET) -E -x c /dev/null >/dev/null 2>&1 && echo $(MEMSET))
MODE_product := -O3 -g $(HARDEN) $(LTO) $(MEMSET)
MODE_clang := -O2 -g $(HARDEN)
MODE_san := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
MODE_coverage := -O0 -g --coverage
MODE_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LINK_product := $(MODE_product) -pie -Wl,-z,relro,-z,now,-z,noexecstack
LINK_clang := -pie -Wl,-z,relro,-z,now,-z,noexecstack
LINK_san := -fsanitize=address,undefined
LINK_coverage := --coverage
LINK_fuzz := -fsanitize=address,undefined

FLAGS := -std=c11 -D_GNU_SOURCE -Iinclude $(WARN) $(MODE_$(VARIANT)) $(CFLAGS)
LINK := $(LINK_$(VARIANT)) $(LDFLAGS)
LIBS := -lpcap -lcjson -lz -lzstd

SOURCES := $(wildcard src/*/*.c)
PARTS := $(filter-out $(OUT)/src/cli/main.o,$(SOURCES:%.c=$(OUT)/%.o)) $(OUT)/viewer.o $(OUT)/shelf.o
SUPPORT := $(patsubst %.c,$(OUT)/%.o,$(wildcard tests/support/*.c))
CAPTURES := $(patsubst %.c,$(OUT)/%.o,$(wildcard tests/golden/*.c))
UNIT := $(patsubst %.c,$(OUT)/%,$(wildcard tests/unit/*/*.c))
WEB := $(wildcard web/*.html web/*.css web/*.sh web/core/*.js web/layout/*.js web/draw/*.js web/ui/*.js \
	web/text/*.js)
LESSONS := captures/lessons/SHELF $(wildcard captures/lessons/*.json)

.PHONY: all demo check unit san browser fuzz bench lint coverage install uninstall clean help \
	programs tests truth
all: wireladder

help:
	@echo 'make            build ./wireladder'
	@echo 'make demo       a real session, captured a second ago, as a ladder'
	@echo 'make check      every test that needs no browser'
	@echo 'make browser    the viewer in a real Chromium'
	@echo 'make san fuzz bench lint coverage install uninstall clean'

wireladder: $(OUT)/wireladder
	@ln -f $< $@ 2>/dev/null || cp $< $@

$(OUT)/wireladder: $(OUT)/src/cli/main.o $(PARTS)
	@echo '  LD $@'
	@$(CC) $(LINK) -o $@ $^ $(LIBS)

# An archive is made anew: an object whose source is gone must not live on in it.
$(OUT)/wireladder.a: $(PARTS)
	@rm -f $@
	@ar rcs $@ $^

$(OUT)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo '  CC $(VARIANT) $<'
	@$(CC) $(FLAGS) -MMD -MP -c -o $@ $<

# The viewer is one HTML file, made without Node, that the program carries inside.
build/viewer.html: $(WEB)
	@mkdir -p $(@D)
	@sh web/bundle.sh > $@.part && mv $@.part $@

$(OUT)/viewer.o: src/out/viewer.S build/viewer.html
	@mkdir -p $(@D)
	@$(CC) -Wa,-I,build -c -o $@ $<

# The shelf of lessons is inside too.
build/shelf.S: src/lab/shelf.sh captures/lessons $(LESSONS)
	@mkdir -p $(@D)
	@sh src/lab/shelf.sh > $@.part && mv $@.part $@

$(OUT)/shelf.o: build/shelf.S $(wildcard captures/lessons/fast-retransmit/*.gz)
	@mkdir -p $(@D)
	@$(CC) -c -o $@ $<

$(OUT)/tests/unit/%: $(OUT)/tests/unit/%.o $(SUPPORT) $(OUT)/wireladder.a
	@$(CC) $(LINK) -o $@ $^ -lcmocka $(LIBS)

# Writes the captures of the golden and of some end-to-end tests.
$(OUT)/tests/golden/captures: $(CAPTURES) $(SUPPORT) $(OUT)/wireladder.a
	@$(CC) $(LINK) -o $@ $^ -lcmocka $(LIBS)

# Makes socket calls, and says what they were. Sanitizers would have words with its crash.
TRUTH := $(patsubst %.c,$(OUT)/%.o,$(wildcard tests/trace/truth/*.c))
$(OUT)/tests/trace/truth/truth: $(TRUTH)
	@$(CC) $(LINK) -o $@ $^ -lpthread

programs: $(OUT)/wireladder
tests: $(UNIT) $(OUT)/tests/golden/captures $(OUT)/tests/trace/truth/truth
truth: $(OUT)/tests/trace/truth/truth
unit: $(UNIT)
	@sh tests/unit.sh $(UNIT)

san:
	$(MAKE) VARIANT=san programs unit

demo:
	@sh tests/support/setup.sh build
	@$(MAKE) --no-print-directory all
	./wireladder demo

check:
	@sh tests/support/setup.sh check
	@$(MAKE) --no-print-directory all truth
	@$(MAKE) --no-print-directory VARIANT=san programs tests
	@sh tests/check.sh

browser:
	@sh tests/support/setup.sh browser
	@$(MAKE) --no-print-directory all
	@sh tests/browser.sh

fuzz:
	@sh tests/support/setup.sh fuzz
	@sh tests/fuzz/run.sh

bench:
	@sh tests/support/setup.sh check
	@$(MAKE) --no-print-directory all
	@sh tests/bench/run.sh
	@sh tests/bench/trace.sh

coverage:
	@sh tests/support/setup.sh coverage
	@$(MAKE) --no-print-directory VARIANT=coverage programs tests
	@sh tests/coverage.sh

lint:
	@sh tests/support/setup.sh lint
	@sh tests/lint.sh

install: all
	install -D -m 755 wireladder $(DESTDIR)$(PREFIX)/bin/wireladder
	install -D -m 644 src/out/timeline.schema.json $(DESTDIR)$(PREFIX)/share/wireladder/timeline.schema.json
	install -D -m 644 src/lab/lesson.schema.json $(DESTDIR)$(PREFIX)/share/wireladder/lesson.schema.json
	install -D -m 644 README.md $(DESTDIR)$(PREFIX)/share/doc/wireladder/README.md
	install -D -m 644 LICENSE $(DESTDIR)$(PREFIX)/share/doc/wireladder/LICENSE

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/wireladder
	rm -rf $(DESTDIR)$(PREFIX)/share/wireladder $(DESTDIR)$(PREFIX)/share/doc/wireladder

clean:
	rm -rf build wireladder

-include $(patsubst %.c,$(OUT)/%.d,$(SOURCES) $(wildcard tests/support/*.c tests/golden/*.c \
	tests/unit/*/*.c tests/trace/truth/*.c))
