package org.lanegrad.bench.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes a report's files into one folder. */
public final class ReportFiles {
  private ReportFiles() {}

  /** Writes results.json, report.md, index.html and the plots. */
  public static void write(Report report, Path folder) throws IOException {
    Files.createDirectories(folder);
    ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    mapper.writeValue(folder.resolve("results.json").toFile(), report);
    List<String> plots = Plots.write(report, folder);
    List<Table> tables = Tables.of(report);
    Files.writeString(folder.resolve("report.md"), Markdown.of(report, tables, plots));
    Files.writeString(folder.resolve("index.html"), Html.of(report, tables, plots));
  }
}
