"""Xapian, as one would use it without orewire. `run` beside this file calls it:

    xapian_peer.py index DB FILE...  |  xapian_peer.py query DB QUERIES ROUNDS  |  xapian_peer.py search DB QUERY

English is stemmed; Chinese is cut into single characters and pairs of them, Xapian's own way (CJK n-grams).
Needs Debian's python3-xapian.
"""

import json
import shutil
import sys
import time

import xapian

SOURCE, MONTH = 0, 1
FLAGS = xapian.QueryParser.FLAG_DEFAULT | xapian.QueryParser.FLAG_CJK_NGRAM
SNIPPET_CHARS = 240


def index(path, files):
    shutil.rmtree(path, ignore_errors=True)
    db = xapian.WritableDatabase(path, xapian.DB_CREATE_OR_OVERWRITE)
    generator = xapian.TermGenerator()
    generator.set_stemmer(xapian.Stem("en"))
    generator.set_flags(xapian.TermGenerator.FLAG_CJK_NGRAM)
    articles = 0
    prepared = 0.0
    started = time.process_time()
    for name in files:
        for line in open(name, encoding="utf-8"):
            begun = time.process_time()
            article = json.loads(line)
            prepared += time.process_time() - begun
            document = xapian.Document()
            generator.set_document(document)
            generator.index_text(article.get("title", ""))
            generator.increase_termpos()
            generator.index_text(article["body"])
            if article.get("source"):
                document.add_value(SOURCE, article["source"])
            if article.get("date"):
                document.add_value(MONTH, article["date"][:7])
            stored = {"id": article["id"], "title": article.get("title", ""), "body": article["body"]}
            document.set_data(json.dumps(stored, ensure_ascii=False))
            db.add_document(document)
            articles += 1
    db.commit()
    db.close()
    print(json.dumps({"articles": articles, "prepared_s": prepared, "cpu_s": time.process_time() - started}))


def written(kind, words):
    if kind == "phrase":
        return f'"{words}"'
    return {"and": " AND ", "or": " OR "}.get(kind, " ").join(words.split("|"))


class Open:
    def __init__(self, path):
        self.db = xapian.Database(path)
        self.stemmer = xapian.Stem("en")
        self.parser = xapian.QueryParser()
        self.parser.set_stemmer(self.stemmer)
        self.parser.set_stemming_strategy(xapian.QueryParser.STEM_SOME)
        self.parser.set_database(self.db)

    def answer(self, text, mode, shown=None):
        enquire = xapian.Enquire(self.db)
        enquire.set_query(self.parser.parse_query(text, FLAGS))
        spies = []
        if mode in ("facets", "all"):
            spies = [xapian.ValueCountMatchSpy(slot) for slot in (SOURCE, MONTH)]
            for spy in spies:
                enquire.add_matchspy(spy)
        # An exact total needs all to be looked at.
        found = enquire.get_mset(0, 10, 0 if mode == "top" else self.db.get_doccount())
        values = sum(len(list(spy.top_values(10))) for spy in spies)
        hits = marked = 0
        for match in found:
            document = json.loads(match.document.get_data())
            hits += 1
            if mode in ("snippets", "all"):
                flags = xapian.MSet.SNIPPET_CJK_NGRAM | xapian.MSet.SNIPPET_BACKGROUND_MODEL
                snippet = found.snippet(document["body"], SNIPPET_CHARS, self.stemmer, flags).decode()
                marked += "<b>" in snippet
                if shown:
                    shown(document, snippet)
        total = found.get_matches_estimated() if mode != "top" else 0
        return hits, total, values, marked


def query(path, queries, rounds):
    opened = Open(path)
    for line in open(queries, encoding="utf-8"):
        kind, lang, words = line.rstrip("\n").split("\t")
        text = written(kind, words)
        for mode in ("top", "hits", "facets", "snippets", "all"):
            hits, total, values, marked = opened.answer(text, mode)
            times = []
            for _ in range(rounds):
                started = time.perf_counter_ns()
                opened.answer(text, mode)
                times.append((time.perf_counter_ns() - started) / 1e3)
            out = {"class": kind, "lang": lang, "query": text, "mode": mode, "us": times, "total": total}
            print(json.dumps(out | {"hits": hits, "facet_values": values, "marked": marked}))


def search(path, text):
    def shown(document, snippet):
        print(f"{document['id']}  {document['title']}\n    {snippet}")

    _, total, values, _ = Open(path).answer(text, "all", shown)
    print(f"{total} articles, {values} facet values")


if __name__ == "__main__":
    command, *args = sys.argv[1:]
    if command == "index":
        index(args[0], args[1:])
    elif command == "query":
        query(args[0], args[1], int(args[2]))
    else:
        search(args[0], args[1])
