"""Check that an exported ONNX file gives the program's own embeddings and rankings, in plain onnxruntime.

    pip install onnxruntime==1.32.0 numpy==2.3.5
    python3 bench/check_onnx.py ./jobtagger MODEL FILE.onnx [ADS.jsonl LABELS.json]

Texts are padded to one batch, and computed one by one too: both must agree with the program within 2e-5.
With ADS (JSON lines, "title" and "body") and LABELS, rankings are compared as well, and those of an int8 form of the
file beside them (needs onnx==1.23.2).
"""

import json
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime

TOLERANCE = 2e-5
TEXTS = [
    "Finance Officer\nPrepares the monthly accounts and pays suppliers.",
    "Nurse",
    "Water and sanitation engineer for wells, pumps and latrines. " * 6,
]


def run(program, *args, lines=None):
    stdin = "\n".join(json.dumps(line) for line in lines) if lines else None
    return subprocess.run([program, *args], input=stdin, capture_output=True, text=True, check=True).stdout


def read_safetensors(path):
    content = Path(path).read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + size])
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = (8 + size + offset for offset in entry["data_offsets"])
            tensors[name] = np.frombuffer(content[start:end], "<f4").reshape(entry["shape"])
    return [tensors[str(i)] for i in range(len(tensors))]


def ours(program, model, role, texts):
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/embeddings.safetensors"
        run(program, "debug", "encode", "--model", model, "--backend", "go", "--role", role, "--output", path, "-", lines=texts)
        return read_safetensors(path)


def token_ids(program, model, texts):
    out = run(program, "debug", "tokenize", "--model", model, "--json", "-", lines=texts)
    return [json.loads(line)["ids"] for line in out.splitlines()]


def theirs(session, ids):
    """Embeddings of one batch, without the rows of padding."""
    longest = max(map(len, ids))
    batch = np.zeros((len(ids), longest), np.int64)
    mask = np.zeros((len(ids), longest), np.int64)
    for i, row in enumerate(ids):
        batch[i, : len(row)], mask[i, : len(row)] = row, 1
    (embeddings,) = session.run(None, {"input_ids": batch, "attention_mask": mask})
    assert not embeddings[mask == 0].any(), "rows of padding are not zero"
    return [embeddings[i, : len(row)] for i, row in enumerate(ids)]


def check_embeddings(program, model, session, prefix, role):
    want = ours(program, model, role, TEXTS)
    ids = token_ids(program, model, [prefix + text for text in TEXTS])
    ids = [row[: len(w) - 1] + row[-1:] for row, w in zip(ids, want)]  # what is too long is cut before [SEP]
    worst = 0.0
    for got in (theirs(session, ids), [theirs(session, [row])[0] for row in ids]):
        worst = max([worst] + [float(abs(g - w).max()) for g, w in zip(got, want)])
    print(f"{role}: embeddings off by at most {worst:.1e}")
    return worst <= TOLERANCE


def ranking(queries, documents):
    scores = [[float((q @ d.T).max(1).sum()) for d in documents] for q in queries]
    return [sorted(range(len(documents)), key=lambda i: -row[i]) for row in scores]


def compare_int8(program, model, file, prefixes, ads, labels):
    from onnxruntime.quantization import QuantType, quantize_dynamic

    texts = [ad["title"] + "\n" + ad["body"] for ad in ads]
    names = [label["name"] for label in labels]
    descriptions = [label["description"] for label in labels]
    ids = []
    for role, prefix, part in zip(("query", "document"), prefixes, (texts, descriptions)):
        limits = [len(e) for e in ours(program, model, role, part)]
        rows = token_ids(program, model, [prefix + text for text in part])
        ids.append([row[: n - 1] + row[-1:] for row, n in zip(rows, limits)])
    with tempfile.TemporaryDirectory() as folder:
        options = onnxruntime.SessionOptions()  # folds the transposes in front of weights, which quantize_dynamic needs
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = f"{folder}/basic.onnx"
        onnxruntime.InferenceSession(file, options)
        quantize_dynamic(options.optimized_model_filepath, f"{folder}/int8.onnx", weight_type=QuantType.QInt8)
        result = {}
        for form, path in (("float32", file), ("int8", f"{folder}/int8.onnx")):
            session = onnxruntime.InferenceSession(path)
            start = time.perf_counter()
            encoded = [[theirs(session, [row])[0] for row in rows] for rows in ids]
            seconds = time.perf_counter() - start
            result[form] = ranking(*encoded)
            right = sum(names[order[0]] == ad["category"] for order, ad in zip(result[form], ads))
            print(f"{form}: {Path(path).stat().st_size / 1e6:.1f} MB, {right} of {len(ads)} ads right at first, {seconds:.1f} s")
    first = sum(a[0] == b[0] for a, b in zip(result["float32"], result["int8"]))
    whole = sum(a == b for a, b in zip(result["float32"], result["int8"]))
    print(f"int8 keeps the first label of {first} and the whole order of {whole} of {len(ads)} ads")


def main(program, model, file, *data):
    session = onnxruntime.InferenceSession(file)
    prefixes = ("[Q] ", "[D] ")  # of the starter
    if Path(model).is_dir():
        settings = Path(model) / "jobtagger.json"
        known = json.loads(settings.read_text()) if settings.exists() else {}
        prefixes = tuple(known.get(role, {}).get("prefix", "") for role in ("query", "document"))
    good = [check_embeddings(program, model, session, prefix, role) for prefix, role in zip(prefixes, ("query", "document"))]
    if data:
        ads = [json.loads(line) for line in Path(data[0]).read_text().splitlines()]
        compare_int8(program, model, file, prefixes, ads, json.loads(Path(data[1]).read_text()))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
