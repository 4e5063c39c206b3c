# tokenbroker's front door. `make` lists what there is.

SHELL := /bin/bash
.DEFAULT_GOAL := help

SWIFT ?= swift
prefix ?= /usr
sysconfdir ?= /etc
bindir ?= $(prefix)/bin
unitdir ?= $(prefix)/lib/systemd/system
sysusersdir ?= $(prefix)/lib/sysusers.d
docdir ?= $(prefix)/share/doc/tokenbroker
DESTDIR ?=

INSTALL ?= install
SOURCES := Sources Tests Package.swift

# A test that dies says so soon enough without a backtrace, which takes minutes to symbolicate.
RUN_TESTS := SWIFT_BACKTRACE=enable=no $(SWIFT) test --skip-build
# What waits for sockets and servers has the machine to itself; the others keep every processor busy.
# A test that runs in a child of its own is not among them: the child would hold their listening sockets open.
WIRE_TESTS := ^(SystemTests|TokenEndpointTests|BrokerTests|LocalServerTests|MockAuthorizationServerTests)\.(?!DescriptorExhaustion)

# Real daemons look at real clocks, and want neither the brokers within tests beside them,
SYSTEM_TESTS := ^SystemTests\.
# nor one that is killed a hundred times;
ROTATION_TESTS := ^SystemTests\.Rotation
# and what measures how long callers wait wants nothing beside it at all.
CALLER_TESTS := ^SystemTests\.CallerTests
# These boot a systemd.
SYSTEMD_TESTS := ^SystemTests\.(InstalledTests|PolicyTableTests)

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: prerequisites
prerequisites:
	@Tests/prerequisites.sh build

BUILD_RELEASE := $(SWIFT) build -c release --static-swift-stdlib

.PHONY: build
build: commands manuals completions ## release binaries in .build/release, the Swift runtime linked in, and their pages

.PHONY: commands
commands: prerequisites
	@for command in tokenbrokerd tokenctl; do $(BUILD_RELEASE) --product $$command || exit 1; done

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
	$(RUN_TESTS) --filter '$(WIRE_TESTS)' --skip '$(SYSTEM_TESTS)'
	$(RUN_TESTS) --filter '$(SYSTEM_TESTS)' --skip '$(ROTATION_TESTS)|$(CALLER_TESTS)'
	$(RUN_TESTS) --filter '$(ROTATION_TESTS)'
	$(RUN_TESTS) --filter '$(CALLER_TESTS)'

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
	@test -d $(NEWER_ROOT) || { mmdebstrap --variant=apt \
	  --include=systemd,dbus,libnss-systemd,libsqlite3-0 trixie $(NEWER_ROOT).part && \
	  mv $(NEWER_ROOT).part $(NEWER_ROOT); }
	$(SWIFT) build --build-tests
	TOKENBROKER_SYSTEMD_ROOT=$(CURDIR)/$(NEWER_ROOT) $(RUN_TESTS) --filter '$(SYSTEMD_TESTS)'

.PHONY: faults
faults: ## the tables of faults in README.md, from what the tests see now
	@Tests/prerequisites.sh test
	$(SWIFT) build --build-tests
	TOKENBROKER_RENEW_README=1 $(RUN_TESTS) --filter '^SystemTests\.(FaultTableTests|IncidentTests)'

.PHONY: lint
lint: ## the formatter's strict rules
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)

.PHONY: format
format: ## put every source into the formatter's form
	$(SWIFT) format format --in-place --parallel --recursive $(SOURCES)

.PHONY: install
install: ## into $(DESTDIR)$(prefix); needs `make build` first
	@test -x .build/release/tokenbrokerd || { echo "install: run 'make build' first" >&2; exit 1; }
	$(INSTALL) -d "$(DESTDIR)$(bindir)" "$(DESTDIR)$(unitdir)" "$(DESTDIR)$(sysusersdir)"
	$(INSTALL) -s -m 0755 .build/release/tokenbrokerd .build/release/tokenctl "$(DESTDIR)$(bindir)"
	for unit in tokenbrokerd.service tokenbrokerd.socket tokenbrokerd-admin.socket; do \
	  sed 's|@bindir@|$(bindir)|g' systemd/$$unit > "$(DESTDIR)$(unitdir)/$$unit" && \
	  chmod 0644 "$(DESTDIR)$(unitdir)/$$unit" || exit 1; done
	$(INSTALL) -D -m 0644 config/tokenbroker.toml "$(DESTDIR)$(docdir)/tokenbroker.toml"
	$(INSTALL) -m 0644 systemd/tokenbroker.sysusers "$(DESTDIR)$(sysusersdir)/tokenbroker.conf"
	$(INSTALL) -d -m 0755 "$(DESTDIR)$(sysconfdir)/tokenbroker" "$(DESTDIR)$(sysconfdir)/tokenbroker/clients.d"
	@# A configuration that is there already is the operator's.
	@test -e "$(DESTDIR)$(sysconfdir)/tokenbroker/tokenbroker.toml" || \
	  $(INSTALL) -m 0644 config/installed.toml "$(DESTDIR)$(sysconfdir)/tokenbroker/tokenbroker.toml"
	@if [ -z "$(DESTDIR)" ] && command -v systemd-sysusers > /dev/null; then \
	  systemd-sysusers tokenbroker.conf; systemctl daemon-reload 2> /dev/null || true; fi

.PHONY: uninstall
uninstall: ## what install put there, but the configuration and the state
	rm -f "$(DESTDIR)$(bindir)/tokenbrokerd" "$(DESTDIR)$(bindir)/tokenctl"
	rm -f "$(DESTDIR)$(unitdir)"/tokenbrokerd.service "$(DESTDIR)$(unitdir)"/tokenbrokerd{,-admin}.socket
	rm -f "$(DESTDIR)$(sysusersdir)/tokenbroker.conf" "$(DESTDIR)$(docdir)/tokenbroker.toml"

.PHONY: clean
clean: ## the build
	$(SWIFT) package clean
