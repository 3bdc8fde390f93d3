package org.lanegrad.bench.report;

import java.util.List;

/**
 * A table of the report, whatever it is written in.
 *
 * @param title its heading
 * @param explanation what its numbers mean
 * @param columns the column headings
 * @param rows the cells
 */
record Table(String title, String explanation, List<String> columns, List<List<String>> rows) {}
