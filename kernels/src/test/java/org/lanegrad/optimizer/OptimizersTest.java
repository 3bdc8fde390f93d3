package org.lanegrad.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OptimizersTest {
  @Test
  void adamsFirstStepIsTheLearningRateWhateverTheGradient() {
    float[] p = {1, 1, 1};
    Adam.standard().step(0.1f, 1, new float[] {1e-3f, 5, -70}, new float[3], new float[3], p);
    assertThat(p[0]).isCloseTo(0.9f, within(1e-5f));
    assertThat(p[1]).isCloseTo(0.9f, within(1e-6f));
    assertThat(p[2]).isCloseTo(1.1f, within(1e-6f));
  }

  @Test
  void adamWsDecayIsApartFromTheGradient() {
    float[] p = {2};
    Adam.withDecay(0.5f).step(0.1f, 1, new float[] {0}, new float[1], new float[1], p);
    assertThat(p[0]).isCloseTo(2 * (1 - 0.05f), within(1e-6f));
  }

  @Test
  void aRangeIsAllThatIsWritten() {
    float[] p = {1, 1, 1, 1};
    float[] s = new float[4];
    float[] g = {1, 1, 1, 1};
    AdaGrad.standard().step(0.5f, g, s, p, 1, 2);
    assertThat(p).containsExactly(1, 0.5f, 0.5f, 1);
    assertThat(s).containsExactly(0, 1, 1, 0);
  }

  @Test
  void anySplitIntoRangesGivesTheSameBits() {
    int n = 101;
    float[][] whole = arrays(n);
    Adam.standard().step(0.1f, 2, whole[0], whole[1], whole[2], whole[3]);
    float[][] split = arrays(n);
    for (int from = 0; from < n; from += 13) {
      Adam.standard()
          .step(0.1f, 2, split[0], split[1], split[2], split[3], from, Math.min(13, n - from));
    }
    assertThat(split[3]).containsExactly(whole[3]);
    assertThat(split[2]).containsExactly(whole[2]);
  }

  private static float[][] arrays(int n) {
    float[][] arrays = new float[4][n];
    for (int i = 0; i < n; i++) {
      arrays[0][i] = (float) Math.sin(i);
      arrays[1][i] = 0.1f * i;
      arrays[2][i] = 0.01f * i;
      arrays[3][i] = 1;
    }
    return arrays;
  }

  @Test
  void clippingByNormScalesAllArraysTogether() {
    float[] a = {3, 0};
    float[] b = {0, 4};
    assertThat(GradientClipping.byNorm(10f, a, b)).isEqualTo(5f);
    assertThat(a).containsExactly(3, 0);
    assertThat(GradientClipping.byNorm(1f, a, b)).isEqualTo(5f);
    assertThat(a[0]).isCloseTo(0.6f, within(1e-7f));
    assertThat(b[1]).isCloseTo(0.8f, within(1e-7f));
    assertThat(GradientClipping.byNorm(1f, new float[] {Float.NaN})).isNaN();
  }

  @Test
  void clippingByValueCutsOffAndKeepsNan() {
    float[] g = {3, -0.5f, -7, Float.NaN, Float.NEGATIVE_INFINITY};
    GradientClipping.byValue(1f, g);
    assertThat(g).containsExactly(1, -0.5f, -1, Float.NaN, -1);
  }

  @Test
  void gradientsOfAnySizeAreClippedToTheirNorm() {
    for (float size : new float[] {1e19f, 1e38f, 1e-23f, 1e-30f}) {
      float[] g = new float[128];
      Arrays.fill(g, size);
      GradientClipping.byNorm(size, g);
      assertThat(g[127]).isCloseTo(size / (float) Math.sqrt(128), withinPercentage(1e-4));
    }
    float[] g = {3, 4};
    assertThat(GradientClipping.byNorm(Float.POSITIVE_INFINITY, g)).isEqualTo(5f);
    GradientClipping.byValue(Float.POSITIVE_INFINITY, g);
    assertThat(g).containsExactly(3, 4);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GradientClipping.byNorm(1f, new float[2], g, g))
        .withMessage("gradients[2] is gradients[1] again, expected each array once");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GradientClipping.byValue(Float.NaN, g))
        .withMessage("most is NaN, expected a number above 0");
  }

  private interface Step {
    void of(float rate, float[] gradient, float[] state, float[] other, float[] parameters);
  }

  @Test
  void everyOptimizerRefusesAWrongRateAndArraysOfAnotherLength() {
    Map<String, Step> all =
        Map.of(
            "Sgd", (rate, g, s, t, p) -> Sgd.step(rate, g, p),
            "Momentum", (rate, g, s, t, p) -> Momentum.of(0.9f).step(rate, g, s, p),
            "RmsProp", (rate, g, s, t, p) -> RmsProp.standard().step(rate, g, s, p),
            "AdaGrad", (rate, g, s, t, p) -> AdaGrad.standard().step(rate, g, s, p),
            "Adam", (rate, g, s, t, p) -> Adam.standard().step(rate, 1, g, s, t, p));
    all.forEach(
        (name, step) -> {
          float[] p = {1, 2, 3};
          float[] three = {1, 1, 1};
          for (float rate : new float[] {Float.NaN, -1f, Float.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException()
                .as(name)
                .isThrownBy(() -> step.of(rate, three, new float[3], new float[3], p))
                .withMessage("learningRate is " + rate + ", expected a finite number, 0 or more");
          }
          assertThatIllegalArgumentException()
              .as(name)
              .isThrownBy(() -> step.of(1f, new float[4], new float[3], new float[3], p))
              .withMessage("gradient.length is 4, expected 3, as parameters.length");
          if (!name.equals("Sgd")) {
            assertThatIllegalArgumentException()
                .as(name)
                .isThrownBy(() -> step.of(1f, three, new float[4], new float[3], p))
                .withMessageContaining(".length is 4, expected 3, as parameters.length");
          }
          if (name.equals("Adam")) {
            assertThatIllegalArgumentException()
                .isThrownBy(() -> step.of(1f, three, new float[3], new float[4], p))
                .withMessage("squares.length is 4, expected 3, as parameters.length");
          }
          assertThat(p).as(name).containsExactly(1, 2, 3);
        });
  }

  @Test
  void schedulesGoWhereTheyShould() {
    assertThat(LearningRate.constant(0.5f).at(99)).isEqualTo(0.5f);
    LearningRate steps = LearningRate.stepwise(1f, 0.5f, 10);
    assertThat(new float[] {steps.at(0), steps.at(9), steps.at(10), steps.at(25)})
        .containsExactly(1, 1, 0.5f, 0.25f);
    assertThat(LearningRate.exponential(1f, 0.1f).at(10))
        .isCloseTo((float) Math.exp(-1), within(1e-6f));
    LearningRate cosine = LearningRate.cosine(1f, 0.1f, 100);
    assertThat(cosine.at(0)).isEqualTo(1f);
    assertThat(cosine.at(50)).isCloseTo(0.55f, within(1e-6f));
    assertThat(cosine.at(100)).isEqualTo(0.1f);
    assertThat(cosine.at(1000)).isEqualTo(0.1f);
    LearningRate warm = cosine.warmedUp(4);
    assertThat(new float[] {warm.at(0), warm.at(1), warm.at(3), warm.at(4)})
        .containsExactly(0.25f, 0.5f, 1, 1);
  }

  @Test
  void wrongArgumentsAreNamed() {
    float[] p = new float[3];
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Adam(1f, 0.9f, 1e-8f, 0f, 0f))
        .withMessage("beta1 is 1.0, expected 0 or more and below 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Adam.standard().step(0.1f, 0, p, p, p, p))
        .withMessageContaining("expected");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Adam.standard().step(0.1f, 0, new float[3], new float[3], new float[3], p))
        .withMessage("step is 0, expected 1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RmsProp.standard().step(0.1f, new float[2], new float[3], p))
        .withMessage("gradient.length is 2, expected 3, as parameters.length");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Momentum.of(0.9f).step(0.1f, new float[3], p, p))
        .withMessage("parameters overlaps its state, expected separate elements");
    assertThatNullPointerException()
        .isThrownBy(() -> Momentum.nesterov(0.9f).step(0.1f, null, new float[3], p))
        .withMessage("gradient is null, expected a float[]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LearningRate.stepwise(1f, 0.5f, 0))
        .withMessage("every is 0, expected 1 or more");
  }
}
