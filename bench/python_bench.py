"""The work of `jobtagger bench` in Python; prints JSON as that does.

    pip install -r bench/requirements.txt
    python3 bench/python_bench.py LIBRARY MODEL [ADS [ROUNDS]]     # as: jobtagger bench --json --model MODEL --ads ADS --rounds ROUNDS

LIBRARY is torch (with this project's padding), sentence-transformers, openvino or openvino-int8, which are sentence-transformers' forms, or,
in an environment of its own (requirements-neural-cherche.txt), neural-cherche or neural-cherche-longest, which differ in padding.
(sentence-transformers' ONNX form cannot be installed: optimum-onnx 0.1.0 wants transformers 4, sentence-transformers 6 wants 5.)
MODEL is a folder with a BERT encoder that `jobtagger model convert --to sentence-transformers` wrote.
LIBRARY cold tags one ad with sentence-transformers, for a measurement of the whole process.

Tokens are those of the texts, padding not counted, whatever a library makes of them. A training step is the forward and backward pass of the
first 5 triples, whose gradients are added to those of the rounds before, without an update; a description that occurs twice counts once:

    torch                   as this project: neural-cherche's loss, each description encoded once, no dropout, padded to a multiple of 16
    neural-cherche          its loss, positive and negative descriptions encoded apart, no dropout, padded to the model's query length and 64
    neural-cherche-longest  the same with padding="longest", which it also allows
    sentence-transformers   its in-batch loss, each query against all ten descriptions, encoded apart, with dropout, padded to the longest

neural-cherche also computes the language model's logits of every token, in encoding as in training, and its head is random, of the model's width.
"""

import json
import os
import resource
import statistics
import sys
import time
from pathlib import Path

import torch

BATCH, BATCH_TOKENS, STEP = 5, 4096, 16
COLUMNS = {"query": "query", "positive": "document", "negative": "document"}  # a triple's texts and their roles
DATA = Path(__file__).parent.parent / "data" / "synthetic"


class Measurements:
    def __init__(self, backend, rounds):
        self.rounds, self.report = rounds, {"backend": backend, "stages": []}

    def add(self, name, items, unit, do):
        seconds = []
        for _ in range(self.rounds + 1):
            start = time.perf_counter()
            result = do()
            seconds.append(time.perf_counter() - start)
        self.report["stages"].append(
            {"name": name, "first_seconds": seconds[0], "median_seconds": statistics.median(seconds[1:]), "items": items, "unit": unit}
        )
        print(f"{self.report['backend']}: {name}", file=sys.stderr)
        return result

    def print(self):
        self.report["peak_memory_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(json.dumps({"reports": [self.report]}))


def text_lengths(folder):
    settings = json.loads(Path(folder, "sentence_bert_config.json").read_text())
    return settings["query_length"], settings["document_length"]


def tokens_of(tokenizer, folder, triples):
    """Tokens of the triples' texts, those that occur twice counted once."""
    query_length, document_length = text_lengths(folder)
    texts = [({t["query"] for t in triples}, query_length), ({t[k] for t in triples for k in ("positive", "negative")}, document_length)]
    return sum(len(ids) for of, length in texts for ids in tokenizer(list(of), truncation=True, max_length=length)["input_ids"])


def max_sim(query, document):
    return (query @ document.T).max(1).values.sum()


class Encoder(torch.nn.Module):
    """Encoder and head, and batches as the project makes them: sorted by length, padded to a multiple of 16."""

    def __init__(self, folder):
        super().__init__()
        from safetensors.torch import load_file
        from transformers import AutoModel, AutoTokenizer

        self.query_length, self.document_length = text_lengths(folder)
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.encoder = AutoModel.from_pretrained(folder, add_pooling_layer=False)
        self.head = torch.nn.Identity()
        dense = Path(folder, "1_Dense", "model.safetensors")
        if dense.exists():
            weight = load_file(dense)["linear.weight"]
            self.head = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=False)
            self.head.weight = torch.nn.Parameter(weight)

    def ids(self, texts, length):
        return self.tokenizer(texts, truncation=True, max_length=length)["input_ids"]

    def embed(self, rows):
        longest = -(-max(map(len, rows)) // STEP) * STEP
        ids, mask = torch.zeros(len(rows), longest, dtype=torch.long), torch.zeros(len(rows), longest, dtype=torch.long)
        for i, row in enumerate(rows):
            ids[i, : len(row)], mask[i, : len(row)] = torch.tensor(row), 1
        x = self.head(self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state)
        x = torch.nn.functional.normalize(x, dim=-1)
        return [x[i, : len(row)] for i, row in enumerate(rows)]

    @torch.inference_mode()
    def encode(self, texts, length):
        rows = self.ids(texts, length)
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
        documents = dict(zip(texts, self.embed(self.ids(texts, self.document_length))))
        queries = self.embed(self.ids([t["query"] for t in triples], self.query_length))
        logits = [torch.stack([max_sim(q, documents[t[k]]) for k in ("positive", "negative")]) for q, t in zip(queries, triples)]
        return -torch.stack(logits).log_softmax(1)[:, 0].mean()


def bench_torch(folder, triples, labels, rounds):
    measured = Measurements(f"PyTorch {torch.__version__.split('+')[0]}", rounds)
    model = measured.add("load", 1, "models", lambda: Encoder(folder).eval())
    ads = [t["query"] for t in triples]
    rows = measured.add("tokenise", len(ads), "ads", lambda: model.ids(ads, model.query_length))
    queries = measured.add("encode", sum(map(len, rows)), "tokens", lambda: model.encode(ads, model.query_length))
    documents = model.encode(labels, model.document_length)
    score = torch.inference_mode()(lambda queries: [[float(max_sim(q, d)) for d in documents] for q in queries])
    measured.add("MaxSim", len(ads) * len(labels), "pairs", lambda: score(queries))
    measured.add("tag whole ads", len(ads), "ads", lambda: score(model.encode(ads, model.query_length)))
    batch = triples[:BATCH]
    measured.add("train step", tokens_of(model.tokenizer, folder, batch), "tokens", lambda: model.loss(batch).backward())
    measured.print()


def quantised(folder, ads):
    """Adds to the folder an int8 form of its OpenVINO form, calibrated with the ads, as sentence-transformers' own function does with a data set of the Hub."""
    import nncf
    import openvino
    from transformers import AutoTokenizer

    name = "openvino_model_qint8_quantized.xml"
    if not Path(folder, "openvino", name).exists():
        tokenizer = AutoTokenizer.from_pretrained(folder)
        model = openvino.Core().read_model(Path(folder, "openvino", "openvino_model.xml"))
        wanted = [i.get_any_name() for i in model.inputs]
        inputs = [dict(tokenizer(ad, truncation=True, max_length=512, return_tensors="np", return_token_type_ids=True)) for ad in ads]
        calibration = nncf.Dataset(inputs, lambda values: {k: values[k] for k in wanted})
        openvino.save_model(nncf.quantize(model, calibration, model_type=nncf.ModelType.TRANSFORMER), Path(folder, "openvino", name))
    return {"file_name": f"openvino/{name}"}


def bench_sentence_transformers(library, folder, triples, labels, rounds):
    from sentence_transformers import MultiVectorEncoder, __version__

    ads = [t["query"] for t in triples]
    options = {"device": "cpu"}
    if library != "sentence-transformers":
        options["backend"] = "openvino"
        if not Path(folder, "openvino").exists():
            MultiVectorEncoder(folder, **options).save_pretrained(folder)
        options["model_kwargs"] = quantised(folder, ads) if library == "openvino-int8" else {"file_name": "openvino/openvino_model.xml"}
    name = {"openvino": ", OpenVINO", "openvino-int8": ", OpenVINO int8"}.get(library, "")
    measured = Measurements(f"sentence-transformers {__version__}{name}", rounds)
    model = measured.add("load", 1, "models", lambda: MultiVectorEncoder(folder, **options))
    encode = lambda: model.encode_query(ads, show_progress_bar=False)
    tokens = sum(map(len, encode()))
    measured.add("encode", tokens, "tokens", encode)
    documents = model.encode_document(labels, show_progress_bar=False)
    measured.add("tag whole ads", len(ads), "ads", lambda: model.similarity(encode(), documents))
    if library == "sentence-transformers":
        train_sentence_transformers(measured, model, folder, triples[:BATCH])
    measured.print()


def train_sentence_transformers(measured, model, folder, triples):
    """What its trainer does with a batch: data_collator.py, then the loss."""
    from sentence_transformers.multi_vector_encoder.losses import MultiVectorMultipleNegativesRankingLoss

    loss = MultiVectorMultipleNegativesRankingLoss(model.train())
    columns = lambda: [{**model.preprocess([t[column] for t in triples], task=task), "task": task} for column, task in COLUMNS.items()]
    measured.add("train step", tokens_of(model.tokenizer, folder, triples), "tokens", lambda: loss(columns()).backward())


def width(folder):
    """Values of a token embedding."""
    dense = Path(folder, "1_Dense", "config.json")
    return json.loads(dense.read_text())["out_features"] if dense.exists() else json.loads(Path(folder, "config.json").read_text())["hidden_size"]


def bench_neural_cherche(library, folder, triples, labels, rounds):
    from importlib.metadata import version

    from neural_cherche import models, rank, train

    query_length, _ = text_lengths(folder)
    settings = {"max_length_query": query_length, "max_length_document": 64, "query_prefix": "", "document_prefix": "", "device": "cpu"}
    settings["embedding_size"] = width(folder)
    name = ""
    if library == "neural-cherche-longest":
        settings["padding"], name = "longest", ", padded to the longest"
    measured = Measurements(f"neural-cherche {version('neural-cherche')}{name}", rounds)
    model = measured.add("load", 1, "models", lambda: models.ColBERT(folder, **settings))
    ads = [t["query"] for t in triples]
    ranker = rank.ColBERT(key="id", on="text", model=model)
    documents = [{"id": i, "text": label} for i, label in enumerate(labels)]
    document_embeddings = ranker.encode_documents(documents, tqdm_bar=False)
    encode = lambda: ranker.encode_queries(ads, tqdm_bar=False)
    score = lambda queries: ranker([documents] * len(ads), queries, document_embeddings, tqdm_bar=False)
    tokens = sum(map(len, model.tokenizer(ads, truncation=True, max_length=query_length)["input_ids"]))
    queries = measured.add("encode", tokens, "tokens", encode)
    measured.add("MaxSim", len(ads) * len(labels), "pairs", lambda: score(queries))
    measured.add("tag whole ads", len(ads), "ads", lambda: score(encode()))
    batch = triples[:BATCH]
    columns = [[t[column] for t in batch] for column in COLUMNS]
    step = lambda: train.train_colbert(model, None, *columns, step=0)  # of 50 before an update, so that no optimizer is needed
    measured.add("train step", tokens_of(model.tokenizer, folder, batch), "tokens", step)
    measured.print()


def cold(folder, ad, labels):
    from sentence_transformers import MultiVectorEncoder

    model = MultiVectorEncoder(folder, device="cpu")
    print(int(model.similarity(model.encode_query([ad]), model.encode_document(labels)).argmax()))


def main(library, folder, ads="20", rounds="5"):
    torch.set_num_threads(os.cpu_count())
    triples = json.loads((DATA / "job_tagger_training_test.json").read_text())[: int(ads)]
    labels = [label["description"] for label in json.loads((DATA / "labels.json").read_text())]
    if library == "cold":
        cold(folder, triples[0]["query"], labels)
    elif library == "torch":
        bench_torch(folder, triples, labels, int(rounds))
    elif library.startswith("neural-cherche"):
        bench_neural_cherche(library, folder, triples, labels, int(rounds))
    else:
        bench_sentence_transformers(library, folder, triples, labels, int(rounds))


if __name__ == "__main__":
    main(*sys.argv[1:])
