// Lucene, as one would use it without orewire: EnglishAnalyzer and SmartChineseAnalyzer, offsets in the postings for the
// UnifiedHighlighter, publisher and month as SortedSet facets. `run` beside this file compiles and calls it:
//   Lucene index INDEX FILE...   |   Lucene query INDEX QUERIES ROUNDS   |   Lucene search INDEX QUERY

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.cn.smart.SmartChineseAnalyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.miscellaneous.PerFieldAnalyzerWrapper;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.StringField;
import org.apache.lucene.facet.FacetsCollector;
import org.apache.lucene.facet.FacetsConfig;
import org.apache.lucene.facet.sortedset.DefaultSortedSetDocValuesReaderState;
import org.apache.lucene.facet.sortedset.SortedSetDocValuesFacetCounts;
import org.apache.lucene.facet.sortedset.SortedSetDocValuesFacetField;
import org.apache.lucene.facet.sortedset.SortedSetDocValuesReaderState;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.queryparser.classic.MultiFieldQueryParser;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MultiCollector;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopScoreDocCollector;
import org.apache.lucene.search.uhighlight.UnifiedHighlighter;
import org.apache.lucene.store.FSDirectory;

public final class Lucene {
    static final int HITS = 10;
    static final int THREADS = 2;
    static final double MEMORY_MB = 384;
    static final String[] FACETS = {"source", "month"};
    static final String END = "";

    static Analyzer analyzer() {
        Map<String, Analyzer> fields = new HashMap<>();
        Analyzer chinese = new SmartChineseAnalyzer();
        fields.put("title_zh", chinese);
        fields.put("body_zh", chinese);
        return new PerFieldAnalyzerWrapper(new EnglishAnalyzer(), fields);
    }

    static boolean isChinese(String text) {
        int han = 0, all = 0;
        for (int at = 0; at < text.length() && all < 200; at++) {
            char c = text.charAt(at);
            if (!Character.isLetter(c)) continue;
            all++;
            if (c >= '\u3400' && c <= '\u9fff') han++;
        }
        return han * 4 > all;
    }

    static void index(Path folder, String[] files) throws Exception {
        FieldType text = new FieldType();
        text.setStored(true);
        text.setTokenized(true);
        text.setIndexOptions(IndexOptions.DOCS_AND_FREQS_AND_POSITIONS_AND_OFFSETS);
        text.freeze();
        FacetsConfig facets = new FacetsConfig();
        IndexWriterConfig config = new IndexWriterConfig(analyzer());
        config.setRAMBufferSizeMB(MEMORY_MB);
        ArrayBlockingQueue<String> lines = new ArrayBlockingQueue<>(1_000);
        AtomicReference<Exception> failed = new AtomicReference<>();
        try (FSDirectory directory = FSDirectory.open(folder); IndexWriter writer = new IndexWriter(directory, config)) {
            List<Thread> threads = new ArrayList<>();
            for (int n = 0; n < THREADS; n++) {
                Thread thread = new Thread(() -> {
                    try {
                        for (String line = lines.take(); line != END; line = lines.take()) {
                            Map<String, String> article = strings(line);
                            String body = article.getOrDefault("body", "");
                            String language = isChinese(body) ? "zh" : "en";
                            Document document = new Document();
                            document.add(new StringField("id", article.get("id"), Field.Store.YES));
                            document.add(new Field("title_" + language, article.getOrDefault("title", ""), text));
                            document.add(new Field("body_" + language, body, text));
                            String source = article.getOrDefault("source", "");
                            String date = article.getOrDefault("date", "");
                            if (!source.isEmpty()) document.add(new SortedSetDocValuesFacetField("source", source));
                            if (date.length() >= 7)
                                document.add(new SortedSetDocValuesFacetField("month", date.substring(0, 7)));
                            writer.addDocument(facets.build(document));
                        }
                    } catch (Exception e) {
                        failed.compareAndSet(null, e);
                    }
                });
                thread.start();
                threads.add(thread);
            }
            long articles = 0;
            for (String file : files) {
                try (BufferedReader reader = Files.newBufferedReader(Path.of(file), StandardCharsets.UTF_8)) {
                    for (String line = reader.readLine(); line != null; line = reader.readLine(), articles++) {
                        lines.put(line);
                        if (failed.get() != null) throw failed.get();
                    }
                }
            }
            for (int n = 0; n < THREADS; n++) lines.put(END);
            for (Thread thread : threads) thread.join();
            if (failed.get() != null) throw failed.get();
            writer.commit();
            System.out.println(articles + " articles");
        }
    }

    /** The members of a JSON object that are strings. The corpora have nested arrays of strings beside them. */
    static Map<String, String> strings(String json) {
        Map<String, String> out = new HashMap<>();
        int[] at = {1};
        String key = null;
        int depth = 0;
        while (at[0] < json.length()) {
            char c = json.charAt(at[0]);
            if (c == '[' || c == '{') depth++;
            else if (c == ']' || c == '}') depth--;
            else if (c == ',' && depth == 0) key = null;
            else if (c == '"') {
                String text = string(json, at);
                if (depth > 0) continue;
                if (key == null) key = text;
                else out.put(key, text);
                continue;
            }
            at[0]++;
        }
        return out;
    }

    static String string(String json, int[] at) {
        StringBuilder out = new StringBuilder();
        int from = ++at[0];
        while (true) {
            char c = json.charAt(at[0]);
            if (c != '"' && c != '\\') {
                at[0]++;
                continue;
            }
            out.append(json, from, at[0]++);
            if (c == '"') return out.toString();
            char escaped = json.charAt(at[0]++);
            switch (escaped) {
                case 'n': out.append('\n'); break;
                case 't': out.append('\t'); break;
                case 'r': out.append('\r'); break;
                case 'b': out.append('\b'); break;
                case 'f': out.append('\f'); break;
                case 'u':
                    out.append((char) Integer.parseInt(json.substring(at[0], at[0] + 4), 16));
                    at[0] += 4;
                    break;
                default: out.append(escaped);
            }
            from = at[0];
        }
    }

    final DirectoryReader reader;
    final IndexSearcher searcher;
    final Analyzer analyzer = analyzer();
    final SortedSetDocValuesReaderState state;
    int total, hits, facetValues, marked;

    Lucene(Path folder) throws IOException {
        reader = DirectoryReader.open(FSDirectory.open(folder));
        searcher = new IndexSearcher(reader);
        state = new DefaultSortedSetDocValuesReaderState(reader);
    }

    void answer(String text, String mode, boolean show) throws Exception {
        total = hits = facetValues = marked = 0;
        String language = isChinese(text) ? "zh" : "en";
        String title = "title_" + language, body = "body_" + language;
        MultiFieldQueryParser parser = new MultiFieldQueryParser(new String[] {title, body}, analyzer);
        parser.setSplitOnWhitespace(true);
        parser.setAutoGeneratePhraseQueries(true);
        Query query = parser.parse(text);
        boolean counted = !mode.equals("top");
        TopScoreDocCollector best = TopScoreDocCollector.create(HITS, counted ? Integer.MAX_VALUE : HITS);
        if (mode.equals("facets") || mode.equals("all")) {
            FacetsCollector collected = new FacetsCollector();
            searcher.search(query, MultiCollector.wrap(best, collected));
            SortedSetDocValuesFacetCounts counts = new SortedSetDocValuesFacetCounts(state, collected);
            for (String facet : FACETS) {
                var values = counts.getTopChildren(HITS, facet);
                facetValues += values == null ? 0 : values.labelValues.length;
            }
        } else {
            searcher.search(query, best);
        }
        TopDocs top = best.topDocs();
        total = counted ? (int) top.totalHits.value : 0;
        String[] snippets = null;
        if (mode.equals("snippets") || mode.equals("all")) {
            UnifiedHighlighter highlighter = new UnifiedHighlighter(searcher, analyzer);
            snippets = highlighter.highlight(body, query, top, 2);
        }
        for (int at = 0; at < top.scoreDocs.length; at++) {
            ScoreDoc hit = top.scoreDocs[at];
            Document document = searcher.doc(hit.doc);
            hits++;
            if (snippets != null && snippets[at] != null && snippets[at].contains("<b>")) marked++;
            if (show) {
                System.out.println(document.get("id") + "  " + document.get(title));
                System.out.println("    " + (snippets == null ? "" : snippets[at]));
            }
        }
    }

    static String written(String kind, String words) {
        if (kind.equals("phrase")) return '"' + words + '"';
        StringBuilder out = new StringBuilder();
        for (String word : words.split("\\|")) out.append(kind.equals("and") ? "+" : "").append(word).append(' ');
        return out.toString().trim();
    }

    void query(Path queries, int rounds) throws Exception {
        List<String> list = Files.readAllLines(queries);
        // The compiler of the JVM needs thousands of calls before it has done its work.
        for (int warm = 0; warm < 20; warm++) {
            for (String line : list) {
                String[] parts = line.split("\t");
                for (String mode : new String[] {"top", "all"}) answer(written(parts[0], parts[2]), mode, false);
            }
        }
        for (String line : list) {
            String[] parts = line.split("\t");
            String text = written(parts[0], parts[2]);
            for (String mode : new String[] {"top", "hits", "facets", "snippets", "all"}) {
                StringBuilder times = new StringBuilder();
                answer(text, mode, false);
                for (int round = 0; round < rounds; round++) {
                    long started = System.nanoTime();
                    answer(text, mode, false);
                    times.append(round == 0 ? "" : ",").append((System.nanoTime() - started) / 1e3);
                }
                System.out.printf(
                    "{\"class\":\"%s\",\"lang\":\"%s\",\"query\":\"%s\",\"mode\":\"%s\",\"us\":[%s],\"total\":%d,"
                        + "\"hits\":%d,\"facet_values\":%d,\"marked\":%d}%n",
                    parts[0], parts[1], text.replace("\"", "\\\""), mode, times, total, hits, facetValues, marked);
            }
        }
    }

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[1]);
        switch (args[0]) {
            case "index":
                index(folder, java.util.Arrays.copyOfRange(args, 2, args.length));
                break;
            case "query":
                new Lucene(folder).query(Path.of(args[2]), Integer.parseInt(args[3]));
                break;
            default:
                Lucene lucene = new Lucene(folder);
                lucene.answer(args[2], "all", true);
                System.out.println(lucene.total + " articles, " + lucene.facetValues + " facet values");
        }
    }
}
