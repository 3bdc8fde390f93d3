package org.lanegrad.verification.gradcheck;

import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * What a gradient check found.
 *
 * @param name what was checked
 * @param inputs each input's part of it
 * @param faults what makes the gradient wrong without any comparison: NaN, a wrong length, an input
 *     that was written to, results that change from call to call
 * @param notes what was noticed and is no fault
 * @param most the share of points that may stay undecided
 * @param seed of upstream gradient, directions and samples
 */
public record GradCheckReport(
    String name,
    List<InputReport> inputs,
    List<String> faults,
    List<String> notes,
    double most,
    long seed) {
  /** Copies the lists. */
  public GradCheckReport {
    inputs = List.copyOf(inputs);
    faults = List.copyOf(faults);
    notes = List.copyOf(notes);
  }

  /**
   * One input's part.
   *
   * @param input its name
   * @param size how many elements it has
   * @param smooth points at which the function is smooth
   * @param kinks points at which its slope jumps: any value between the two slopes is right
   * @param undecided points at which this precision can't tell
   * @param blocks directions over many elements at once, if there were too many for one by one
   * @param worst the element closest to its bound, or furthest beyond it; null if there is none
   * @param failing those beyond their bounds, some of them at most
   * @param failures how many there are of those that were looked at
   * @param suspicion what it looks like, empty if like nothing known
   */
  public record InputReport(
      String input,
      long size,
      int smooth,
      int kinks,
      int undecided,
      int blocks,
      Element worst,
      List<Element> failing,
      int failures,
      String suspicion) {
    /** Copies the list. */
    public InputReport {
      failing = List.copyOf(failing);
    }

    private int points() {
      return smooth + kinks + undecided;
    }
  }

  /**
   * One element, or a range of them along one direction.
   *
   * @param index its index
   * @param count 1, or how many elements from there on are off together and none alone
   * @param analytic the gradient that was claimed
   * @param low the numeric slope; at a kink the smaller of the two
   * @param high the numeric slope; at a kink the larger of the two
   * @param bound how far from them is allowed: what the steps and the rounding of both passes
   *     explain
   * @param kind "smooth", "kink" or "undecided"
   * @param ulps the difference in units in the last place of the numeric slope
   */
  public record Element(
      int index,
      int count,
      double analytic,
      double low,
      double high,
      double bound,
      String kind,
      double ulps) {
    /** How far the gradient is from what was measured. */
    public double difference() {
      return Double.isNaN(analytic)
          ? Double.POSITIVE_INFINITY
          : Math.max(0, Math.max(low - analytic, analytic - high));
    }

    /** Difference / bound: above 1 is a failure. */
    public double ratio() {
      return difference() == 0 || isUnmeasured() ? 0 : difference() / bound;
    }

    /** Whether it is within its bound. */
    public boolean passes() {
      return isUnmeasured() || difference() <= bound;
    }

    /** Whether the function had no value beside this point. */
    private boolean isUnmeasured() {
      return Double.isNaN(low);
    }

    private String where(String input) {
      return count == 1
          ? String.format(Locale.ROOT, "∂/∂%s[%d]", input, index)
          : String.format(Locale.ROOT, "∂/∂%s[%d…%d] together", input, index, index + count - 1);
    }

    private String text(String input) {
      String numeric =
          low == high
              ? String.format(Locale.ROOT, "%.9g", low)
              : String.format(Locale.ROOT, "%.9g … %.9g (%s)", low, high, kind);
      return String.format(
          Locale.ROOT,
          "%s: gradient %.9g, measured %s, off by %.3g (%.3g ULP), allowed %.3g",
          where(input),
          analytic,
          numeric,
          difference(),
          ulps,
          bound);
    }
  }

  /** Whether all is well: no fault, no element beyond its bound, and few points undecided. */
  public boolean passes() {
    return faults.isEmpty()
        && inputs.stream().allMatch(i -> i.failures == 0)
        && undecidedShare() <= most;
  }

  /** Which share of the points could not be decided. */
  public double undecidedShare() {
    int points = inputs.stream().mapToInt(InputReport::points).sum();
    int undecided = inputs.stream().mapToInt(InputReport::undecided).sum();
    return points == 0 ? 0 : undecided / (double) points;
  }

  /** How many elements and directions were compared. */
  public int checked() {
    return inputs.stream().mapToInt(InputReport::points).sum();
  }

  /** The largest part that a difference was of its bound; above 1 something failed. */
  public double ratio() {
    return inputs.stream()
        .filter(i -> i.worst != null)
        .mapToDouble(i -> i.worst.ratio())
        .max()
        .orElse(0);
  }

  /**
   * Nothing if it passes.
   *
   * @throws AssertionError with the report if it does not
   */
  public void assertPasses() {
    if (!passes()) {
      throw new AssertionError(toString());
    }
  }

  /** What runs the check of the worst element alone again; empty if none failed. */
  public String reproduce() {
    return inputs.stream()
        .filter(i -> i.failures > 0)
        .findFirst()
        .map(
            i ->
                String.format(
                    Locale.ROOT, ".seed(%dL).only(\"%s\", %d)", seed, i.input, i.worst.index))
        .orElse("");
  }

  /** A verdict, then a line for each input, and what failed. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(name).append(": ").append(passes() ? "pass" : "FAIL").append('\n');
    faults.forEach(fault -> text.append("  fault: ").append(fault).append('\n'));
    for (InputReport i : inputs) {
      text.append(
          String.format(
              Locale.ROOT,
              "  %s (%d elements): %d smooth, %d kinks, %d undecided%s%n",
              i.input,
              i.size,
              i.smooth,
              i.kinks,
              i.undecided,
              i.blocks == 0 ? "" : ", " + i.blocks + " of them directions over many elements"));
      if (i.failures > 0) {
        text.append(String.format(Locale.ROOT, "    %d beyond their bounds%n", i.failures));
        i.failing.forEach(e -> text.append("    ").append(e.text(i.input)).append('\n'));
        if (!i.suspicion.isEmpty()) {
          text.append("    it looks ").append(i.suspicion).append('\n');
        }
      } else if (i.worst != null) {
        text.append("    closest to its bound: ").append(i.worst.text(i.input)).append('\n');
      }
    }
    if (undecidedShare() > most) {
      text.append(
          String.format(
              Locale.ROOT,
              "  %.1f %% of the points are undecided, at most %.1f %% may be%n",
              100 * undecidedShare(),
              100 * most));
    }
    notes.forEach(note -> text.append("  note: ").append(note).append('\n'));
    if (!reproduce().isEmpty()) {
      text.append("  again: the same check with ").append(reproduce()).append('\n');
    }
    return text.toString();
  }

  /** The same for programs; a number that JSON can't hold is null. */
  public String toJson() {
    return String.format(
        Locale.ROOT,
        "{\"name\":%s,\"passes\":%b,\"seed\":%d,\"undecidedShare\":%s,\"faults\":[%s],"
            + "\"notes\":[%s],\"inputs\":[%s],\"reproduce\":%s}",
        quoted(name),
        passes(),
        seed,
        number(undecidedShare()),
        faults.stream().map(GradCheckReport::quoted).collect(Collectors.joining(",")),
        notes.stream().map(GradCheckReport::quoted).collect(Collectors.joining(",")),
        inputs.stream().map(GradCheckReport::json).collect(Collectors.joining(",")),
        quoted(reproduce()));
  }

  private static String json(InputReport i) {
    return String.format(
        Locale.ROOT,
        "{\"input\":%s,\"size\":%d,\"smooth\":%d,\"kinks\":%d,\"undecided\":%d,\"blocks\":%d,"
            + "\"failures\":%d,\"suspicion\":%s,\"worst\":%s,\"failing\":[%s]}",
        quoted(i.input),
        i.size,
        i.smooth,
        i.kinks,
        i.undecided,
        i.blocks,
        i.failures,
        quoted(i.suspicion),
        i.worst == null ? "null" : json(i.worst),
        i.failing.stream().map(GradCheckReport::json).collect(Collectors.joining(",")));
  }

  private static String json(Element e) {
    return String.format(
        Locale.ROOT,
        "{\"index\":%d,\"count\":%d,\"kind\":%s,\"analytic\":%s,\"low\":%s,\"high\":%s,"
            + "\"difference\":%s,\"bound\":%s,\"ulps\":%s}",
        e.index,
        e.count,
        quoted(e.kind),
        number(e.analytic),
        number(e.low),
        number(e.high),
        number(e.difference()),
        number(e.bound),
        number(e.ulps));
  }

  private static String number(double value) {
    return Double.isFinite(value) ? Double.toString(value) : "null";
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        default -> {
          if (c < ' ') {
            quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }

  /** The same as a test suite of JUnit's format, which CI servers show: a test for each input. */
  public String toJUnitXml() {
    StringWriter text = new StringWriter();
    try {
      XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
      xml.writeStartDocument();
      xml.writeStartElement("testsuite");
      xml.writeAttribute("name", "gradient check of " + name);
      xml.writeAttribute("tests", Integer.toString(inputs.size() + 1));
      boolean whole = faults.isEmpty() && undecidedShare() <= most;
      long failed = inputs.stream().filter(i -> i.failures > 0).count() + (whole ? 0 : 1);
      xml.writeAttribute("failures", Long.toString(failed));
      testCase(xml, "contract", whole ? "" : "it breaks its contract, or can't be decided");
      for (InputReport i : inputs) {
        testCase(xml, i.input, i.failures == 0 ? "" : i.worst.text(i.input));
      }
      xml.writeEndElement();
      xml.writeEndDocument();
      xml.close();
    } catch (XMLStreamException e) {
      throw new IllegalStateException(e);
    }
    return text.toString();
  }

  private void testCase(XMLStreamWriter xml, String test, String message)
      throws XMLStreamException {
    xml.writeStartElement("testcase");
    xml.writeAttribute("classname", name);
    xml.writeAttribute("name", test);
    if (!message.isEmpty()) {
      xml.writeStartElement("failure");
      xml.writeAttribute("message", message);
      xml.writeCharacters(toString());
      xml.writeEndElement();
    }
    xml.writeEndElement();
  }
}
