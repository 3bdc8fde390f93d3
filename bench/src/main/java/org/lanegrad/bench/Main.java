package org.lanegrad.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.lanegrad.Lanegrad;
import org.lanegrad.bench.accuracy.AccuracyJob;
import org.lanegrad.bench.activation.ActivationJob;
import org.lanegrad.bench.digits.DigitsJob;
import org.lanegrad.bench.gate.CostGates;
import org.lanegrad.bench.gate.TimeGate;
import org.lanegrad.bench.machine.MachineInfo;
import org.lanegrad.bench.machine.Roofline;
import org.lanegrad.bench.matmul.MatmulJob;
import org.lanegrad.bench.model.BenchModelCommand;
import org.lanegrad.bench.model.ConvertCommand;
import org.lanegrad.bench.model.EvalCommand;
import org.lanegrad.bench.model.InferCommand;
import org.lanegrad.bench.model.Layer;
import org.lanegrad.bench.model.TrainCommand;
import org.lanegrad.bench.network.NetworkJob;
import org.lanegrad.bench.normalization.NormalizationJob;
import org.lanegrad.bench.peer.Peers;
import org.lanegrad.bench.report.Report;
import org.lanegrad.bench.report.ReportFiles;
import org.lanegrad.bench.report.ReportJob;
import org.lanegrad.verification.jit.CatalogCases;
import org.lanegrad.verification.jit.JitFinding.Kind;
import org.lanegrad.verification.jit.JitGuard;
import org.lanegrad.verification.jit.JitGuard.Order;
import org.lanegrad.verification.jit.JitGuard.Width;
import org.openjdk.jmh.runner.RunnerException;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. */
@Command(
    name = "lanegrad",
    description = "Checks, trains and measures the Lanegrad kernels.",
    mixinStandardHelpOptions = true,
    subcommands = {
      TrainCommand.class,
      EvalCommand.class,
      InferCommand.class,
      ConvertCommand.class,
      BenchModelCommand.class,
      Main.ReportCommand.class,
      Main.DigitsCommand.class,
      Main.MatmulCommand.class,
      Main.ActivationsCommand.class,
      Main.NormalizationsCommand.class,
      Main.NetworksCommand.class,
      Main.AccuracyCommand.class,
      Main.GateCommand.class,
      Main.JitCommand.class,
      Main.MachineCommand.class,
      AutoComplete.GenerateCompletion.class
    },
    synopsisSubcommandLabel = "COMMAND")
public final class Main implements Runnable {
  @Spec private CommandSpec spec;

  private Main() {}

  /** Exit code 0 if all went well, 1 if a check failed, 2 for wrong arguments or data. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  /** The command line with its way to report errors: one sentence, no stack trace. */
  public static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Main());
    line.getCommandSpec().versionProvider(Main::version);
    line.getSubcommands().values().forEach(c -> c.getCommandSpec().versionProvider(Main::version));
    return line.registerConverter(Layer.class, Main::layer)
        .setExecutionExceptionHandler(
            (e, command, parsed) -> {
              if (e instanceof IOException wrong) {
                command.getErr().println("error: " + sentence(wrong));
                return CommandLine.ExitCode.USAGE;
              }
              throw e;
            });
  }

  /** The jar's, which a folder of classes does not have. */
  private static String[] version() {
    String version = Main.class.getPackage().getImplementationVersion();
    return new String[] {
      "lanegrad " + (version == null ? "(classes, no jar)" : version) + ", " + Lanegrad.describe()
    };
  }

  private static Layer layer(String name) {
    return Arrays.stream(Layer.values())
        .filter(layer -> layer.toString().equals(name.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new CommandLine.TypeConversionException(
                    "\"" + name + "\" is none of " + Arrays.toString(Layer.values())));
  }

  /** "no/such/file: no such file" of exceptions whose message is the file's name alone. */
  private static String sentence(IOException e) {
    if (e instanceof AccessDeniedException) {
      return e.getMessage() + ": it may not be read";
    }
    if (e instanceof NoSuchFileException) {
      return e.getMessage() + ": no such file";
    }
    return e.getMessage();
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(),
        "a command is missing, expected one of " + String.join(", ", spec.subcommands().keySet()));
  }

  /** What both commands take. */
  static final class Common {
    @Option(
        names = "--data",
        description = "folder with optdigits.tra and optdigits.tes; without it, digits are drawn")
    private String data = "";

    @Option(names = "--seed", description = "seed of weights, shuffles and checks (default: 1)")
    private long seed = 1;

    Path folder() {
      return data.isBlank() ? null : Path.of(data);
    }
  }

  /** Everything, into a folder. */
  @Command(
      name = "report",
      description = "Runs all checks and measurements and writes a report.",
      mixinStandardHelpOptions = true)
  static final class ReportCommand implements Callable<Integer> {
    @CommandLine.Mixin private Common common = new Common();

    @Option(names = "--out", description = "where the report goes (default: target/report)")
    private Path out = Path.of("target", "report");

    @Option(
        names = "--onnx",
        description = "what the tests of verification wrote of the ONNX cases, if they ran")
    private Path onnx = Path.of("verification", "target", "onnx-conformance.properties");

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException, RunnerException {
      PrintWriter console = spec.commandLine().getOut();
      Report report = new ReportJob(console, common.seed, onnx).run(common.folder());
      ReportFiles.write(report, out);
      console.println();
      console.println("report: " + out.resolve("index.html"));
      console.println(report.passes() ? "every check passed" : "some checks FAILED, see above");
      console.flush();
      return report.passes() ? 0 : 1;
    }
  }

  /** Training alone. */
  @Command(
      name = "digits",
      description = "Trains and tests the digit network.",
      mixinStandardHelpOptions = true)
  static final class DigitsCommand implements Callable<Integer> {
    @CommandLine.Mixin private Common common = new Common();

    @Option(
        names = "--activation",
        description = "activation of the hidden units: ${COMPLETION-CANDIDATES} (default: relu)")
    private Layer activation = Layer.RELU;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
      new DigitsJob(spec.commandLine().getOut(), common.seed, activation).run(common.folder());
      return 0;
    }
  }

  /** One table alone, at leisure. */
  abstract static class TableCommand implements Callable<Integer> {
    @Option(names = "--rounds", description = "rounds a line (default: 15)")
    private int rounds = 15;

    @Spec private CommandSpec spec;

    @Override
    public final Integer call() {
      requirePositive(spec, "--rounds", rounds);
      measure(spec.commandLine().getOut(), rounds);
      return 0;
    }

    abstract void measure(PrintWriter out, int rounds);
  }

  /** The products. */
  @Command(
      name = "matmul",
      description = "Measures products and dense layers against the peers.",
      mixinStandardHelpOptions = true)
  static final class MatmulCommand extends TableCommand {
    @Override
    void measure(PrintWriter out, int rounds) {
      new MatmulJob(out, rounds).run();
    }
  }

  /** The activations. */
  @Command(
      name = "activations",
      description = "Measures the activations against the peers.",
      mixinStandardHelpOptions = true)
  static final class ActivationsCommand extends TableCommand {
    @Override
    void measure(PrintWriter out, int rounds) {
      new ActivationJob(out, rounds).run();
    }
  }

  /** Normalizations, losses and optimizers. */
  @Command(
      name = "normalizations",
      description = "Measures normalizations, cross-entropy and Adam against the peers.",
      mixinStandardHelpOptions = true)
  static final class NormalizationsCommand extends TableCommand {
    @Override
    void measure(PrintWriter out, int rounds) {
      new NormalizationJob(out, rounds).run();
    }
  }

  /** Gradients of whole networks. */
  @Command(
      name = "networks",
      description = "Measures gradients of whole networks over depth and width.",
      mixinStandardHelpOptions = true)
  static final class NetworksCommand extends TableCommand {
    @Override
    void measure(PrintWriter out, int rounds) {
      new NetworkJob(out, rounds).run();
    }
  }

  private static void requirePositive(CommandSpec spec, String option, long value) {
    if (value < 1) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), option + " is " + value + ", expected 1 or more");
    }
  }

  /** The sweep alone, over all floats if wanted. */
  @Command(
      name = "accuracy",
      description = "Sweeps the activations over the floats.",
      mixinStandardHelpOptions = true)
  static final class AccuracyCommand implements Callable<Integer> {
    @Option(
        names = "--stride",
        description = "every n-th block of 4,096 floats; 1, the default, is all 2^32 of them")
    private long stride = 1;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      requirePositive(spec, "--stride", stride);
      boolean passes =
          new AccuracyJob(spec.commandLine().getOut(), stride)
              .run().stream().allMatch(AccuracyJob.Line::passes);
      return passes ? 0 : 1;
    }
  }

  /** Counted work and time of every backward pass. */
  @Command(
      name = "gate",
      description = "Counts the work and measures the time of every backward pass.",
      mixinStandardHelpOptions = true)
  static final class GateCommand implements Callable<Integer> {
    @Option(names = "--iterations", description = "JMH iterations a size (default: 15)")
    private int iterations = 15;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      if (iterations < TimeGate.LEAST_ITERATIONS) {
        throw new CommandLine.ParameterException(
            spec.commandLine(),
            "--iterations is "
                + iterations
                + ", expected "
                + TimeGate.LEAST_ITERATIONS
                + " or more");
      }
      PrintWriter console = spec.commandLine().getOut();
      List<CostGates.Cost> costs = new CostGates(console, iterations).run();
      long undecided = costs.stream().filter(CostGates.Cost::isUndecided).count();
      console.printf(Locale.ROOT, "%d of %d ops undecided%n", undecided, costs.size());
      console.flush();
      return costs.stream().allMatch(CostGates.Cost::passes)
              && undecided <= TimeGate.MOST_UNDECIDED * costs.size()
          ? 0
          : 1;
    }
  }

  /** This machine. */
  @Command(
      name = "machine",
      description = {
        "Says what is here: CPU, JDK, lanes and why, the FMA peak and the bandwidth of one core, and",
        "the native libraries to compare with."
      },
      mixinStandardHelpOptions = true)
  static final class MachineCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      MachineInfo machine = MachineInfo.here();
      out.printf(
          Locale.ROOT,
          "%s, %d cores%n%s %s%n%s%n",
          machine.cpu(),
          machine.cores(),
          machine.jdk(),
          machine.flags(),
          Lanegrad.diagnose());
      Roofline roofline = Roofline.measure();
      out.printf(Locale.ROOT, "FMA peak of one core: %.0f GFLOP/s%n", roofline.peakGflops());
      roofline
          .bandwidth()
          .all()
          .forEach(
              (bytes, rate) ->
                  out.printf(Locale.ROOT, "%,d kB at once: %.0f GB/s%n", bytes / 1024, rate));
      List<String> peers = new ArrayList<>();
      Peers.all().forEach(peer -> peers.add(peer.name()));
      Peers.ops().forEach(peer -> peers.add(peer.name()));
      out.println(
          "native libraries: "
              + (peers.isEmpty()
                  ? "none (mvn -B -Ppeers package -DskipTests brings some)"
                  : String.join(", ", new TreeSet<>(peers))));
      out.flush();
      return 0;
    }
  }

  /** Every kernel in fresh JVMs. */
  @Command(
      name = "jit",
      description = {
        "Runs every kernel in fresh JVMs, over vector widths and orders of warm-up: does it allocate,",
        "is it slower after some order, does it stall after a change? An hour; --quick: a minute."
      },
      mixinStandardHelpOptions = true)
  static final class JitCommand implements Callable<Integer> {
    @Option(names = "--quick", description = "one order and the changes, on this machine's width")
    private boolean quick;

    @Option(
        names = "--cold",
        description = "the changes without the library's warm-up: shows what it is for, and fails")
    private boolean cold;

    @Option(names = "--width", description = "native, AVX2 or 128 bits alone; the start will do")
    private String width = "";

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
      PrintWriter console = spec.commandLine().getOut();
      List<Width> widths = Width.all().stream().filter(this::isWanted).toList();
      if (widths.isEmpty()) {
        throw new ParameterException(
            spec.commandLine(), "no --width " + width + ", expected native, AVX2 or 128 bits");
      }
      JitGuard guard = new JitGuard(console);
      if (cold) {
        guard.changes(Width.NATIVE, true);
      } else if (quick) {
        guard.orders(Width.NATIVE, Order.twelve().subList(0, 1));
        guard.ready(Width.NATIVE);
        guard.changes(Width.NATIVE, false);
      } else {
        for (Width each : widths) {
          guard.orders(each, Order.twelve());
          guard.alone(each, new CatalogCases().cases());
          guard.ready(each);
          guard.changes(each, false);
        }
      }
      print(console, guard, widths);
      console.flush();
      return guard.findings().isEmpty() ? 0 : 1;
    }

    private boolean isWanted(Width one) {
      return one.name().regionMatches(true, 0, width, 0, width.length());
    }

    private static void print(PrintWriter console, JitGuard guard, List<Width> widths) {
      console.printf(Locale.ROOT, "%n%-10s", "width");
      for (Kind kind : Kind.values()) {
        console.printf(Locale.ROOT, " %10s", kind.name().toLowerCase(Locale.ROOT));
      }
      console.println();
      for (Width width : widths) {
        console.printf(Locale.ROOT, "%-10s", width.name());
        for (Kind kind : Kind.values()) {
          long found =
              guard.findings().stream()
                  .filter(f -> f.kind() == kind && f.width().equals(width.name()))
                  .count();
          console.printf(Locale.ROOT, " %10d", found);
        }
        console.println();
      }
      guard.findings().forEach(console::println);
      console.printf(
          Locale.ROOT, "%d findings in %d readings%n", guard.findings().size(), guard.readings());
    }
  }
}
