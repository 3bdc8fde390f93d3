package org.lanegrad.simd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.LineNumberNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.VarInsnNode;
import org.objectweb.asm.tree.analysis.Analyzer;
import org.objectweb.asm.tree.analysis.AnalyzerException;
import org.objectweb.asm.tree.analysis.Frame;
import org.objectweb.asm.tree.analysis.SourceInterpreter;
import org.objectweb.asm.tree.analysis.SourceValue;

/**
 * Vectors only go where C2 is sure to follow them; where it is not, they are objects for as long as
 * the JVM runs (ADR 13).
 *
 * <ul>
 *   <li>No abstract method of the Vector API is called on a variable that a loop carries from one
 *       pass to the next, nor is such a variable handed to a method of ours. At the head of a loop
 *       C2 knows no more of it than that it is a vector, so it has to ask the profile of that call,
 *       which is missing if the compiler was busy when the method got hot. A final method such as
 *       {@code add} asks the profile within itself, which all kernels share; the result of a load,
 *       of a constant or of any other operation is known exactly.
 *   <li>A method of ours that takes a vector is called in a loop, each time it goes round. Behind a
 *       loop or under a condition the profile may find the call too rare to be inlined. And the
 *       method around it is too long to be inlined itself, since what is inlined may have no
 *       profile.
 * </ul>
 */
class VectorFlowTest {
  private static final String VECTORS = "jdk/incubator/vector/";
  private static final int LONGEST_INLINED = 325;
  private static final String OURS = "org/lanegrad/";

  private final List<String> found = new ArrayList<>();
  private int ofTheApi;
  private int ofOurs;

  @Test
  void noVectorGoesWhereC2MayNotFollow()
      throws IOException, URISyntaxException, AnalyzerException, ClassNotFoundException {
    for (byte[] file : KernelClasses.read()) {
      judge(file);
    }
    assertThat(ofTheApi).isGreaterThan(300);
    assertThat(ofOurs).isGreaterThan(10);
    assertThat(found).isEmpty();
  }

  @Test
  void namesWhatGoesElsewhere() throws IOException, AnalyzerException, ClassNotFoundException {
    try (InputStream file = Wrong.class.getResourceAsStream("VectorFlowTest$Wrong.class")) {
      judge(file.readAllBytes());
    }
    assertThat(found)
        .hasSize(6)
        .satisfiesOnlyOnce(f -> assertThat(f).contains("Wrong.carried:", "calling lanewise: on a"))
        .satisfiesOnlyOnce(f -> assertThat(f).contains("Wrong.handedOn:", "behind a loop"))
        .satisfiesOnlyOnce(f -> assertThat(f).contains("Wrong.handedOn:", "a loop carries"))
        .satisfiesOnlyOnce(f -> assertThat(f).contains("Wrong.handedOn:", "may be inlined"))
        .satisfiesOnlyOnce(f -> assertThat(f).contains("Wrong.seldom:", "under a condition"))
        .satisfiesOnlyOnce(f -> assertThat(f).contains("Wrong.seldom:", "may be inlined"));
  }

  /** A kernel of each kind that must not be. */
  static final class Wrong {
    private static final VectorSpecies<Float> S = FloatLanes.SPECIES;

    private Wrong() {}

    static float carried(float[] x) {
      FloatVector max = FloatVector.zero(S);
      for (int i = 0; i < x.length; i += S.length()) {
        max = max.lanewise(VectorOperators.MAX, FloatVector.fromArray(S, x, i));
      }
      return FloatLanes.VECTOR.cast(max).lane(0);
    }

    static float handedOn(float[] x) {
      FloatVector sum = FloatVector.zero(S);
      for (int i = 0; i < x.length; i += S.length()) {
        sum = sum.add(FloatVector.fromArray(S, x, i));
      }
      return AcrossLanes.sum(sum);
    }

    static float seldom(float[] x, boolean all) {
      float sum = 0;
      for (int i = 0; i < x.length; i += S.length()) {
        sum += all ? AcrossLanes.sum(FloatVector.fromArray(S, x, i)) : x[i];
      }
      return sum;
    }
  }

  private void judge(byte[] file) throws AnalyzerException, ClassNotFoundException {
    ClassNode owner = new ClassNode();
    new ClassReader(file).accept(owner, ClassReader.SKIP_FRAMES);
    Map<String, Integer> sizes = sizes(file);
    for (MethodNode method : owner.methods) {
      judge(owner, method, sizes.getOrDefault(method.name + method.desc, 0));
    }
  }

  private void judge(ClassNode owner, MethodNode method, int size)
      throws AnalyzerException, ClassNotFoundException {
    Frame<SourceValue>[] frames =
        new Analyzer<>(new SourceInterpreter()).analyze(owner.name, method);
    InsnList code = method.instructions;
    int line = 0;
    for (int at = 0; at < code.size(); at++) {
      if (code.get(at) instanceof LineNumberNode number) {
        line = number.line;
      }
      if (frames[at] == null || !(code.get(at) instanceof MethodInsnNode call)) {
        continue;
      }
      String where = owner.name + "." + method.name + ":" + line + ", calling " + call.name + ": ";
      Type[] arguments = Type.getArgumentTypes(call.desc);
      int first = frames[at].getStackSize() - arguments.length;
      if (isAbstract(call)) {
        ofTheApi++;
        if (isCarried(frames[at].getStack(first - 1), code, frames)) {
          found.add(where + "on a vector that a loop carries");
        }
      }
      for (int i = 0; i < arguments.length && call.owner.startsWith(OURS); i++) {
        if (arguments[i].getInternalName().startsWith(VECTORS + "FloatVector")) {
          ofOurs++;
          boolean within = takesVectors(method);
          if (!within && !isCalledEachTime(at, code)) {
            found.add(where + "behind a loop or under a condition");
          }
          if (!within && size <= LONGEST_INLINED) {
            found.add(where + "from a method that may be inlined");
          }
          if (isCarried(frames[at].getStack(first + i), code, frames)) {
            found.add(where + "with a vector that a loop carries");
          }
        }
      }
    }
  }

  /** Bytes of bytecode, which ASM does not tell. */
  private static Map<String, Integer> sizes(byte[] file) {
    return ClassFile.of().parse(file).methods().stream()
        .flatMap(
            method ->
                method.findAttribute(Attributes.code()).stream()
                    .map(code -> Map.entry(key(method), code.codeLength())))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  private static String key(MethodModel method) {
    return method.methodName().stringValue() + method.methodType().stringValue();
  }

  private static boolean takesVectors(MethodNode method) {
    return method.desc.substring(0, method.desc.indexOf(')')).contains(VECTORS);
  }

  private static boolean isAbstract(MethodInsnNode call) throws ClassNotFoundException {
    if (call.getOpcode() != Opcodes.INVOKEVIRTUAL || !call.owner.startsWith(VECTORS)) {
      return false;
    }
    Class<?> type = Class.forName(call.owner.replace('/', '.'));
    return Arrays.stream(type.getMethods())
        .filter(m -> m.getName().equals(call.name))
        .filter(m -> Type.getMethodDescriptor(m).equals(call.desc))
        .anyMatch(m -> Modifier.isAbstract(m.getModifiers()));
  }

  /** Whether a value is a variable as it was at the head of a loop that assigns it. */
  private static boolean isCarried(SourceValue value, InsnList code, Frame<SourceValue>[] frames) {
    return value.insns.stream().anyMatch(from -> isCarried(from, code, frames));
  }

  private static boolean isCarried(
      AbstractInsnNode load, InsnList code, Frame<SourceValue>[] frames) {
    if (load.getOpcode() != Opcodes.ALOAD) {
      return false;
    }
    int variable = ((VarInsnNode) load).var;
    SourceValue loaded = frames[code.indexOf(load)].getLocal(variable);
    for (int from = 0; from < code.size(); from++) {
      int head = target(code, from);
      if (head < from && frames[head] != null && variable < frames[head].getLocals()) {
        SourceValue carried = frames[head].getLocal(variable);
        boolean before = carried.insns.stream().anyMatch(i -> code.indexOf(i) < head);
        if (before && carried.insns.size() > 1 && loaded.insns.containsAll(carried.insns)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether an instruction lies in a loop in which no jump leads past it. */
  private static boolean isCalledEachTime(int at, InsnList code) {
    int start = -1;
    int end = code.size();
    for (int from = at; from < code.size(); from++) {
      int head = target(code, from);
      if (head < at && head > start) {
        start = head;
        end = from;
      }
    }
    for (int from = Math.max(start, 0); from < at; from++) {
      int to = target(code, from);
      if (to > at && to <= end) {
        return false;
      }
    }
    return start >= 0;
  }

  /** Where an instruction jumps to, or itself. */
  private static int target(InsnList code, int from) {
    return code.get(from) instanceof JumpInsnNode jump ? code.indexOf(jump.label) : from;
  }
}
