/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.m3lex.SparseVector;
import io.m3lex.codec.BlockMaxCodec;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FilterDirectoryReader;
import org.apache.lucene.index.FilterLeafReader;
import org.apache.lucene.index.ImpactsEnum;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.SlowImpactsEnum;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.junit.jupiter.api.Test;

/** Readers that wrap segments, as engines do to end searches in time or to hide documents. */
class WrappedReaderTest {

  private static final String FIELD = "sparse";
  private static final int DOCUMENTS = 5_000;
  private static final SparseQuery QUERY =
      new SparseQuery(FIELD, SparseVector.of(Map.of("all", 1f)));

  @Test
  void boundsAreUsedBehindAWrapperThatChangesNothing() throws IOException {
    try (Directory directory = index();
        DirectoryReader plain = DirectoryReader.open(directory);
        DirectoryReader wrapped = new Wrapped(plain, false)) {
      IndexSearcher searcher = new IndexSearcher(wrapped);
      assertNotNull(terms(searcher), "the bounds are there");
      List<Integer> best = List.of(DOCUMENTS - 1, DOCUMENTS - 2, DOCUMENTS - 3);
      assertEquals(best, best(searcher));
      assertEquals(best, best(new SparseSearcher(wrapped)));
    }
  }

  @Test
  void whatAWrapperHidesIsNotFound() throws IOException {
    try (Directory directory = index();
        DirectoryReader plain = DirectoryReader.open(directory);
        DirectoryReader wrapped = new Wrapped(plain, true)) {
      IndexSearcher searcher = new IndexSearcher(wrapped);
      assertNull(terms(searcher), "the bounds are those of other documents as well");
      List<Integer> best = List.of(DOCUMENTS / 2 - 1, DOCUMENTS / 2 - 2, DOCUMENTS / 2 - 3);
      assertEquals(best, best(searcher));
      assertEquals(best, best(new SparseSearcher(wrapped)));
    }
  }

  private static BlockMaxTerms terms(IndexSearcher searcher) throws IOException {
    return new SparseWeight(QUERY, searcher, ScoreMode.TOP_SCORES, 1)
        .terms(searcher.getIndexReader().leaves().getFirst());
  }

  private static List<Integer> best(IndexSearcher searcher) throws IOException {
    return Arrays.stream(searcher.search(QUERY, 3).scoreDocs).map(hit -> hit.doc).toList();
  }

  /** The greater the number of a document, the greater its weight. */
  private static Directory index() throws IOException {
    Directory directory = new ByteBuffersDirectory();
    IndexWriterConfig config = new IndexWriterConfig().setCodec(new BlockMaxCodec(FIELD));
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      for (int i = 0; i < DOCUMENTS; i++) {
        Document document = new Document();
        // A FeatureField keeps about two decimal digits.
        document.add(new FeatureField(FIELD, "all", (float) Math.pow(1.005, i / 1.2 - 2_000)));
        writer.addDocument(document);
      }
      writer.forceMerge(1);
    }
    return directory;
  }

  private static final class Wrapped extends FilterDirectoryReader {
    private final boolean hiding;

    Wrapped(DirectoryReader in, boolean hiding) throws IOException {
      super(
          in,
          new SubReaderWrapper() {
            @Override
            public LeafReader wrap(LeafReader reader) {
              return new WrappedSegment(reader, hiding);
            }
          });
      this.hiding = hiding;
    }

    @Override
    protected DirectoryReader doWrapDirectoryReader(DirectoryReader in) throws IOException {
      return new Wrapped(in, hiding);
    }

    @Override
    public CacheHelper getReaderCacheHelper() {
      return in.getReaderCacheHelper();
    }
  }

  /** Wraps everything down to the postings, and can hide the second half of the documents. */
  private static final class WrappedSegment extends FilterLeafReader {
    private final boolean hiding;

    WrappedSegment(LeafReader in, boolean hiding) {
      super(in);
      this.hiding = hiding;
    }

    @Override
    public CacheHelper getCoreCacheHelper() {
      return hiding ? null : in.getCoreCacheHelper();
    }

    @Override
    public CacheHelper getReaderCacheHelper() {
      return hiding ? null : in.getReaderCacheHelper();
    }

    @Override
    public Terms terms(String field) throws IOException {
      Terms terms = super.terms(field);
      if (terms == null) {
        return null;
      }
      return new FilterTerms(terms) {
        @Override
        public TermsEnum iterator() throws IOException {
          return new FilterTermsEnum(in.iterator()) {
            @Override
            public ImpactsEnum impacts(int flags) throws IOException {
              return new SlowImpactsEnum(postings(null, flags));
            }

            @Override
            public PostingsEnum postings(PostingsEnum reuse, int flags) throws IOException {
              return new FilterPostingsEnum(in.postings(null, flags)) {
                @Override
                public int nextDoc() throws IOException {
                  return shown(in.nextDoc());
                }

                @Override
                public int advance(int target) throws IOException {
                  return shown(in.advance(target));
                }

                private int shown(int document) throws IOException {
                  return hiding && document >= DOCUMENTS / 2 && document != NO_MORE_DOCS
                      ? in.advance(NO_MORE_DOCS)
                      : document;
                }
              };
            }
          };
        }
      };
    }
  }
}
