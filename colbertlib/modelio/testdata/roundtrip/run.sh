#!/usr/bin/env bash
# Do folders that we write load in the Python libraries, without a warning and with the same embeddings and scores, and theirs here?
#
#   run.sh [WORK]     WORK gets virtual environments (about 7.5 GB), which are used again if they are there, and the cases;
#                     without it all this is in a temporary folder
#
# Versions: *.txt. PyTorch, with the CUDA libraries that its only wheel for Linux on PyPI cannot be imported without, is installed once for both.
# Exit status: 0 all is equal; 1 something is not; 77 there is no Python, or its packages cannot be installed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../../.." && pwd)
if [ $# -gt 0 ]; then
	mkdir -p "$1"
	work=$(cd "$1" && pwd)
else
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
fi
export HF_HUB_OFFLINE=1 HF_HOME=$work/empty-cache TQDM_DISABLE=1 GOMLX_BACKEND=go
cd "$root"

environment() { # name: a virtual environment with the packages of name.txt, and PyTorch's
	[ ! -e "$work/$1/done" ] || return 0
	rm -rf "${work:?}/$1"
	python3 -m venv "$work/$1" && "$work/$1/bin/pip" install --quiet --no-deps --no-compile --no-cache-dir -r "$here/$1.txt" || {
		echo "cannot install $1.txt"
		exit 77
	}
	packages=("$work"/torch/lib/python3*/site-packages)
	if [ "$1" != torch ]; then
		echo "${packages[0]}" >"$(echo "$work/$1"/lib/python3*/site-packages)/torch.pth"
	fi
	touch "$work/$1/done"
	echo "$1: $(du -sh "$work/$1" | cut -f1), installed after $SECONDS s"
}

command -v python3 >/dev/null || { echo "there is no python3"; exit 77; }
for name in torch sentence-transformers pylate; do environment "$name"; done

go build -o "$work/jobtagger" ./cmd/jobtagger
golden=$root/colbertlib/internal/golden/testdata
rm -rf "$work/cases" "$work/trained" "$work/data"
mkdir -p "$work/data" "$work/cases"
echo '[{"id": 1, "name": "Water", "description": "Wells and pumps."}, {"id": 2, "name": "Health", "description": "Nurses and clinics."}]' >"$work/data/labels.json"
for split in train validate; do
	echo '[{"query": "Digs wells in '$split'", "positive": "Wells and pumps.", "negative": "Nurses and clinics."},
		{"query": "Runs a clinic in '$split'", "positive": "Nurses and clinics.", "negative": "Wells and pumps."}]' >"$work/data/job_tagger_training_$split.json"
done
python3 - "$golden/checkpoints/neural-cherche/expected.json" "$work" <<'PYTHON'
import json, pathlib, sys
texts = json.loads(pathlib.Path(sys.argv[1]).read_text())
for role in ("queries", "documents"):
    pathlib.Path(sys.argv[2], role + ".jsonl").write_text("".join(json.dumps(text) + "\n" for text in texts[role]))
PYTHON

add() { # library, name, model: a case of the model, written for the library
	local case=$work/cases/$1/$2
	mkdir -p "$case"
	cp "$work/queries.jsonl" "$work/documents.jsonl" "$case"
	"$work/jobtagger" model convert "$3" "$case/model" --to "$1" >/dev/null 2>"$case/warnings.txt"
	compute "$case" "$case/model" ""
}
compute() { # case, model, suffix: what we compute with the model, and what we warn of
	for role in query:queries document:documents; do
		"$work/jobtagger" debug encode --model "$2" --role "${role%:*}" --output "$1/${role#*:}$3.safetensors" "$1/${role#*:}.jsonl" 2>"$1/encode$3.txt"
	done
	"$work/jobtagger" debug score --model "$2" --queries "$1/queries.jsonl" --documents "$1/documents.jsonl" --json >"$1/scores$3.json" 2>/dev/null
}

for kind in neural-cherche stanford st6-nc-style st6-expansion-meanmaxsim pylate-1dense pylate-2dense pylate-noexp; do
	for library in sentence-transformers pylate; do add $library $kind "$golden/checkpoints/$kind"; done
done
add sentence-transformers starter starter
add pylate starter starter
for base in bert-tiny-gamma distilbert-tiny modernbert-tiny gte-tiny gte-ntk-tiny gte-native-tiny; do
	run=$("$work/jobtagger" train --data "$work/data" --model "$golden/models/$base" --results "$work/trained/$base" --json --set train.epochs=1 --set train.accumulation=1 \
		--set model.head=16 --set model.similarity=mask-min --set model.query.length=32 --set model.document.length=16 2>/dev/null |
		python3 -c 'import json, sys; print(json.load(sys.stdin)["dir"])')
	add sentence-transformers "trained-$base" "$run/model"
	case $base in
	gte*) ;; # PyLate 1.6 wants transformers 5.3, which has no GTE
	*) add pylate "trained-$base" "$run/model" ;;
	esac
done

failed=0
for library in sentence-transformers pylate; do
	echo "-- $library, loading what we wrote"
	"$work/$library/bin/python" "$here/check.py" $library "$work/cases/$library"/* 2>"$work/$library.log" || failed=1
	for case in "$work/cases/$library"/*; do # what the library saved gives the same here, to the bit
		if compute "$case" "$case/saved" -saved && grep -q 'only on request' "$case/encode-saved.txt"; then
			echo "$(basename "$case"): saved by $library, which uses the prefixes on request only: not compared"
		elif ! cmp -s "$case/queries.safetensors" "$case/queries-saved.safetensors" ||
			! cmp -s "$case/documents.safetensors" "$case/documents-saved.safetensors"; then
			echo "$(basename "$case"): FAIL: saved by $library, it is read here as another model"
			failed=1
		fi
	done
done
[ $failed = 0 ] || tail -n 5 "$work"/*.log
echo "took $SECONDS s"
exit $failed
