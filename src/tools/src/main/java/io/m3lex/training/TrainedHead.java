/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.training;

import io.m3lex.checkpoint.Tensor;
import io.m3lex.model.HeadForm;
import java.util.List;
import java.util.Map;

/**
 * What a training gives.
 *
 * @param form what the head computes
 * @param tensors its parameters
 * @param record settings, sizes and results, for the manifest; in a stable order
 */
public record TrainedHead(HeadForm form, List<Tensor> tensors, Map<String, Object> record) {}
