package org.lanegrad.verification.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.lanegrad.elementwise.Add;
import org.lanegrad.normalization.Softmax;
import org.lanegrad.reduction.Reductions;
import org.lanegrad.verification.catalog.Slice;
import org.lanegrad.verification.compare.Mixed;
import org.lanegrad.verification.compare.Ulps;
import org.lanegrad.verification.junit.KernelTests;
import org.lanegrad.verification.kit.KernelReport.Verdict;

/** The kit on kernels over plain arrays: right ones, and each kind of wrong one. */
@Execution(ExecutionMode.CONCURRENT)
class KernelCheckTest {
  private static float at(Slice slice, int i) {
    return slice.array()[slice.offset() + i];
  }

  private static void set(Slice slice, int i, float value) {
    slice.array()[slice.offset() + i] = value;
  }

  /** y = x², as somebody writes it. */
  private static void square(Slice[] in, Slice out) {
    for (int i = 0; i < out.length(); i++) {
      set(out, i, at(in[0], i) * at(in[0], i));
    }
  }

  private static void squareBackward(Slice dy, Slice[] in, Slice out, Slice[] d) {
    for (int i = 0; i < dy.length(); i++) {
      set(d[0], i, 2 * at(in[0], i) * at(dy, i));
    }
  }

  private static double[] squares(double[][] in) {
    double[] y = in[0].clone();
    for (int i = 0; i < y.length; i++) {
      y[i] *= y[i];
    }
    return y;
  }

  private static KernelCheck claims(KernelCheck.Kernel kernel, KernelCheck.Backward backward) {
    return KernelCheck.of("square", kernel)
        .input("x", n -> n)
        .reference(KernelCheckTest::squares)
        .specialValues()
        .twin(KernelCheckTest::square)
        .backward(backward)
        .inPlace()
        .threadSafe();
  }

  @TestFactory
  Stream<DynamicNode> aLibrarysOwnTestsAreOneLine() {
    return KernelTests.of(
        claims(KernelCheckTest::square, KernelCheckTest::squareBackward).allocatesNothing(),
        KernelCheck.of(
                "dot product",
                (in, out) ->
                    set(
                        out,
                        0,
                        Reductions.dot(
                            in[0].array(),
                            in[0].offset(),
                            in[1].array(),
                            in[1].offset(),
                            in[0].length())))
            .input("a", n -> n)
            .input("b", n -> n)
            .output(n -> 1)
            .allocatesNothing()
            .threadSafe()
            .backward(
                (dy, in, out, d) -> {
                  for (int i = 0; i < d[0].length(); i++) {
                    set(d[0], i, at(dy, 0) * at(in[1], i));
                    set(d[1], i, at(dy, 0) * at(in[0], i));
                  }
                }),
        KernelCheck.of(
                "softmax of three rows",
                (in, out) ->
                    Softmax.forward(
                        in[0].matrix(3, in[0].length() / 3), out.matrix(3, out.length() / 3)))
            .input("x", n -> 3 * n)
            .output(n -> 3 * n)
            .within(new Mixed(8, 8))
            .reference(KernelCheckTest::softmaxOfThreeRows)
            .inPlace());
  }

  private static double[] softmaxOfThreeRows(double[][] in) {
    double[] y = in[0].clone();
    int n = y.length / 3;
    for (int row = 0; row < 3; row++) {
      double sum = 0;
      for (int j = 0; j < n; j++) {
        y[row * n + j] = Math.exp(y[row * n + j]);
        sum += y[row * n + j];
      }
      for (int j = 0; j < n; j++) {
        y[row * n + j] /= sum;
      }
    }
    return y;
  }

  private static void fails(String check, String message, KernelCheck wrong) {
    KernelReport report = wrong.sizes(1, 16, 17, 33).check();
    assertThat(report.result(check).verdict()).as("%s", report).isEqualTo(Verdict.FAIL);
    assertThat(report.result(check).message()).contains(message);
    assertThat(report.toString()).contains("square: FAIL").contains("again: ");
    assertThatThrownBy(report::assertPasses).hasMessage(report.toString());
  }

  private static KernelCheck forward(KernelCheck.Kernel kernel) {
    return claims(kernel, KernelCheckTest::squareBackward);
  }

  private static KernelCheck backward(KernelCheck.Backward pass) {
    return claims(KernelCheckTest::square, pass);
  }

  @Test
  void aRightKernelPassesAndWhatItDoesNotClaimIsSaid() {
    KernelReport report =
        KernelCheck.of("square", KernelCheckTest::square).input("x", n -> n).check();
    assertThat(report.passes()).as("%s", report).isTrue();
    assertThat(report.result("contract").verdict()).isEqualTo(Verdict.PASS);
    assertThat(report.result("gradient").verdict()).isEqualTo(Verdict.NOT_CLAIMED);
    assertThat(report.toString()).contains("in place         not claimed");
  }

  @Test
  void everyKindOfMistakeIsCaughtAndNamed() {
    fails(
        "reference",
        "element 0: expected ",
        forward(
            (in, out) -> {
              square(in, out);
              set(out, 0, at(out, 0) * 1.000001f);
            }));
    fails(
        "reference",
        "actual NaN",
        forward(
            (in, out) -> {
              square(in, out);
              if (out.length() > 16) {
                // the remainder is left out
                set(out, out.length() - 1, Float.NaN);
              }
            }));
    fails(
        "special values",
        "element ",
        forward(
            (in, out) -> {
              square(in, out);
              for (int i = 0; i < out.length(); i++) {
                set(out, i, Math.min(at(out, i), 1e30f));
              }
            }));
    fails(
        "contract",
        "it wrote outside of the output's range",
        forward(
            (in, out) -> {
              square(in, out);
              set(out, out.length(), 0f);
            }));
    fails(
        "contract",
        "it wrote to its input x",
        forward(
            (in, out) -> {
              square(in, out);
              set(in[0], 0, at(in[0], 0) + 1);
            }));
    float[] calls = {0};
    fails(
        "contract",
        "a second run has other bits at element 0",
        forward(
            (in, out) -> {
              square(in, out);
              set(out, 0, calls[0]++);
            }));
    fails(
        "position",
        "from 1 on has other bits",
        forward(
            (in, out) -> {
              square(in, out);
              // another order of summing where the array is aligned
              set(out, 0, at(out, 0) + (in[0].offset() % 16 == 0 ? 1e-6f : 0));
            }));
    fails(
        "in place",
        "it in place has other bits",
        forward(
            (in, out) -> {
              for (int i = 0; i < out.length(); i++) {
                set(out, i, 0);
                set(out, i, at(in[0], i) * at(in[0], i));
              }
            }));
    float[] shared = new float[300];
    fails(
        "threads",
        "beside other threads has other bits",
        forward(
            (in, out) -> {
              for (int i = 0; i < out.length(); i++) {
                shared[i] = at(in[0], i);
              }
              LockSupport.parkNanos(1000); // lets another thread in
              for (int i = 0; i < out.length(); i++) {
                set(out, i, shared[i] * shared[i]);
              }
            }));
    fails(
        "gradient",
        "factor 2 too few",
        backward(
            (dy, in, out, d) -> {
              for (int i = 0; i < dy.length(); i++) {
                set(d[0], i, at(in[0], i) * at(dy, i));
              }
            }));
    fails(
        "gradient",
        "the gradient of x[0] is NaN",
        backward(
            (dy, in, out, d) -> {
              // accumulates onto what is there
              for (int i = 0; i < dy.length(); i++) {
                set(d[0], i, at(d[0], i) + 2 * at(in[0], i) * at(dy, i));
              }
            }));
    fails(
        "gradient",
        "its backward pass wrote outside of the range of dx",
        backward(
            (dy, in, out, d) -> {
              squareBackward(dy, in, out, d);
              set(d[0], -1, 0f);
            }));
    fails(
        "gradient",
        "its backward pass wrote to the upstream gradient",
        backward(
            (dy, in, out, d) -> {
              squareBackward(dy, in, out, d);
              set(dy, 0, 7f);
            }));
  }

  @Test
  void aKernelThatAllocatesAndOneWhoseTwinDiffersAreCaught() {
    KernelReport allocates =
        KernelCheck.of(
                "square",
                (in, out) -> {
                  shared = new float[8];
                  square(in, out);
                })
            .input("x", n -> n)
            .allocatesNothing()
            .check();
    assertThat(allocates.result("allocation").message()).contains("it allocates 48.0 bytes a call");
    KernelReport twin =
        KernelCheck.of("square", KernelCheckTest::square)
            .input("x", n -> n)
            .twin(
                (in, out) -> {
                  square(in, out);
                  set(out, 0, Math.nextUp(at(out, 0)));
                })
            .check();
    assertThat(twin.result("twin").message()).contains("it against its twin has other bits");
  }

  @SuppressWarnings("unused") // keeps an array from being optimized away
  private static volatile float[] shared;

  @Test
  void aKernelThatThrowsIsAFailureOfThatCheck() {
    KernelReport report =
        KernelCheck.of(
                "add",
                (in, out) ->
                    Add.forward(
                        in[0].array(),
                        in[0].offset(),
                        in[1].array(),
                        in[1].offset(),
                        out.array(),
                        out.offset(),
                        out.length()))
            .input("a", n -> n)
            .input("b", n -> n)
            .output(n -> 2 * n + 40)
            .within(new Ulps(0.5))
            .check();
    assertThat(report.result("contract").message()).contains("it threw ");
  }

  @Test
  void whatIsNotClaimedIsSkippedInTheTree() {
    DynamicNode node =
        KernelTests.of(KernelCheck.of("square", KernelCheckTest::square).input("x", n -> n))
            .findFirst()
            .orElseThrow();
    assertThat(node.getDisplayName()).isEqualTo("square");
    assertThat(((DynamicContainer) node).getChildren().map(DynamicNode::getDisplayName))
        .containsExactly(
            "reference",
            "special values",
            "contract",
            "position",
            "twin",
            "in place",
            "gradient",
            "threads",
            "allocation",
            "jit");
  }
}
