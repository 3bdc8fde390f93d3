package org.lanegrad.verification.jit;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.lanegrad.verification.jit.JitFinding.Kind;

/**
 * Starts {@link JitProbe}s in fresh JVMs, and judges what they measured:
 *
 * <ul>
 *   <li><b>boxing</b>: a call allocates nothing in steady state, on any width, after any order of
 *       warm-up;
 *   <li><b>bistability</b>: no order makes it take more than {@link #SLOWER} times the median of
 *       the others;
 *   <li><b>stalls</b>: the first 20 ms after {@link org.lanegrad.Lanegrad#warmUp}, and after it the
 *       first 20 ms at another size or on a first special value, take at most {@link #STALL} times
 *       the steady state.
 * </ul>
 *
 * <p>What takes too long is tried again in other JVMs, once for an order and twice for a stall, and
 * counts only if each says the same: a neighbour on the machine is no fault of a kernel's. What
 * boxes counts at once.
 */
public final class JitGuard {
  /** How much slower than the median of the others an order may be. */
  public static final double SLOWER = 1.5;

  /** How much slower than in steady state the first moments after a change may be. */
  public static final double STALL = 3;

  private static final int FEWEST_TO_COMPARE = 3;

  /** How many more JVMs must see a stall: on a busy machine one does, once in some hundred. */
  private static final int SECOND_LOOKS = 2;

  private final List<JitFinding> findings = new ArrayList<>();

  private final PrintWriter out;
  private final String provider;
  private int readings;

  /** A guard over the library's own kernels. */
  public JitGuard(PrintWriter out) {
    this(out, CatalogCases.class);
  }

  /** A guard over other kernels, given by a public class with a constructor without arguments. */
  public JitGuard(PrintWriter out, Class<? extends JitCase.Provider> provider) {
    this.out = out;
    this.provider = provider.getName();
  }

  /**
   * A vector width.
   *
   * @param name for findings and tables
   * @param flags the JVM's
   */
  public record Width(String name, List<String> flags) {
    /** That of this very JVM: this machine's, unless a flag says otherwise. */
    public static final Width NATIVE =
        new Width(
            "native",
            ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.matches("-XX:(UseAVX|MaxVectorSize)=.*|-Dlanegrad\\.lanes=.*"))
                .toList());

    /** As on a machine with AVX2 and no more. */
    public static final Width AVX2 = new Width("AVX2", List.of("-XX:UseAVX=2"));

    /** 128 bits. */
    public static final Width BITS_128 = new Width("128 bits", List.of("-XX:MaxVectorSize=16"));

    /** All three. */
    public static List<Width> all() {
      return List.of(NATIVE, AVX2, BITS_128);
    }
  }

  /**
   * An order of warm-up.
   *
   * @param seed shuffles the cases
   * @param sizes LONG_FIRST, SHORT_FIRST or MIXED
   * @param foreground whether the JIT compiles in the foreground (-Xbatch)
   * @param warm whether the library's own warm-up runs first
   */
  public record Order(long seed, String sizes, boolean foreground, boolean warm) {
    /** Twelve of them: each way of sizes, each compilation, with and without a warm-up. */
    public static List<Order> twelve() {
      List<Order> orders = new ArrayList<>();
      for (JitProbe.Sizes sizes : JitProbe.Sizes.values()) {
        for (boolean foreground : new boolean[] {false, true}) {
          for (boolean warm : new boolean[] {false, true}) {
            orders.add(new Order(orders.size() + 1L, sizes.name(), foreground, warm));
          }
        }
      }
      return orders;
    }

    private List<String> flags() {
      return foreground ? List.of("-Xbatch") : List.of();
    }

    private List<String> arguments() {
      List<String> arguments = new ArrayList<>(List.of("order", Long.toString(seed), sizes));
      if (warm) {
        arguments.add("warm");
      }
      return arguments;
    }
  }

  /** What was found so far. */
  public List<JitFinding> findings() {
    return List.copyOf(findings);
  }

  /** How many readings were judged so far: a guard that has seen none says nothing. */
  public int readings() {
    return readings;
  }

  /**
   * Runs orders of warm-up on a width; looks for boxing, and for bistability if there are three:
   * fewer are not timed.
   */
  public void orders(Width width, List<Order> orders) {
    Map<Order, Map<String, JitReading>> all = new LinkedHashMap<>();
    boolean timed = orders.size() >= FEWEST_TO_COMPARE;
    for (Order order : orders) {
      List<String> arguments = new ArrayList<>(order.arguments());
      if (!timed) {
        arguments.add("untimed");
      }
      List<JitReading> read = probe(width, order.flags(), arguments);
      all.put(order, byKey(read));
      say("%s, %s: %d readings", width.name(), order, read.size());
      judgeBoxing(width, order.flags(), order.arguments(), read);
    }
    if (timed) {
      judgeBistability(width, all);
    }
  }

  /** Runs each case in a JVM of its own. */
  public void alone(Width width, List<JitCase> cases) {
    for (JitCase one : cases) {
      List<String> arguments = List.of("alone", one.name());
      judgeBoxing(width, List.of(), arguments, probe(width, List.of(), arguments));
    }
    say("%s, %d cases each alone in a JVM", width.name(), cases.size());
  }

  /** Runs each case at once after the library's warm-up, and all of them again if one stalls. */
  public void ready(Width width) {
    List<String> arguments = List.of("ready");
    List<JitReading> read = probe(width, List.of(), arguments);
    say("%s, %d cases after the warm-up", width.name(), read.size());
    judgeStalls(read.stream().filter(JitGuard::stalls).toList(), width, arguments);
  }

  /** Changes sizes and values after a warm-up, or, for a control, without one. */
  public void changes(Width width, boolean cold) {
    List<String> arguments = cold ? List.of("changes", "cold") : List.of("changes");
    List<JitReading> read = probe(width, List.of(), arguments);
    say("%s, %d changes of size and values", width.name(), read.size());
    Map<String, List<JitReading>> suspects =
        read.stream()
            .filter(JitGuard::stalls)
            .collect(
                Collectors.groupingBy(JitReading::name, LinkedHashMap::new, Collectors.toList()));
    suspects.forEach(
        (name, stalled) -> {
          List<String> again = new ArrayList<>(arguments);
          again.add(name);
          judgeStalls(stalled, width, again);
        });
  }

  /** What stalls in the other JVMs too is found, with what the last of them measured. */
  private void judgeStalls(List<JitReading> stalled, Width width, List<String> arguments) {
    List<JitReading> suspects = stalled;
    for (int look = 0; look < SECOND_LOOKS && !suspects.isEmpty(); look++) {
      Map<String, JitReading> other = byKey(probe(width, List.of(), arguments));
      suspects =
          suspects.stream()
              .map(reading -> other.get(reading.key()))
              .filter(reading -> reading != null && stalls(reading))
              .toList();
    }
    for (JitReading reading : suspects) {
      String detail =
          text(
              "%.3g ns an element in the first 20 ms, %.3g in steady state",
              reading.firstNanos(), reading.nanos());
      find(Kind.STALLS, reading, width, detail, command(width, List.of(), arguments));
    }
  }

  private static boolean stalls(JitReading r) {
    return r.firstNanos() > STALL * r.nanos();
  }

  private void judgeBoxing(
      Width width, List<String> flags, List<String> arguments, List<JitReading> read) {
    for (JitReading reading : read) {
      if (reading.bytes() > 0) {
        String detail = text("%d bytes a call, %s", reading.bytes(), reading.where());
        find(Kind.BOXES, reading, width, detail, command(width, flags, arguments));
      }
    }
  }

  private void judgeBistability(Width width, Map<Order, Map<String, JitReading>> all) {
    Map<Order, Map<String, JitReading>> seconds = new LinkedHashMap<>();
    for (Map.Entry<Order, Map<String, JitReading>> entry : all.entrySet()) {
      Order order = entry.getKey();
      for (JitReading reading : entry.getValue().values()) {
        double others = medianOfOthers(all, order, reading.key());
        if (!isSlower(reading, others)) {
          continue;
        }
        Map<String, JitReading> second =
            seconds.computeIfAbsent(order, o -> byKey(probe(width, o.flags(), o.arguments())));
        JitReading other = second.get(reading.key());
        if (other != null && isSlower(other, others)) {
          String detail =
              text(
                  "%.3g ns an element after %s, the median of the other orders is %.3g",
                  other.nanos(), order, others);
          find(
              Kind.BISTABLE,
              reading,
              width,
              detail,
              command(width, order.flags(), order.arguments()));
        }
      }
    }
  }

  private static boolean isSlower(JitReading reading, double others) {
    return reading.nanos() > SLOWER * others;
  }

  private static double medianOfOthers(
      Map<Order, Map<String, JitReading>> all, Order order, String key) {
    double[] others =
        all.entrySet().stream()
            .filter(e -> !e.getKey().equals(order))
            .map(e -> e.getValue().get(key))
            .filter(Objects::nonNull)
            .mapToDouble(JitReading::nanos)
            .sorted()
            .toArray();
    return others.length == 0 ? Double.POSITIVE_INFINITY : others[others.length / 2];
  }

  private void find(Kind kind, JitReading reading, Width width, String detail, String again) {
    JitFinding finding =
        new JitFinding(kind, reading.name(), reading.size(), width.name(), detail, again);
    findings.add(finding);
    say("FAIL: %s", finding);
  }

  private List<JitReading> probe(Width width, List<String> flags, List<String> arguments) {
    try {
      Process process =
          new ProcessBuilder(commandLine(width, flags, arguments))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int exit = process.waitFor();
      List<JitReading> read =
          output.lines().flatMap(line -> JitReading.parse(line).stream()).toList();
      if (exit != 0 || read.isEmpty()) {
        throw new IllegalStateException(
            "the probe ended with "
                + exit
                + " and "
                + read.size()
                + " readings: "
                + command(width, flags, arguments));
      }
      readings += read.size();
      return read;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a probe ran", e);
    }
  }

  private List<String> commandLine(Width width, List<String> flags, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--add-modules=jdk.incubator.vector");
    command.add("-Xmx1g");
    command.add("-Dstdout.encoding=UTF-8");
    command.addAll(width.flags());
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(JitProbe.class.getName());
    command.add(provider);
    command.addAll(arguments);
    return command;
  }

  /** What a person would type, with the class path left to them. */
  private String command(Width width, List<String> flags, List<String> arguments) {
    List<String> line = commandLine(width, flags, arguments);
    line.set(0, "java");
    line.set(line.indexOf("-cp") + 1, "…");
    return line.stream()
        .map(word -> word.contains(" ") ? '"' + word + '"' : word)
        .collect(Collectors.joining(" "));
  }

  private static Map<String, JitReading> byKey(List<JitReading> read) {
    Map<String, JitReading> map = new LinkedHashMap<>();
    read.forEach(r -> map.put(r.key(), r));
    return map;
  }

  private void say(String pattern, Object... arguments) {
    out.println(text(pattern, arguments));
    out.flush();
  }

  private static String text(String pattern, Object... arguments) {
    return String.format(Locale.ROOT, pattern, arguments);
  }
}
