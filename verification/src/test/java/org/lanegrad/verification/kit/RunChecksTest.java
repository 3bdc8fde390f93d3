package org.lanegrad.verification.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lanegrad.verification.gradcheck.GradCheck;

/** Checks from a command line: what is printed, and the exit code. */
class RunChecksTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private static GradCheck squares(double factor) {
    return GradCheck.doubles(
            "square",
            in -> new double[] {in[0][0] * in[0][0]},
            (in, up) -> new double[][] {{factor * in[0][0] * up[0]}})
        .input("x", new double[] {3});
  }

  /** A kernel and a gradient, both right. */
  public static final class Right implements Checks {
    @Override
    public List<KernelCheck> kernels() {
      KernelCheck.Kernel copy =
          (in, out) ->
              System.arraycopy(
                  in[0].array(), in[0].offset(), out.array(), out.offset(), out.length());
      return List.of(KernelCheck.of("copy", copy).input("x", n -> n).reference(in -> in[0]));
    }

    @Override
    public List<GradCheck> gradients() {
      return List.of(squares(2));
    }
  }

  /** A gradient that is wrong. */
  public static final class Wrong implements Checks {
    @Override
    public List<GradCheck> gradients() {
      return List.of(squares(3));
    }
  }

  private int run(String... classes) {
    return RunChecks.run(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        classes);
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void whatIsRightPasses() {
    assertThat(run(Right.class.getName())).isZero();
    assertThat(text(out)).contains("copy: pass", "square: pass").contains("2 of 2 checks passed");
  }

  @Test
  void whatIsWrongFailsWithItsReport() {
    assertThat(run(Right.class.getName(), Wrong.class.getName())).isEqualTo(1);
    assertThat(text(out)).contains("square: FAIL").contains("again: ").contains("2 of 3 checks");
  }

  @Test
  void aClassThatCannotBeUsedIsNamed() {
    assertThat(run("com.example.None")).isEqualTo(2);
    assertThat(text(err)).startsWith("com.example.None is java.lang.ClassNotFoundException");
    assertThat(run(String.class.getName())).isEqualTo(2);
    assertThat(text(err)).contains("java.lang.String is java.lang.ClassCastException");
    assertThat(run()).isEqualTo(2);
    assertThat(text(err)).contains("expected the names of classes");
  }
}
