#!/bin/sh
# What a new development container needs once: the program, the notebooks' kernel and JupyterLab, and the proof that they work.
# Afterwards: jobtagger tag ad.txt; jupyter lab --allow-root
set -eu
cd "$(dirname "$0")/.."
export GOEXPERIMENT=simd
jupyter=${JUPYTER:-/opt/jupyter}

go build -o bin/ ./cmd/jobtagger github.com/janpfeifer/gonb golang.org/x/tools/cmd/goimports
if ! python3 -m venv "$jupyter" 2>/dev/null; then # Debian keeps a part of venv in a package of its own
	apt-get update && apt-get install -y --no-install-recommends python3-venv
	python3 -m venv "$jupyter"
fi
"$jupyter/bin/pip" install --quiet --require-hashes -r .ci/image/requirements-jupyter.txt

PATH=$PWD/bin:$jupyter/bin:$PATH
jobtagger notebook install
jobtagger doctor
jobtagger notebook run notebooks/00_quickstart.ipynb --output "$(mktemp -d)/quickstart.ipynb"
