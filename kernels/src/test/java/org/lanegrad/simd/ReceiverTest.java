package org.lanegrad.simd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.lanegrad.Lanegrad;
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
 * No abstract method of the Vector API is called on a variable that a loop carries from one pass to
 * the next. At the head of a loop C2 knows no more of it than that it is a vector, so it has to ask
 * the profile of that call, which is missing if the compiler was busy when the method got hot: the
 * call stays a virtual one and boxes, for as long as the JVM runs. A final method such as {@code
 * add} asks the profile within itself, which all kernels share; the result of a load, of a constant
 * or of any other operation is known exactly (ADR 13).
 */
class ReceiverTest {
  private static final String VECTORS = "jdk/incubator/vector/";

  @Test
  void noAbstractMethodIsCalledOnAVectorThatALoopCarries()
      throws IOException, URISyntaxException, AnalyzerException, ClassNotFoundException {
    Path classes =
        Path.of(Lanegrad.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<String> found = new ArrayList<>();
    int calls = 0;
    List<Path> files;
    try (Stream<Path> all = Files.walk(classes)) {
      files = all.filter(f -> f.toString().endsWith(".class")).toList();
    }
    for (Path file : files) {
      ClassNode owner = new ClassNode();
      new ClassReader(Files.readAllBytes(file)).accept(owner, ClassReader.SKIP_FRAMES);
      for (MethodNode method : owner.methods) {
        calls += judge(owner, method, found);
      }
    }
    assertThat(calls).isGreaterThan(300);
    assertThat(found).isEmpty();
  }

  /** Adds what it finds, and returns how many calls of abstract methods it has looked at. */
  private static int judge(ClassNode owner, MethodNode method, List<String> found)
      throws AnalyzerException, ClassNotFoundException {
    Frame<SourceValue>[] frames =
        new Analyzer<>(new SourceInterpreter()).analyze(owner.name, method);
    InsnList code = method.instructions;
    int calls = 0;
    int line = 0;
    for (int at = 0; at < code.size(); at++) {
      if (code.get(at) instanceof LineNumberNode number) {
        line = number.line;
      }
      if (frames[at] != null && code.get(at) instanceof MethodInsnNode call && isAbstract(call)) {
        calls++;
        int arguments = Type.getArgumentCount(call.desc);
        SourceValue receiver = frames[at].getStack(frames[at].getStackSize() - 1 - arguments);
        if (receiver.insns.stream().anyMatch(from -> isCarried(from, code, frames))) {
          found.add(owner.name + "." + method.name + ":" + line + " calls " + call.name);
        }
      }
    }
    return calls;
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

  /** Whether an instruction loads a variable as it was at the head of a loop that assigns it. */
  private static boolean isCarried(
      AbstractInsnNode load, InsnList code, Frame<SourceValue>[] frames) {
    if (load.getOpcode() != Opcodes.ALOAD) {
      return false;
    }
    int variable = ((VarInsnNode) load).var;
    SourceValue loaded = frames[code.indexOf(load)].getLocal(variable);
    for (int from = 0; from < code.size(); from++) {
      if (code.get(from) instanceof JumpInsnNode jump && code.indexOf(jump.label) < from) {
        int at = code.indexOf(jump.label);
        Frame<SourceValue> head = frames[at];
        if (head != null && variable < head.getLocals()) {
          SourceValue carried = head.getLocal(variable);
          boolean before = carried.insns.stream().anyMatch(i -> code.indexOf(i) < at);
          if (before && carried.insns.size() > 1 && loaded.insns.containsAll(carried.insns)) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
