# make demo | test | test-release | lint | bench | peers | mpi | docs
#
# Every target works alone and first on a fresh clone of a Debian 12 machine with Swift 6.3, as root
# or with sudo. Run again, nothing is installed.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

SWIFT ?= swift
DEMO ?= demo
SEED ?= 1

# We parallelize over instances: OpenBLAS gets one thread for each.
export OPENBLAS_NUM_THREADS ?= 1

PACKAGES := libdnnl-dev libglpk-dev liblapacke-dev libopenblas-dev libsuitesparse-dev libnifti-dev \
  libpng-dev libssl-dev zlib1g-dev mricron-data pkg-config

.PHONY: help deps mpi-deps build demo test lint format bench ratios peers mpi docs clean

help:
	@echo 'make demo    simulated patients -> three gated networks -> report.html   (DEMO=folder SEED=1)'
	@echo 'make test    all tests, in debug: with all of Swift'\''s checks'
	@echo 'make test-release   all tests, optimized, and those of networks at full size'
	@echo 'make lint    swift format, strict, and the project'\''s own spelling rules'
	@echo 'make bench   the benchmarks, and the ratios this package promises'
	@echo 'make peers   the same work done by CVXPY, Clarabel, ECOS, SCS, cvxpylayers, PyTorch and captum, and the ratio'
	@echo 'make mpi     .build-mpi/release/convex, built with Open MPI, and tests with two processes'
	@echo 'make docs    DocC pages of every module under .build/docs'
	@echo 'make deps    the Debian packages that these need, if any is missing'

deps mpi-deps:
	@missing=""; for package in $(PACKAGES) $(if $(filter mpi-deps,$@),libopenmpi-dev openmpi-bin); do \
	  dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'install ok installed' \
	    || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	  echo "installing:$$missing"; \
	  as_root=""; if [ "$$(id -u)" -ne 0 ]; then as_root=sudo; fi; \
	  $$as_root apt-get update -qq; \
	  $$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	    $$missing; \
	fi

build: deps
	$(SWIFT) build -c release --product convex

demo: build
	@convex="$$($(SWIFT) build -c release --show-bin-path)/convex"; \
	"$$convex" phantom --out '$(DEMO)/patients' --seed $(SEED) --patients 40 --spacing 1.5; \
	"$$convex" train --data '$(DEMO)/patients' --out '$(DEMO)' --seed $(SEED); \
	echo; echo "open $(DEMO)/report.html"

# Debug is for what Swift checks there; the C loops are optimized in it too, or it would take minutes more.
test: deps
	$(SWIFT) test -Xcc -O2

test-release: deps
	$(SWIFT) test -c release

lint:
	$(SWIFT) format lint --strict --recursive --parallel \
	  Package.swift Sources Examples Tests Benchmarks/Package.swift Benchmarks/Benchmarks Benchmarks/Sources
	@# MICRO SIGN is not GREEK SMALL LETTER MU: two identifiers that look the same.
	@! LC_ALL=C.UTF-8 grep -rnP '\x{00B5}|\p{Mn}' --include='*.swift' --exclude-dir='.build*' \
	  Sources Examples Tests Benchmarks \
	  || { echo 'lint: write U+03BC for mu, and no combining marks'; exit 1; }

format:
	$(SWIFT) format --in-place --recursive --parallel \
	  Package.swift Sources Examples Tests Benchmarks/Package.swift Benchmarks/Benchmarks Benchmarks/Sources

ratios: deps
	$(SWIFT) run -c release --package-path Benchmarks ratios

bench: ratios
	cd Benchmarks && $(SWIFT) package --allow-writing-to-package-directory benchmark

peers: deps
	$(SWIFT) build -c release --package-path Benchmarks
	Benchmarks/Peers/run

# Its own build folder: traits are part of every module.
mpi: mpi-deps
	$(SWIFT) build -c release --product convex --traits MPI,GLPK --scratch-path .build-mpi
	$(SWIFT) test --traits MPI,GLPK --scratch-path .build-mpi --filter 'DataParallel|MPI'

MODULES := ArrayFiles ConvexKit KLProjection DualLayer Networks Explanations MedicalImages Experiments

docs: deps
	@mkdir -p .build/docs; \
	for module in $(MODULES); do \
	  $(SWIFT) package --allow-writing-to-directory .build/docs generate-documentation \
	    --target $$module --output-path .build/docs/$$module --warnings-as-errors \
	    --transform-for-static-hosting --hosting-base-path $$module; \
	done

clean:
	$(SWIFT) package clean
