# Everything builds without a C compiler.
export CGO_ENABLED = 0
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
BUILD = go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)"

.PHONY: run demo build test check race bench faults corpus screenshot assets

run: ## the server, with its data in ./data
	go run .

demo: ## a sample shop in a temporary folder
	go run . demo

build: ## ./onethread, static
	$(BUILD) -o onethread .

test: ## installs what it lacks where it may, then runs every test and says what was skipped
	sh .ci/need
	sh .ci/test ./...

check: ## what a change must pass besides the tests
	test -z "$$(gofmt -l $$(git ls-files '*.go'))"
	go vet ./...
	go mod verify
	go run github.com/compose-spec/compose-go/v2/cmd@v2.16.2 docker-compose.yml >/dev/null

race: ## the race detector, which needs a C compiler
	CGO_ENABLED=1 go test -race -shuffle=on ./models/... ./handlers/web ./handlers/public ./integrations/generic ./integrations/webchat

bench: ## the figures of docs/performance.md; some five minutes
	ONETHREAD_BENCH=1 go test -count=1 -run TestBench -v -timeout 30m .

faults: ## the table of docs/faults.md; up to twenty minutes
	ONETHREAD_FAULTS=1 go test -count=1 -run TestFaults -v -timeout 30m .

corpus: ## the table of docs/email.md; needs the mail fixtures beside the project
	go test -count=1 -run 'TestCorpus$$' -v .

screenshot: ## docs/screenshot.png, from the demo
	ONETHREAD_SCREENSHOT=1 go test -count=1 -run TestScreenshot .

assets: ## builds static/dist anew
	npm ci --no-audit --no-fund
	go generate ./static
