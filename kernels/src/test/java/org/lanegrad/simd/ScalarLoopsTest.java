package org.lanegrad.simd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;

/**
 * The scalar loop that packs the bits of an activation is a method of its own, apart from the
 * question whether there are lanes. C2 inlines a call by how often it comes in a hundred calls of
 * the method around it: where long arrays are the rule, the loop of the short ones would keep its
 * calls. Bits begin at a word in each row, so a layer of few outputs calls it for each row, where
 * other activations run over a whole block (ADR 13).
 */
class ScalarLoopsTest {
  private static final String OURS = "org/lanegrad/";

  private final List<String> found = new ArrayList<>();
  private int questions;

  @Test
  void noLoopCallsBesideTheQuestionForLanes() throws IOException, URISyntaxException {
    for (byte[] file : KernelClasses.read()) {
      judge(file);
    }
    assertThat(questions).isGreaterThan(3);
    assertThat(found).isEmpty();
  }

  @Test
  void namesALoopThatCallsBesideTheQuestion() throws IOException {
    try (InputStream file = Wrong.class.getResourceAsStream("ScalarLoopsTest$Wrong.class")) {
      judge(file.readAllBytes());
    }
    assertThat(found).containsExactly("org/lanegrad/simd/ScalarLoopsTest$Wrong.both calls of");
  }

  /** A kernel as it must not be. */
  static final class Wrong {
    private Wrong() {}

    static void both(float[] x, long[] bits) {
      if (Simd.fills(x.length)) {
        return;
      }
      for (int i = 0; i < x.length; i++) {
        bits[i] = (long) Fma.of(x[i], 2f, 1f);
      }
    }
  }

  private void judge(byte[] file) {
    ClassNode owner = new ClassNode();
    new ClassReader(file).accept(owner, ClassReader.SKIP_FRAMES);
    for (MethodNode method : owner.methods) {
      if (!method.desc.contains("[J")) {
        continue; // no bits
      }
      InsnList code = method.instructions;
      int question = Integer.MAX_VALUE;
      for (int at = 0; at < code.size(); at++) {
        if (!(code.get(at) instanceof MethodInsnNode call)) {
          continue;
        }
        if (call.owner.equals(OURS + "simd/Simd") && call.name.equals("fills")) {
          question = at;
          questions++;
        } else if (at > question && call.owner.startsWith(OURS) && isInLoop(at, question, code)) {
          found.add(owner.name + "." + method.name + " calls " + call.name);
        }
      }
    }
  }

  /** Whether an instruction lies in a loop that begins behind the question. */
  private static boolean isInLoop(int at, int question, InsnList code) {
    for (int from = at; from < code.size(); from++) {
      if (code.get(from) instanceof JumpInsnNode jump) {
        int head = code.indexOf(jump.label);
        if (head > question && head < at) {
          return true;
        }
      }
    }
    return false;
  }
}
