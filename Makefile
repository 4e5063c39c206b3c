# tokenbroker's front door. `make` lists what there is.

SHELL := /bin/bash
.DEFAULT_GOAL := help

SWIFT ?= swift
DESTDIR ?=
prefix ?= /usr
sysconfdir ?= /etc
bindir ?= $(prefix)/bin
libexecdir ?= $(prefix)/libexec
libdir ?= $(prefix)/lib
datadir ?= $(prefix)/share
mandir ?= $(datadir)/man
docdir ?= $(datadir)/doc/tokenbroker
unitdir ?= $(libdir)/systemd/system
userunitdir ?= $(libdir)/systemd/user
catalogdir ?= $(libdir)/systemd/catalog
sysusersdir ?= $(libdir)/sysusers.d
tmpfilesdir ?= $(libdir)/tmpfiles.d
bashcompletiondir ?= $(datadir)/bash-completion/completions
zshcompletiondir ?= $(datadir)/zsh/site-functions
fishcompletiondir ?= $(datadir)/fish/vendor_completions.d

INSTALL ?= install
SOURCES := Sources Tests Package.swift

RUN_TESTS = Tests/run.sh $(SWIFT) test --skip-build $(TEST_WIDTH)
# A hundred daemons that start at once keep each other waiting; Swift 6.2 does not know the option.
width_option := --experimental-maximum-parallelization-width
TEST_WIDTH = $(if $(shell $(SWIFT) test --help-hidden 2>/dev/null | grep -e $(width_option)),$(width_option) 16)
# What waits for sockets and servers has the machine to itself; the others keep every processor busy.
# A test that runs in a child of its own is not among them: the child would hold their listening sockets open.
WIRE_TESTS := ^(SystemTests|TokenEndpointTests|BrokerTests|LocalServerTests|MockAuthorizationServerTests)\.(?!DescriptorExhaustion)

# Most of them are the broker's, beside which a handshake on two processors waits longer than anybody connects.
BROKER_TESTS := ^BrokerTests\.

# Real daemons look at real clocks, and want neither the brokers within tests beside them,
SYSTEM_TESTS := ^SystemTests\.
# nor one that is killed a hundred times;
ROTATION_TESTS := ^SystemTests\.Rotation
# and what measures how long callers wait wants nothing beside it at all.
CALLER_TESTS := ^SystemTests\.CallerTests
# These boot a systemd.
SYSTEMD_TESTS := ^SystemTests\.(InstalledTests|PolicyTableTests|JournalTests)
# These need the package, and what goes into it.
PACKAGE_TESTS := ^SystemTests\.(Package|Installation)Tests

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Every symbol is bound at the start and read-only from then on, and nothing is looked for beside the binaries. Nor is
# anything of theirs looked up by name: the tables for it, which are read at the start, would be a twelfth of them.
BUILD_RELEASE := $(SWIFT) build -c release --static-swift-stdlib --disable-local-rpath \
  -Xlinker -z -Xlinker now -Xlinker --no-export-dynamic

.PHONY: prerequisites
prerequisites:
	@Tests/prerequisites.sh build

.PHONY: build
build: commands manuals completions ## release binaries in .build/release, the Swift runtime linked in, and their pages

# tokenctl starts for every fetch, in two thirds of the time when it has no library to load. Debian's compilers come with
# all that is linked in for that; where a part is missing it loads libraries as the daemon does, which has to: users and
# groups are looked up through some. Its own start reads packed addresses, a bit each, from glibc 2.36 on.
STATIC_PARTS := rcrt1.o libc.a libm.a libgcc.a libgcc_eh.a libstdc++.a
CLANG = $(shell $(SWIFT)c -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')/../../bin/clang
MISSING_PARTS = $(if $(wildcard $(CLANG)),,clang) $(if $(wildcard $(dir $(CLANG))ld.lld),,lld) $(strip $(foreach part,$(STATIC_PARTS),$(filter $(part),$(shell $(CLANG) -print-file-name=$(part)))))
READS_PACKED = $(shell printf '%s\n' 2.36 "$$(getconf GNU_LIBC_VERSION | cut -d ' ' -f 2)" | sort -C -V && echo yes)
IN_ONE_FILE = $(if $(strip $(MISSING_PARTS)),,TOKENBROKER_IN_ONE_FILE=$(if $(READS_PACKED),packed,plain))

.PHONY: commands
commands: prerequisites
	@$(BUILD_RELEASE) --product tokenbrokerd
	@$(IN_ONE_FILE) $(BUILD_RELEASE) --product tokenctl

.PHONY: manuals
manuals: commands ## manual pages in .build/manuals
	@$(BUILD_RELEASE) --product generate-manual
	docs/man/manuals.sh .build/release .build/manuals

.PHONY: completions
completions: commands ## what bash, zsh and fish complete, in .build/completions
	@mkdir -p .build/completions
	@# They are read, not run, and so have no first line that names a shell.
	@set -o pipefail; for command in tokenbrokerd tokenctl; do for file in $$command.bash _$$command.zsh $$command.fish; do \
	  .build/release/$$command --generate-completion-script $${file##*.} | sed '1{/^#!/d}' \
	  > .build/completions/$${file%.zsh} || exit 1; done; done

.PHONY: demo
demo: prerequisites ## see it work: broker, authorization server, an outage nobody notices
	@$(SWIFT) build --product tokenbrokerd
	@$(SWIFT) build --product tokenctl
	@$(SWIFT) build --product mock-authorization-server
	@Tests/Demo/demo.sh "$$($(SWIFT) build --show-bin-path)"

.PHONY: test
test: ## lint and every test, against a real authorization server too
	@Tests/prerequisites.sh test
	$(MAKE) lint
	$(SWIFT) build --build-tests
	$(SWIFT) build --product generate-manual
	$(RUN_TESTS) --skip '$(WIRE_TESTS)'
	$(RUN_TESTS) --filter '$(WIRE_TESTS)' --skip '$(SYSTEM_TESTS)|$(BROKER_TESTS)'
	$(RUN_TESTS) --filter '$(BROKER_TESTS)'
	$(RUN_TESTS) --filter '$(SYSTEM_TESTS)' --skip '$(ROTATION_TESTS)|$(CALLER_TESTS)|$(PACKAGE_TESTS)'
	$(RUN_TESTS) --filter '$(ROTATION_TESTS)'
	$(RUN_TESTS) --filter '$(CALLER_TESTS)'
	$(MAKE) deb
	$(RUN_TESTS) --filter '$(PACKAGE_TESTS)'
	$(COUNT_INSTRUCTIONS)

FUZZERS ?= answers configurations requests
FUZZ_SECONDS ?= 600
# So many inputs for each fuzzer instead of a time.
FUZZ_RUNS ?=
# The library without its own main, which SwiftPM's name for ours would clash with; the TOML parser is C++.
FUZZER_LIBRARY = $(shell $(SWIFT)c -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')/clang/lib/linux/libclang_rt.fuzzer_no_main-$(shell uname -m).a
FUZZ_BUILD = TOKENBROKER_FUZZ=1 $(SWIFT) build -c release --scratch-path .build-fuzz \
  -Xswiftc -Xfrontend -Xswiftc -sanitize=fuzzer -Xcxx -fsanitize=fuzzer-no-link -Xlinker "$(FUZZER_LIBRARY)"

.PHONY: fuzz
fuzz: prerequisites ## answers, configurations and requests under libFuzzer, FUZZ_SECONDS in all or FUZZ_RUNS each
	@for fuzzer in $(FUZZERS); do $(FUZZ_BUILD) --product fuzz-$$fuzzer || exit 1; done
	@FUZZ_RUNS=$(FUZZ_RUNS) Tests/Fuzz/fuzz.sh .build-fuzz $(FUZZ_SECONDS) $(FUZZERS)

.PHONY: torture
torture: prerequisites ## what takes minutes: a thousand clients with short tokens, a thousand kills in rotations
	$(SWIFT) build --build-tests
	TOKENBROKER_TORTURE=1 $(RUN_TESTS) --filter '^SystemTests\.(Rotation)?TortureTests'

# The root file system of a distribution whose systemd is newer than that of Debian 12.
NEWER_ROOT := .build/newer-root

.PHONY: systemd-newer
systemd-newer: ## the tests under a real systemd, once more with that of Debian 13; needs root
	@Tests/prerequisites.sh systemd-newer
	@test -d $(NEWER_ROOT) || { rm -rf $(NEWER_ROOT).part && mmdebstrap --variant=apt \
	  --include=systemd,dbus,libnss-systemd,sqlite3 trixie $(NEWER_ROOT).part && \
	  mv $(NEWER_ROOT).part $(NEWER_ROOT); }
	$(SWIFT) build --build-tests
	TOKENBROKER_SYSTEMD_ROOT=$(CURDIR)/$(NEWER_ROOT) $(RUN_TESTS) --filter '$(SYSTEMD_TESTS)'

.PHONY: faults
faults: ## the tables of faults in README.md, from what the tests see now
	@Tests/prerequisites.sh test
	$(SWIFT) build --build-tests
	TOKENBROKER_RENEW_README=1 $(RUN_TESTS) --filter '^SystemTests\.(FaultTableTests|IncidentTests|AccuracyTests)'

# Counted by a debug build of the benchmark, of the commands as they are released.
COUNT_INSTRUCTIONS = "$$($(SWIFT) build --show-bin-path)/benchmark" instructions \
  --daemon .build/release/tokenbrokerd --command .build/release/tokenctl --thresholds Tests/Benchmark/instructions.json

.PHONY: instructions
instructions: commands ## the instructions of a fetch that `make test` holds, from what it takes now
	@Tests/prerequisites.sh test
	$(SWIFT) build --product benchmark
	$(SWIFT) build --product mock-authorization-server
	$(COUNT_INSTRUCTIONS) --renew-thresholds

# Or some of its subcommands.
BENCHMARKS ?= all
BENCHMARK_DOCUMENT ?= docs/PERFORMANCE.md

.PHONY: bench
bench: commands ## measure everything, and put the figures into docs/PERFORMANCE.md
	@Tests/prerequisites.sh bench
	@for product in mock-authorization-server load-generator constant-server benchmark; do \
	  $(BUILD_RELEASE) --product $$product || exit 1; done
	@for benchmark in $(BENCHMARKS); do TOKENBROKER_RIVALS=$(CURDIR)/.build/rivals \
	  .build/release/benchmark $$benchmark --renew $(BENCHMARK_DOCUMENT) || exit 1; done

.PHONY: lint
lint: ## the formatter's strict rules
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)

.PHONY: format
format: ## put every source into the formatter's form
	$(SWIFT) format format --in-place --parallel --recursive $(SOURCES)

# What is installed, SOURCE:TARGET each. `uninstall` takes the same away.
COMMANDS := tokenbrokerd tokenctl
# The units that are enabled, and that users have, too.
UNITS := tokenbrokerd.service tokenbrokerd.socket tokenbrokerd-admin.socket
PROGRAMS = $(foreach command,$(COMMANDS),.build/release/$(command):$(bindir)/$(command))
SCRIPTS = systemd/make-state-key:$(libexecdir)/tokenbroker/make-state-key
FILES = \
  systemd/tokenbrokerd-state-key.service:$(unitdir)/tokenbrokerd-state-key.service \
  $(foreach unit,$(UNITS),systemd/$(unit):$(unitdir)/$(unit) systemd/user/$(unit):$(userunitdir)/$(unit)) \
  systemd/tokenbroker.sysusers:$(sysusersdir)/tokenbroker.conf \
  systemd/tokenbroker.tmpfiles:$(tmpfilesdir)/tokenbroker.conf \
  systemd/tokenbroker.catalog:$(catalogdir)/tokenbroker.catalog \
  .build/manuals/tokenctl.1:$(mandir)/man1/tokenctl.1 \
  .build/manuals/tokenbroker.toml.5:$(mandir)/man5/tokenbroker.toml.5 \
  .build/manuals/tokenbrokerd.8:$(mandir)/man8/tokenbrokerd.8 \
  $(foreach command,$(COMMANDS), \
    .build/completions/$(command).bash:$(bashcompletiondir)/$(command) \
    .build/completions/_$(command):$(zshcompletiondir)/_$(command) \
    .build/completions/$(command).fish:$(fishcompletiondir)/$(command).fish) \
  config/tokenbroker.toml:$(docdir)/tokenbroker.toml \
  $(foreach example,$(wildcard config/clients.d/*),$(example):$(docdir)/clients.d/$(notdir $(example)))
# One that is there already is the operator's, and stays.
CONFIGURATION = config/installed.toml:$(sysconfdir)/tokenbroker/tokenbroker.toml

source = $(firstword $(subst :, ,$1))
target = "$(DESTDIR)$(lastword $(subst :, ,$1))"
install_program = $(INSTALL) -D -s -m 0755 $(call source,$1) $(call target,$1)
install_script = $(INSTALL) -D -m 0755 $(call source,$1) $(call target,$1)
install_file = sed -e 's|@bindir@|$(bindir)|g' -e 's|@libexecdir@|$(libexecdir)|g' -e 's|@docdir@|$(docdir)|g' \
  $(call source,$1) | $(INSTALL) -D -m 0644 /dev/stdin $(call target,$1)
remove = rm -f $(call target,$1)
SOURCES_OF_ALL = $(foreach pair,$(PROGRAMS) $(SCRIPTS) $(FILES),$(call source,$(pair)))
MISSING = $(filter-out $(wildcard $(SOURCES_OF_ALL)),$(SOURCES_OF_ALL))

# A line of a recipe for each of many.
define line
$1

endef
each = $(foreach pair,$2,$(call line,@$(call $1,$(pair))))

# A system with systemd is told what root changes in it; a staging tree is nothing to it.
ON_SYSTEM := $(if $(DESTDIR)$(filter-out 0,$(shell id -u)),,$(shell command -v systemd-sysusers))
ON_BOOTED_SYSTEM := $(and $(ON_SYSTEM),$(wildcard /run/systemd/system))

.PHONY: install
install: ## into $(DESTDIR)$(prefix); needs `make build` first
	@test -z "$(MISSING)" || { echo "install: run 'make build' first, these are missing: $(MISSING)" >&2; exit 1; }
	$(call each,install_program,$(PROGRAMS))
	$(call each,install_script,$(SCRIPTS))
	$(call each,install_file,$(FILES))
	@$(INSTALL) -d -m 0755 "$(DESTDIR)$(sysconfdir)/tokenbroker/clients.d"
	@test -e $(call target,$(CONFIGURATION)) || $(call install_file,$(CONFIGURATION))
	$(if $(ON_SYSTEM),systemd-sysusers $(sysusersdir)/tokenbroker.conf)
	$(if $(ON_SYSTEM),systemd-tmpfiles --create $(tmpfilesdir)/tokenbroker.conf)
	$(if $(ON_SYSTEM),journalctl --update-catalog)
	$(if $(ON_BOOTED_SYSTEM),systemctl daemon-reload)
	$(if $(ON_BOOTED_SYSTEM),@if systemctl --quiet is-active tokenbrokerd.service; \
	  then echo "Installed. systemctl restart tokenbrokerd.service replaces the one that runs; no caller is refused."; \
	  else echo "Installed. systemctl enable --now tokenbrokerd.service starts it."; fi)

.PHONY: uninstall
uninstall: ## what install put there, but the configuration, the state and its key
	$(if $(ON_BOOTED_SYSTEM),-systemctl disable --now $(UNITS))
	$(call each,remove,$(PROGRAMS) $(SCRIPTS) $(FILES))
	@for directory in "$(DESTDIR)$(docdir)" "$(DESTDIR)$(libexecdir)/tokenbroker"; do \
	  ! test -d "$$directory" || find "$$directory" -depth -type d -empty -delete; done
	$(if $(ON_SYSTEM),journalctl --update-catalog)
	$(if $(ON_BOOTED_SYSTEM),systemctl daemon-reload)

# Another version than the daemon's own, for packages that are tried out.
DEB_VERSION ?=

.PHONY: deb
deb: build ## a Debian package in .build/deb
	@Tests/prerequisites.sh package
	config/debian/package $(DEB_VERSION)

.PHONY: clean
clean: ## the build
	$(SWIFT) package clean
