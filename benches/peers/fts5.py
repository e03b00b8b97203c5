"""SQLite FTS5, as one would use it without orewire. `run` beside this file calls it:

    fts5.py index DB FILE...  |  fts5.py query DB QUERIES ROUNDS  |  fts5.py sql QUERY

English is stemmed by the porter tokenizer. FTS5 can't cut Chinese, and its trigrams don't find words of two characters, so
Han characters are indexed one by one, spaced out, and a Chinese word is a phrase of them. The text to show is kept beside.
"""

import json
import os
import re
import sqlite3
import sys
import time

HAN = re.compile("([\u3400-\u9fff])")
COLUMNS = "a.id, a.title"
MATCHING = "FROM fts JOIN articles a ON a.rowid = fts.rowid WHERE fts MATCH ?"
SNIPPET = "snippet(fts, 1, '<b>', '</b>', '…', 32)"


def spaced(text):
    return HAN.sub(r" \1 ", text)


def index(path, files):
    db = sqlite3.connect(path)
    db.executescript(
        """
        PRAGMA journal_mode = OFF;
        PRAGMA synchronous = OFF;
        PRAGMA cache_size = -384000;
        CREATE TABLE articles(id TEXT, title TEXT, body TEXT, source TEXT, month TEXT);
        CREATE VIRTUAL TABLE fts USING fts5(title, body, tokenize = 'porter unicode61');
        """
    )
    articles = 0
    prepared = 0.0
    started = time.process_time()
    for name in files:
        for line in open(name, encoding="utf-8"):
            begun = time.process_time()
            article = json.loads(line)
            title, body = article.get("title", ""), article["body"]
            two = spaced(title), spaced(body)
            month = (article.get("date") or "")[:7] or None
            prepared += time.process_time() - begun
            articles += 1
            row = (articles, article["id"], title, body, article.get("source"), month)
            db.execute("INSERT INTO articles(rowid, id, title, body, source, month) VALUES (?,?,?,?,?,?)", row)
            db.execute("INSERT INTO fts(rowid, title, body) VALUES (?,?,?)", (articles, *two))
    db.execute("INSERT INTO fts(fts) VALUES ('optimize')")
    db.commit()
    db.close()
    # What Python took to parse the lines and to space them out is told apart: SQLite has no part in it.
    print(json.dumps({"articles": articles, "prepared_s": prepared, "cpu_s": time.process_time() - started}))


def written(kind, words):
    each = ['"' + " ".join(spaced(word).split()) + '"' for word in words.split("|")]
    return (" OR " if kind == "or" else " AND ").join(each)


def answer(db, text, mode):
    """Counts of hits, of all that match, of facet values and of marked snippets."""
    with_snippet = mode in ("snippets", "all")
    columns = f"{COLUMNS}, {SNIPPET}" if with_snippet else COLUMNS
    rows = db.execute(f"SELECT {columns} {MATCHING} ORDER BY rank LIMIT 10", (text,)).fetchall()
    total = values = 0
    if mode != "top":
        total = db.execute("SELECT count(*) FROM fts WHERE fts MATCH ?", (text,)).fetchone()[0]
    if mode in ("facets", "all"):
        for facet in ("source", "month"):
            counted = f"SELECT {facet}, count(*) n {MATCHING} GROUP BY {facet} ORDER BY n DESC LIMIT 10"
            values += len(db.execute(counted, (text,)).fetchall())
    marked = sum("<b>" in row[2] for row in rows) if with_snippet else 0
    return len(rows), total, values, marked


def query(path, queries, rounds):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    db.execute("PRAGMA cache_size = -384000")
    db.execute("PRAGMA mmap_size = 8000000000")
    for line in open(queries, encoding="utf-8"):
        kind, lang, words = line.rstrip("\n").split("\t")
        text = written(kind, words)
        for mode in ("top", "hits", "facets", "snippets", "all"):
            hits, total, values, marked = answer(db, text, mode)
            times = []
            for _ in range(rounds):
                started = time.perf_counter_ns()
                answer(db, text, mode)
                times.append((time.perf_counter_ns() - started) / 1e3)
            out = {"class": kind, "lang": lang, "query": text, "mode": mode, "us": times, "total": total}
            print(json.dumps(out | {"hits": hits, "facet_values": values, "marked": marked}))


def sql(text):
    """What the sqlite3 program is asked, as a whole process: hits with snippets, the total, and facets."""
    match = "'" + written("and", text.replace(" ", "|")).replace("'", "''") + "'"
    matching = MATCHING.replace("?", match)
    facet = "SELECT {0}, count(*) n " + matching + " GROUP BY {0} ORDER BY n DESC LIMIT 10;"
    print(
        f"SELECT {COLUMNS}, {SNIPPET} {matching} ORDER BY rank LIMIT 10;",
        f"SELECT count(*) FROM fts WHERE fts MATCH {match};",
        facet.format("source"),
        facet.format("month"),
    )


if __name__ == "__main__":
    command, *args = sys.argv[1:]
    if command == "index":
        if os.path.exists(args[0]):
            os.remove(args[0])
        index(args[0], args[1:])
    elif command == "query":
        query(args[0], args[1], int(args[2]))
    else:
        sql(args[0])
