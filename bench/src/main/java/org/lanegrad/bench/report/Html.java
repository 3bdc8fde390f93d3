package org.lanegrad.bench.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The report as one HTML page. */
final class Html {
  private static final String STYLE =
      """
      body { font: 15px/1.5 system-ui, sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em }
      table { border-collapse: collapse; margin: 1em 0 }
      th, td { padding: .2em .8em; border-bottom: 1px solid #ddd; text-align: left }
      tr.failed td { background: #fdd }
      img { max-width: 100% }
      """;

  private Html() {}

  static String of(Report report, List<Table> tables, List<String> plots) {
    StringBuilder page =
        new StringBuilder("<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\n");
    page.append("<title>Lanegrad: what was measured</title>\n<style>\n").append(STYLE);
    page.append("</style>\n<h1>Lanegrad: what was measured</h1>\n<p>");
    page.append(report.passes() ? "Every check passed." : "<strong>Some checks FAILED.</strong>");
    page.append("<br>").append(escape(report.machine().cpu())).append(", ");
    page.append(report.machine().cores()).append(" cores; ");
    page.append(escape(report.machine().jdk())).append("; ");
    page.append(escape(report.machine().lanes())).append("; commit ");
    page.append(escape(report.machine().commit())).append("</p>\n");
    plots.forEach(
        plot ->
            page.append(
                String.format(Locale.ROOT, "<p><img src=\"%s\" alt=\"%s\"></p>\n", plot, plot)));
    tables.forEach(table -> append(page, table));
    return page.append("</html>\n").toString();
  }

  private static void append(StringBuilder page, Table table) {
    page.append("<h2>").append(escape(table.title())).append("</h2>\n<p>");
    page.append(escape(table.explanation())).append("</p>\n<table>\n");
    page.append(cells(table.columns(), "th", "<tr>"));
    for (List<String> row : table.rows()) {
      page.append(cells(row, "td", row.contains("NO") ? "<tr class=\"failed\">" : "<tr>"));
    }
    page.append("</table>\n");
  }

  private static String cells(List<String> cells, String tag, String open) {
    return cells.stream()
        .map(cell -> String.format(Locale.ROOT, "<%s>%s</%s>", tag, escape(cell), tag))
        .collect(Collectors.joining("", open, "</tr>\n"));
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
