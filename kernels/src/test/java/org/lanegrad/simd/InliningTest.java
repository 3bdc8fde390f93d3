package org.lanegrad.simd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Sizes in bytes of bytecode that C2's inliner goes by: what is short is inlined anywhere
 * (MaxInlineSize), what is long nowhere (FreqInlineSize).
 */
class InliningTest {
  private static final int ALWAYS = 35;
  private static final int NEVER = 325;

  private static int bytes(MethodModel method) {
    return method.findAttribute(java.lang.classfile.Attributes.code()).stream()
        .mapToInt(CodeAttribute::codeLength)
        .sum();
  }

  private static List<MethodModel> methods(String name) throws IOException {
    try (InputStream in =
        InliningTest.class.getResourceAsStream("/" + name.replace('.', '/') + ".class")) {
      return ClassFile.of().parse(in.readAllBytes()).methods();
    }
  }

  @Test
  void whatTakesAVectorFromAnotherClassIsAlwaysInlined() throws IOException {
    List<MethodModel> methods = methods("org.lanegrad.simd.AcrossLanes");
    assertThat(methods).hasSizeGreaterThan(5);
    assertThat(methods)
        .allSatisfy(
            method -> assertThat(bytes(method)).as(method.toString()).isLessThanOrEqualTo(ALWAYS));
  }

  /** Inlined into a kernel, these boxed their sums in some orders of warm-up (ADR 13). */
  @Test
  void loopsThatReturnASumAreNeverInlined() throws IOException {
    neverInlined("org.lanegrad.reduction.Reductions$Lanes", "sum");
    neverInlined("org.lanegrad.reduction.Reductions$Lanes", "dot");
    neverInlined("org.lanegrad.reduction.Reductions$Lanes", "sumOfSquares");
    neverInlined("org.lanegrad.simd.RowExponentials$Lanes", "sum");
  }

  private static void neverInlined(String owner, String name) throws IOException {
    assertThat(methods(owner))
        .filteredOn(method -> method.methodName().equalsString(name))
        .isNotEmpty()
        .allSatisfy(method -> assertThat(bytes(method)).as(method.toString()).isGreaterThan(NEVER));
  }
}
