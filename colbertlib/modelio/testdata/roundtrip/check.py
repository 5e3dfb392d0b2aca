"""Loads model folders that this project wrote with a Python library and compares what the library computes with what we computed.

    check.py sentence-transformers|pylate CASE...

A CASE is a folder with model/ (the folder to load), queries.jsonl, documents.jsonl, and our queries.safetensors, documents.safetensors and
scores.json. The library saves the model again, into saved/. Prints a line for each case; the exit status is 1 if one of them fails.
"""
import json
import logging
import pathlib
import sys
import warnings

import numpy
from safetensors.numpy import load_file

EMBEDDINGS, SCORES = 5e-5, 1e-4  # largest differences that rounding in float32 explains
ABOUT_TEXTS = "filled the entire query_expansion length"  # a warning that long queries deserve, whatever the folder


class Complaints(logging.Handler):
    """Collects what the libraries warn of."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.texts = []

    def emit(self, record):
        self.texts.append(record.getMessage())


def read(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def sentence_transformers(folder, queries, documents):
    from sentence_transformers import MultiVectorEncoder

    model = MultiVectorEncoder(folder, device="cpu")
    encoded = model.encode_query(queries), model.encode_document(documents)
    return model, encoded, model.similarity(*encoded).numpy()


def pylate(folder, queries, documents):
    from pylate import models, scores

    model = models.ColBERT(folder, device="cpu")
    encoded = (
        model.encode(queries, is_query=True, prompt_name="query"),
        model.encode(documents, is_query=False, prompt_name="document"),
    )
    # One pair at a time, as padding takes part in PyLate's scores of several.
    pairs = [[float(scores.colbert_scores(q[None], d[None])[0, 0]) for d in encoded[1]] for q in encoded[0]]
    return model, encoded, numpy.array(pairs)


def difference(ours, theirs):
    """The largest difference of embeddings, infinite where the numbers of tokens differ."""
    worst = 0.0
    for i, rows in enumerate(theirs):
        rows, own = numpy.asarray(rows), ours[str(i)]
        if rows.shape != own.shape:
            return float("inf")
        worst = max(worst, float(abs(rows - own).max()))
    return worst


def check(library, case, complaints):
    case, complaints.texts = pathlib.Path(case), []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        load = {"sentence-transformers": sentence_transformers, "pylate": pylate}[library]
        model, encoded, scores = load(str(case / "model"), read(case / "queries.jsonl"), read(case / "documents.jsonl"))
    problems = [text for text in complaints.texts + [str(warning.message) for warning in caught] if ABOUT_TEXTS not in text]
    embeddings = max(
        difference(load_file(case / f"{role}.safetensors"), theirs) for role, theirs in zip(("queries", "documents"), encoded)
    )
    if embeddings > EMBEDDINGS:
        problems.append(f"embeddings differ by {embeddings:.2g}")
    variant = json.loads((case / "model" / "jobtagger.json").read_text())["similarity"]
    compared = f"scores are not compared: {library} has no {variant}"
    if variant == "mask-min" or variant == "mean" and library == "sentence-transformers":
        off = float(abs(scores - numpy.array(json.loads((case / "scores.json").read_text())["scores"])).max())
        compared = f"scores within {off:.1g}"
        if off > SCORES:
            problems.append(f"scores differ by {off:.2g}")
    model.save_pretrained(str(case / "saved"))
    print(f"{case.name}: embeddings within {embeddings:.1g}, {compared}", *[f"\n    FAIL: {p}" for p in problems], sep="", flush=True)
    return not problems


def main():
    complaints = Complaints()
    library, cases = sys.argv[1], sys.argv[2:]
    __import__(library.replace("-", "_"))
    for name in (None, "transformers", "sentence_transformers", "pylate"):
        logging.getLogger(name).addHandler(complaints)
    if not all([check(library, case, complaints) for case in cases]):
        sys.exit(1)


main()
