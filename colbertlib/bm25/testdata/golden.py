"""Writes golden.json: what neural-cherche 1.4.3 with LeNLP 1.3.0 (scipy 1.17.1, numpy 2.4.6) answers to made-up texts.

pip install neural-cherche==1.4.3 lenlp==1.3.0 && python golden.py > golden.json
"""
import hashlib
import json
import sys

from lenlp import normalizer
from neural_cherche import retrieve

SHARED = " You report to the head of office, follow the rules of the house and travel to the field when asked."
DUTIES = [
    "Pay the staff, keep the books and close the accounts each month.",
    "Write press notes, lead the campaign and answer reporters.",
    "Find donors, write proposals and keep them informed.",
    "Recruit staff, plan training and settle complaints.",
    "Run the servers, help users and keep the network up.",
    "Draw maps, clean data and keep the tables of who does what where.",
    "Buy goods, run the stores and send trucks to the camps.",
    "Measure results, ask households and lead the review.",
    "Plan the project, follow its budget and meet partners.",
]
DOCUMENTS = {
    "different": DUTIES,
    "sharing a sentence": [duty + SHARED for duty in DUTIES],
    "empty ones and doubles": ["", "ab", "Food", "Sports", "food!", "Cinéma – Œuvre", "sports\nsports"],
}
QUERIES = [
    "Accountant (Goma): pay the staff, keep the books, close the accounts.",
    "TRUCK DRIVER -- sends trucks to the camps!",
    "Chargé·e de suivi et d’évaluation : mesure des résultats, enquête auprès des ménages",
    "Oficial de logística: compras, almacén y camiones para los campamentos",
    "Координатор проекта, план и бюджет",
    "You report to the head of office, follow the rules of the house and travel to the field when asked.",
    "You report to the head of office and recruit staff; travel to the field when asked. Salary: 3 000 € a month™",
    "food and sports, cinema too",
    "sports",
    "xyzzy",
    "ab",
    "",
]


def search(documents):
    bm25 = retrieve.BM25(key="id", on=["text"])
    bm25.add(bm25.encode_documents([{"id": i, "text": text} for i, text in enumerate(documents)]))
    results = []
    for query in QUERIES:
        embedding = bm25.encode_queries([query])
        found = []
        if embedding[query].nnz > 0:  # neural-cherche fails on a query without any known n-gram
            found = bm25(embedding, k=100, tqdm_bar=False)[0]
        results.append([[hit["id"], float(hit["similarity"])] for hit in found])
    return results


def normalized():
    """The SHA-256 over LeNLP's reading of every character, one a line, between two x."""
    digest = hashlib.sha256()
    for code in range(sys.maxunicode + 1):
        if not 0xD800 <= code <= 0xDFFF:
            digest.update(normalizer.normalize(f"x{chr(code)}x").encode() + b"\n")
    return digest.hexdigest()


json.dump(
    {
        "queries": QUERIES,
        "sets": {name: {"documents": docs, "results": search(docs)} for name, docs in DOCUMENTS.items()},
        "normalized_sha256": normalized(),
    },
    sys.stdout,
    ensure_ascii=False,
    indent=1,
)
