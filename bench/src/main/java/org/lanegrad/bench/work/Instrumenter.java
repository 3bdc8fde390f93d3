package org.lanegrad.bench.work;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LineNumber;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.lang.classfile.instruction.ThrowInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.util.ArrayList;
import java.util.List;

/** Puts a counter at the start of each basic block of a class. */
final class Instrumenter {
  private static final ClassDesc COUNTERS = Counters.class.describeConstable().orElseThrow();
  private static final ClassDesc LONGS = ConstantDescs.CD_long.arrayType();
  private static final String VECTORS = "jdk/incubator/vector/";

  private Instrumenter() {}

  static byte[] instrument(byte[] original, ClassLoader loader) {
    ClassFile files =
        ClassFile.of(
            ClassFile.ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(loader)
                    .orElse(ClassHierarchyResolver.defaultResolver())));
    ClassModel model = files.parse(original);
    ClassTransform transform =
        (builder, element) -> {
          if (element instanceof MethodModel method && method.code().isPresent()) {
            CodeModel code = method.code().get();
            String where = name(model) + "." + method.methodName().stringValue();
            List<Counters.Block> blocks = blocks(code, where);
            builder.transformMethod(
                method,
                (methodBuilder, part) -> {
                  if (part instanceof CodeModel body) {
                    methodBuilder.transformCode(body, new Counting(blocks));
                  } else {
                    methodBuilder.with(part);
                  }
                });
          } else {
            builder.with(element);
          }
        };
    return files.transformClass(model, transform);
  }

  private static String name(ClassModel model) {
    return model.thisClass().asInternalName().replace('/', '.');
  }

  /** Cuts a method into its blocks: before each label, and behind whatever may leave the block. */
  private static List<Counters.Block> blocks(CodeModel code, String where) {
    List<Counters.Block> blocks = new ArrayList<>();
    List<CodeElement> elements = code.elementList();
    int line = 0;
    int instructions = 0;
    int vectorOperations = 0;
    Instruction before = null;
    Instruction earlier = null;
    boolean open = true;
    for (int i = 0; i < elements.size(); i++) {
      CodeElement element = elements.get(i);
      if (element instanceof LineNumber number) {
        line = number.line();
      }
      boolean leaves = leaves(element);
      if (element instanceof Instruction instruction) {
        open = true;
        instructions++;
        vectorOperations += callsVectors(instruction) ? 1 : 0;
        if (leaves) {
          boolean decided =
              isConditional(instruction)
                  && !isConstant(before, earlier)
                  && !refuses(elements, i, (BranchInstruction) instruction);
          blocks.add(
              new Counters.Block(where + ":" + line, instructions, vectorOperations, decided));
        }
        earlier = before;
        before = instruction;
      } else if (element instanceof LabelTarget) {
        // what runs into the label ends here, also if it is empty: labels start a block each
        blocks.add(new Counters.Block(where + ":" + line, instructions, vectorOperations, false));
        open = true;
      }
      if (leaves || element instanceof LabelTarget) {
        instructions = 0;
        vectorOperations = 0;
        open = false;
      }
    }
    blocks.add(
        new Counters.Block(where + ":" + line, open ? instructions : 0, vectorOperations, false));
    return blocks;
  }

  private static boolean leaves(CodeElement element) {
    return element instanceof BranchInstruction
        || element instanceof ReturnInstruction
        || element instanceof ThrowInstruction
        || element instanceof TableSwitchInstruction
        || element instanceof LookupSwitchInstruction;
  }

  private static boolean isConditional(Instruction instruction) {
    return instruction instanceof BranchInstruction branch
        && branch.opcode() != Opcode.GOTO
        && branch.opcode() != Opcode.GOTO_W;
  }

  /**
   * Whether a branch compares a static field, or what a static method without arguments says, or
   * those with a constant, such as the number of lanes: to the JIT that is a constant.
   */
  private static boolean isConstant(Instruction before, Instruction earlier) {
    return isStatic(before) || before instanceof ConstantInstruction && isStatic(earlier);
  }

  private static boolean isStatic(Instruction instruction) {
    return instruction instanceof FieldInstruction field && field.opcode() == Opcode.GETSTATIC
        || instruction instanceof InvokeInstruction call
            && call.opcode() == Opcode.INVOKESTATIC
            && call.type().stringValue().startsWith("()");
  }

  /** Whether a branch goes straight to a throw, either way. */
  private static boolean refuses(List<CodeElement> elements, int at, BranchInstruction branch) {
    for (int i = 0; i < elements.size(); i++) {
      boolean target =
          elements.get(i) instanceof LabelTarget label && label.label().equals(branch.target());
      if ((i == at + 1 || target) && leavesByThrow(elements, i)) {
        return true;
      }
    }
    return false;
  }

  private static boolean leavesByThrow(List<CodeElement> elements, int from) {
    return elements.stream()
        .skip(from)
        .filter(Instrumenter::leaves)
        .findFirst()
        .filter(ThrowInstruction.class::isInstance)
        .isPresent();
  }

  private static boolean callsVectors(Instruction instruction) {
    return instruction instanceof InvokeInstruction call
        && call.owner().asInternalName().startsWith(VECTORS);
  }

  /** Emits the counters, block by block in the order in which they were cut. */
  private static final class Counting implements CodeTransform {
    private final List<Counters.Block> blocks;
    private int next;

    Counting(List<Counters.Block> blocks) {
      this.blocks = blocks;
    }

    @Override
    public void atStart(CodeBuilder builder) {
      count(builder);
    }

    @Override
    public void accept(CodeBuilder builder, CodeElement element) {
      if (element instanceof InvokeInstruction call && isBulk(call)) {
        builder.invokestatic(COUNTERS, call.name().stringValue(), call.typeSymbol());
      } else {
        builder.with(element);
      }
      if (element instanceof LabelTarget || leaves(element) && next < blocks.size()) {
        count(builder);
      }
    }

    private static boolean isBulk(InvokeInstruction call) {
      String owner = call.owner().asInternalName();
      String name = call.name().stringValue();
      String type = call.type().stringValue();
      return owner.equals("java/lang/System") && name.equals("arraycopy")
          || owner.equals("java/util/Arrays") && name.equals("fill") && type.startsWith("([F");
    }

    private void count(CodeBuilder builder) {
      int id = Counters.add(blocks.get(next++));
      builder
          .getstatic(COUNTERS, "RUNS", LONGS)
          .loadConstant(id)
          .dup2()
          .laload()
          .lconst_1()
          .ladd()
          .lastore();
    }
  }
}
