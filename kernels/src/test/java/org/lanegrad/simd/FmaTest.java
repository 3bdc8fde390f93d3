package org.lanegrad.simd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FmaTest {
  private static final float[] SPECIAL = {
    0f,
    -0f,
    1f,
    -1f,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MIN_NORMAL,
    Math.nextDown(Float.MIN_NORMAL),
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    Math.nextUp(1f),
    Math.nextDown(1f),
    0x1p-75f,
    0x1p64f,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.NaN
  };

  private static void agrees(float a, float b, float c) {
    float expected = Math.fma(a, b, c);
    float actual = Fma.inDouble(a, b, c);
    assertThat(Float.floatToIntBits(actual))
        .as("fma(%a, %a, %a) is %a, expected %a", a, b, c, actual, expected)
        .isEqualTo(Float.floatToIntBits(expected));
  }

  @Test
  void inDoubleItRoundsOnceOnSpecialValues() {
    for (float a : SPECIAL) {
      for (float b : SPECIAL) {
        for (float c : SPECIAL) {
          agrees(a, b, c);
        }
      }
    }
  }

  @Test
  void inDoubleItRoundsOnceOnAnyBits() {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 1_000_000; i++) {
      agrees(
          Float.intBitsToFloat(random.nextInt()),
          Float.intBitsToFloat(random.nextInt()),
          Float.intBitsToFloat(random.nextInt()));
    }
  }

  @Test
  void inDoubleItRoundsOnceNearTies() {
    SplittableRandom random = new SplittableRandom(6);
    for (int i = 0; i < 1_000_000; i++) {
      // short factors make products that end near the middle between two floats
      float a = (random.nextInt(1 << 13) | 1) * (random.nextBoolean() ? 1f : -1f);
      float b = random.nextInt(1 << 13) | 1;
      float c = Math.scalb((float) random.nextInt(1 << 24), random.nextInt(60) - 30);
      agrees(a, b, random.nextBoolean() ? c : -c);
    }
  }

  @Test
  void aSecondRoundingWouldShow() {
    // 1 + 2^-24 lies in the middle of two floats; 2^-100 more decides, and a double can't hold it
    float c = 1f;
    float a = 0x1.000002p-12f;
    float b = 0x1.fffffep-13f;
    agrees(a, b, c);
    agrees(0x1p-24f, Math.nextUp(1f), 1f);
    assertThat((float) ((double) 0x1p-60f * 0x1p-40f + (1 + 0x1p-24)))
        .isNotEqualTo((float) (1 + 0x1p-23));
  }
}
