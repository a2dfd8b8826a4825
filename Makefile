# The two commands: `make run` opens the page with the demo, or trains it here, `make test` checks everything that CI checks.
# Both install what is missing, say what they do, and are safe to repeat. Tools and build results are kept in
# $VOXTUNE_CACHE (usually ~/.cache/voxtune), so that a second run is quick.

CACHE := $(or $(VOXTUNE_CACHE),$(HOME)/.cache/voxtune)
VOXTUNE := $(CACHE)/target/release/voxtune
export CARGO_TARGET_DIR = $(CACHE)/target

.PHONY: help run build test page site worker lint fuzz check-cuda format bench-server bench-tab

help: ## Say what there is
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Install what is missing, build, and open the page with the demo (without a display: train the demo)
	scripts/setup-rust.sh
	scripts/run.sh

build: ## Build the program
	scripts/setup-rust.sh
	cargo build --release

test: ## Everything that CI checks; `scripts/test.sh STEP...` runs single steps
	scripts/test.sh

page: ## Build the page with its in-tab engine into target/page, small, for any web server
	scripts/setup-rust.sh
	scripts/setup-wasm.sh
	scripts/setup-threads.sh
	scripts/setup-tools.sh wasm_bindgen trunk wasm_opt editor
	scripts/build-worker.sh small
	scripts/build-page.sh small

site: page ## Build a site that trains in the tab, with the demo and without a runner, into target/site
	rm -rf target/site
	cp -r target/page target/site
	@echo 'target/site can be put on any web server; to look at it here: python3 -m http.server --directory target/site'

worker: ## Build the in-tab engine into target/worker, as tests take it
	scripts/setup-rust.sh
	scripts/setup-wasm.sh
	scripts/setup-threads.sh
	scripts/setup-tools.sh wasm_bindgen
	scripts/build-worker.sh

lint: ## Clippy for the program and for what runs in a browser
	scripts/lint.sh native
	scripts/lint.sh engine
	scripts/lint.sh page

format: ## Format all code
	cargo fmt --all

fuzz: ## Feed the readers of foreign files with mutated ones, EACH= seconds for each (20); builds them once, which takes minutes
	scripts/setup-rust.sh
	scripts/fuzz.sh $(or $(EACH),20)

bench-server: ## Measure the job server: requests a second, delivery of events to 200 listeners
	scripts/setup-rust.sh
	cargo bench -p shared -p native-runner -p tests --bench server

bench-tab: build worker ## Measure the in-tab engine beside onnxruntime-web, each of its dispatches, and the demo in the page, in headless Chromium; MODEL=, SECONDS_OF_SOUND=, LARGE=, EPOCHS_CPU=, EPOCHS_WEBGPU=
	scripts/setup-browser.sh
	mkdir -p $(CACHE)/bench
	cp tests/browser/bench/package.json tests/browser/bench/package-lock.json $(CACHE)/bench
	cd $(CACHE)/bench && npm ci --ignore-scripts --no-audit --no-fund
	$(VOXTUNE) export --model $(or $(MODEL),static/demo/model) --out $(CACHE)/bench/model.onnx
	scripts/setup-tools.sh trunk editor
	scripts/build-page.sh
	MODEL=$(or $(MODEL),static/demo/model) ONNX=$(CACHE)/bench/model.onnx ORT=$(CACHE)/bench/node_modules/onnxruntime-web/dist \
		cargo test --release -p browser-tests -- --ignored --nocapture --test-threads=1 bench::

check-cuda: ## Type-check the CUDA way; building it needs an LLVM bundle that its build script downloads
	DOCS_RS=1 CARGO_TARGET_DIR=$(CACHE)/target-cuda cargo check -p native-runner --features cuda
