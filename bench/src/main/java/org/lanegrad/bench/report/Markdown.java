package org.lanegrad.bench.report;

import java.util.List;
import java.util.Locale;

/** The report as Markdown. */
final class Markdown {
  private Markdown() {}

  static String of(Report report, List<Table> tables, List<String> plots) {
    StringBuilder text = new StringBuilder("# Lanegrad: what was measured\n\n");
    text.append(report.passes() ? "Every check passed." : "**Some checks FAILED.**").append("\n\n");
    text.append(
        String.format(
            Locale.ROOT,
            "- CPU: %s, %d cores\n",
            report.machine().cpu(),
            report.machine().cores()));
    text.append(String.format(Locale.ROOT, "- JDK: %s\n", report.machine().jdk()));
    text.append(
        String.format(Locale.ROOT, "- flags: %s\n", String.join(" ", report.machine().flags())));
    text.append(String.format(Locale.ROOT, "- commit: %s\n", report.machine().commit()));
    text.append(String.format(Locale.ROOT, "- lanes: %s\n", report.machine().lanes()));
    for (Table table : tables) {
      text.append(
          String.format(Locale.ROOT, "\n## %s\n\n%s\n\n", table.title(), table.explanation()));
      row(text, table.columns());
      row(text, table.columns().stream().map(c -> "---").toList());
      table.rows().forEach(cells -> row(text, cells));
    }
    for (String plot : plots) {
      text.append(String.format(Locale.ROOT, "\n![%s](%s)\n", plot, plot));
    }
    return text.toString();
  }

  private static void row(StringBuilder text, List<String> cells) {
    text.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }
}
