/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import io.m3lex.index.IndexStatistics;
import io.m3lex.model.Fault;
import io.m3lex.model.FileOutcome;
import io.m3lex.model.VerificationReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code GET /index}: what is in the index, and the model that its weights come from. */
final class IndexEndpoint {

  private final ServedIndex served;
  private final Bm25View bm25;

  IndexEndpoint(ServedIndex served, Bm25View bm25) {
    this.served = served;
    this.bm25 = bm25;
  }

  Answer get() throws IOException {
    IndexStatistics statistics = served.index().statistics();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("name", served.name());
    answer.put("writable", served.writer() != null);
    answer.put("queries", served.encoder() == null ? "vectors" : "text");
    answer.put("documents", statistics.documents());
    answer.put("documentsWithoutFeatures", statistics.documentsWithoutFeatures());
    answer.put("features", statistics.features());
    answer.put("postings", statistics.postings());
    answer.put("bytes", statistics.bytes());
    answer.put("segments", statistics.segments());
    answer.put("bm25Documents", bm25.documents());
    answer.put("model", statistics.fingerprint().model());
    answer.put("fingerprint", statistics.fingerprint().sha256());
    answer.put("components", statistics.fingerprint().components());
    answer.put("environment", statistics.environment());
    Map<String, Object> witnesses = new LinkedHashMap<>();
    witnesses.put("texts", statistics.witnesses());
    witnesses.put("tolerance", statistics.witnessTolerance());
    witnesses.put("drift", served.index().witnessDrift());
    answer.put("witnesses", witnesses);
    if (served.report() != null) {
      answer.put("verification", asMap(served.report()));
    }
    return Answer.json(answer);
  }

  private static Map<String, Object> asMap(VerificationReport report) {
    List<Map<String, Object>> files = new ArrayList<>();
    for (FileOutcome outcome : report.files()) {
      Map<String, Object> file = new LinkedHashMap<>();
      file.put("file", outcome.file().path());
      file.put("role", outcome.file().role().name());
      file.put("bytes", outcome.bytesFound());
      file.put("sha256", outcome.sha256Found());
      file.put("tensors", outcome.tensors());
      file.put("parameters", outcome.parameters());
      file.put("passed", outcome.passed());
      files.add(file);
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("passed", report.passed());
    map.put("faults", report.faults().stream().map(Fault::message).toList());
    map.put("files", files);
    return map;
  }
}
