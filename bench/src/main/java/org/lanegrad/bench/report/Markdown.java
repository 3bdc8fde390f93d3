package org.lanegrad.bench.report;

import java.util.List;

/** The report as Markdown. */
final class Markdown {
  private Markdown() {}

  static String of(Report report, List<Table> tables, List<String> plots) {
    StringBuilder text = new StringBuilder("# Lanegrad: what was measured\n\n");
    text.append(report.passes() ? "Every check passed." : "**Some checks FAILED.**").append("\n\n");
    text.append(
        "- CPU: %s, %d cores%n".formatted(report.machine().cpu(), report.machine().cores()));
    text.append("- JDK: %s%n".formatted(report.machine().jdk()));
    text.append("- flags: %s%n".formatted(String.join(" ", report.machine().flags())));
    text.append("- commit: %s%n".formatted(report.machine().commit()));
    text.append("- lanes: %s%n".formatted(report.machine().lanes()));
    for (Table table : tables) {
      text.append("\n## %s%n%n%s%n%n".formatted(table.title(), table.explanation()));
      row(text, table.columns());
      row(text, table.columns().stream().map(c -> "---").toList());
      table.rows().forEach(cells -> row(text, cells));
    }
    for (String plot : plots) {
      text.append("\n![%s](%s)%n".formatted(plot, plot));
    }
    return text.toString();
  }

  private static void row(StringBuilder text, List<String> cells) {
    text.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }
}
