package org.lanegrad.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.parallel.ExecutionMode.CONCURRENT;

import com.sun.management.ThreadMXBean;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.lanegrad.Lanegrad;
import org.lanegrad.Matrix;
import org.lanegrad.activation.Gelu;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Ops;
import org.lanegrad.model.Initial;
import org.lanegrad.model.Model;
import org.lanegrad.model.ModelSession;
import org.lanegrad.reduction.Reductions;
import org.lanegrad.verification.catalog.OpCatalog;
import org.lanegrad.verification.catalog.OpSpec;

/**
 * The same jar in JVMs that were started in other ways: always right, lanes where there are any.
 * Most of their time is the start, on one core: two of them run at a time.
 */
class LaunchModesTest {
  private static final String LOG = "Lanegrad runs its scalar loops: ";

  /** What the started JVMs run: the whole catalog, or every n-th op of it. */
  static final class AllOps {
    private AllOps() {}

    /** Prints a line an op, and whether the JVM has lanes. */
    public static void main(String[] args) {
      System.out.println("lanes " + Lanegrad.lanes());
      int stride = args.length == 0 ? 1 : Integer.parseInt(args[0]);
      List<OpSpec> ops = OpCatalog.all();
      IntStream.iterate(0, i -> i < ops.size(), i -> i + stride)
          .mapToObj(ops::get)
          .flatMap(op -> new OpVerifier(op, 3).verify().stream())
          .forEach(result -> System.out.println((result.passes() ? "PASS " : "FAIL ") + result));
    }
  }

  /** What they run where the whole catalog would take too long: one kernel. */
  static final class Dot {
    private Dot() {}

    /** Prints whether there are lanes, and a dot product. */
    public static void main(String[] args) {
      float[] x = new float[1000];
      Arrays.fill(x, 2f);
      float dot = Reductions.dot(x, 0, x, 0, x.length);
      System.out.println("lanes " + Lanegrad.lanes() + ", dot " + dot);
    }
  }

  /** What they run to see whether a model that says it is warm is. */
  static final class WarmModel {
    private WarmModel() {}

    /** Prints how many bytes a hundred runs allocate right after {@code warmUp()}. */
    public static void main(String[] args) {
      Graph graph = new Graph();
      Node x = graph.input("x", 64);
      Node w1 = graph.parameter("w1", Initial.he(64, 100, 1));
      Node b1 = graph.parameter("b1", Matrix.zeros(1, 100));
      Node hidden = Ops.dense(x, w1, b1, new Gelu());
      Node w2 = graph.parameter("w2", Initial.he(100, 10, 2));
      Node scores = Ops.softmax(Ops.product(Ops.shift(0.5f, hidden), w2));
      Model model = Model.of(x, scores);
      Model.WarmUpResult warm = model.warmUp();
      ModelSession session = model.session(32);
      Matrix rows = Matrix.zeros(32, 64);
      Matrix y = Matrix.zeros(32, 10);
      session.run(rows, y);
      ThreadMXBean bean = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
      long before = bean.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 100; i++) {
        session.run(rows, y);
      }
      long bytes = bean.getCurrentThreadAllocatedBytes() - before;
      System.out.println(warm + "; then " + bytes + " bytes");
    }
  }

  @Test
  @Execution(CONCURRENT)
  void aModelThatSaysThatItIsWarmIsCompiled() throws Exception {
    String output = run(onClassPath(WarmModel.class, "--add-modules=jdk.incubator.vector"));
    Matcher bytes = Pattern.compile("; then (\\d+) bytes").matcher(output);
    assertThat(bytes.find()).as(output).isTrue();
    // interpreted vectors are megabytes a run; a method that is compiled anew may box a few once
    assertThat(Long.parseLong(bytes.group(1))).as(output).isLessThan(100 * 100);
  }

  /** The same from a module layer that the program makes. */
  static final class OwnLayer {
    private OwnLayer() {}

    /** Prints what {@link Dot} prints. */
    public static void main(String[] args) throws ReflectiveOperationException {
      ModuleLayer boot = ModuleLayer.boot();
      ModuleFinder kernels = ModuleFinder.of(Path.of(System.getProperty("kernels")));
      Configuration configuration =
          boot.configuration()
              .resolveAndBind(kernels, ModuleFinder.ofSystem(), Set.of("org.lanegrad.kernels"));
      // the platform's loader as parent: the class path has the kernels as well
      ClassLoader loader =
          boot.defineModulesWithOneLoader(configuration, ClassLoader.getPlatformClassLoader())
              .findLoader("org.lanegrad.kernels");
      float[] x = new float[1000];
      Arrays.fill(x, 2f);
      Object lanes = loader.loadClass(Lanegrad.class.getName()).getMethod("lanes").invoke(null);
      Object dot =
          loader
              .loadClass(Reductions.class.getName())
              .getMethod("dot", float[].class, int.class, float[].class, int.class, int.class)
              .invoke(null, x, 0, x, 0, x.length);
      System.out.println("lanes " + lanes + ", dot " + dot);
    }
  }

  private static final String MODULE = "module app { requires org.lanegrad.kernels; }";

  private static final String MAIN =
      """
      package app;

      import org.lanegrad.Lanegrad;
      import org.lanegrad.reduction.Reductions;

      public class Main {
        public static void main(String[] args) {
          float[] x = new float[1000];
          java.util.Arrays.fill(x, 2f);
          float dot = Reductions.dot(x, 0, x, 0, 1000);
          System.out.println("lanes " + Lanegrad.lanes() + ", dot " + dot);
        }
      }
      """;

  @Test
  @Execution(CONCURRENT)
  void withoutTheModuleTheScalarLoopsAreRightAndOneLineSaysWhy() throws Exception {
    List<String> command = new ArrayList<>(onClassPath(AllOps.class));
    command.add("2"); // the profile that turns the lanes off runs them all
    String output = run(command);
    assertAllPass(output);
    assertThat(output).contains("lanes 1");
    assertThat(output).contains(LOG + "the module jdk.incubator.vector is not there");
    assertThat(output).contains("--add-modules jdk.incubator.vector");
    assertThat(output.split(LOG, -1)).hasSize(2);
  }

  @Test
  @Execution(CONCURRENT)
  void withTheModuleThereAreLanesAndNoLine() throws Exception {
    String output = run(onClassPath(Dot.class, "--add-modules=jdk.incubator.vector"));
    assertThat(output).contains("dot 4000.0").doesNotContain(LOG).doesNotContain("lanes 1,");
  }

  @Test
  @Execution(CONCURRENT)
  void narrowVectorsAreRightToo() throws Exception {
    String flag = "-XX:MaxVectorSize=16";
    assertThat(run(onClassPath(Dot.class, "--add-modules=jdk.incubator.vector", flag)))
        .contains("lanes 4, dot 4000.0");
  }

  @Test
  @Execution(CONCURRENT)
  void withoutFusedMultiplyAddTheScalarLoopsAreRightAndFast() throws Exception {
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "the flags are those of x64");
    String vector = "--add-modules=jdk.incubator.vector";
    long start = System.nanoTime();
    List<String> command = new ArrayList<>(onClassPath(AllOps.class, vector, "-XX:-UseFMA"));
    command.add("6"); // the scalar loops are those of the test above
    String output = run(command);
    assertAllPass(output);
    assertThat(output).contains("lanes 1").contains(LOG + "there is no fused multiply-add");
    // through BigDecimal, as Math.fma goes there, the catalog takes minutes
    assertThat((System.nanoTime() - start) / 1e9).as("seconds").isLessThan(60);
    assertThat(run(onClassPath(Dot.class, vector, "-XX:UseAVX=0")))
        .contains("lanes 1, dot 4000.0")
        .contains(LOG + "there is no fused multiply-add");
  }

  @Test
  @Execution(CONCURRENT)
  void whereverC2IsMissingTheScalarLoopsRun() throws Exception {
    for (String flag :
        List.of(
            "-XX:TieredStopAtLevel=0",
            "-XX:TieredStopAtLevel=1",
            "-XX:TieredStopAtLevel=2",
            "-XX:TieredStopAtLevel=3",
            "-XX:CompilationMode=quick-only",
            "-Xint")) {
      String output = run(onClassPath(Dot.class, "--add-modules=jdk.incubator.vector", flag));
      assertThat(output)
          .as(flag)
          .contains("lanes 1, dot 4000.0")
          .contains(LOG + "this JVM runs without its C2 compiler");
    }
  }

  @Test
  @Execution(CONCURRENT)
  void onTheModulePathAKernelRunsWithoutAFlag(@TempDir Path folder) throws Exception {
    String output =
        run(List.of(java(), "--module-path", modulePath(folder), "--module", "app/app.Main"));
    assertThat(output).contains("dot 4000.0").doesNotContain(LOG);
    assertThat(output).doesNotContain("lanes 1,");
  }

  @Test
  @Execution(CONCURRENT)
  void inAnImageMadeByJlinkAKernelRuns(@TempDir Path folder) throws Exception {
    String path = modulePath(folder);
    Path image = folder.resolve("image");
    String jlink = Path.of(System.getProperty("java.home"), "bin", "jlink").toString();
    run(
        List.of(
            jlink, "--module-path", path, "--add-modules", "app", "--output", image.toString()));
    String output =
        run(List.of(image.resolve("bin").resolve("java").toString(), "--module", "app/app.Main"));
    assertThat(output).contains("dot 4000.0").doesNotContain(LOG);
    assertThat(output).doesNotContain("lanes 1,");
  }

  @Test
  @Execution(CONCURRENT)
  void inALayerOfTheProgramsOwnThereAreLanes() throws Exception {
    String classes = System.getProperty("lanegrad.kernels.classes");
    List<String> command =
        onClassPath(OwnLayer.class, "--add-modules=jdk.incubator.vector", "-Dkernels=" + classes);
    assertThat(run(command)).contains("dot 4000.0").doesNotContain("lanes 1,").doesNotContain(LOG);
    command.remove("--add-modules=jdk.incubator.vector");
    assertThat(run(command)).contains("lanes 1, dot 4000.0").contains(LOG);
  }

  /** A module that uses a kernel, compiled; and the kernels' module: a module path. */
  private static String modulePath(Path folder) throws IOException {
    Path source = Files.createDirectories(folder.resolve("source"));
    Path info = Files.writeString(source.resolve("module-info.java"), MODULE);
    Path main = Files.writeString(source.resolve("Main.java"), MAIN);
    Path classes = folder.resolve("classes");
    String kernels = System.getProperty("lanegrad.kernels.classes");
    int exit =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "--module-path",
                kernels,
                "-d",
                classes.toString(),
                info.toString(),
                main.toString());
    assertThat(exit).isZero();
    return kernels + File.pathSeparator + classes;
  }

  private static void assertAllPass(String output) {
    assertThat(output).doesNotContain("FAIL").doesNotContain("Exception");
    long passed = output.lines().filter(line -> line.startsWith("PASS")).count();
    assertThat(passed).isGreaterThan(50);
  }

  private static List<String> onClassPath(Class<?> main, String... flags) {
    List<String> command = new ArrayList<>(List.of(java(), "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(flags));
    command.add(main.getName());
    return command;
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }
}
