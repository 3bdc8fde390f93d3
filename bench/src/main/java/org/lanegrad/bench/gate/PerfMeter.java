package org.lanegrad.bench.gate;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * A counter of Linux's {@code perf_event_open(2)} for the thread that opens it, user space only.
 *
 * <p>Instruction counts repeat to a few in a million where times swing by a tenth, but virtual
 * machines often don't have them: then there is no meter and the caller takes another.
 */
final class PerfMeter implements Meter {
  /** Types and configurations of {@code linux/perf_event.h}. */
  private static final int TYPE_HARDWARE = 0;

  private static final int HARDWARE_INSTRUCTIONS = 1;
  private static final int TYPE_SOFTWARE = 1;
  private static final int SOFTWARE_TASK_CLOCK = 1;

  private static final int ATTR_SIZE = 128;
  private static final long EXCLUDE_KERNEL_AND_HYPERVISOR = 1L << 5 | 1L << 6;

  private final Arena arena;
  private final MethodHandle read;
  private final MethodHandle close;
  private final int descriptor;
  private final MemorySegment value;
  private final String unit;

  private PerfMeter(Arena arena, MethodHandle read, MethodHandle close, int fd, String unit) {
    this.arena = arena;
    this.read = read;
    this.close = close;
    this.descriptor = fd;
    this.value = arena.allocate(ValueLayout.JAVA_LONG);
    this.unit = unit;
  }

  /** Retired instructions, where this machine and its kernel offer them. */
  static Optional<Meter> instructions() {
    return open(TYPE_HARDWARE, HARDWARE_INSTRUCTIONS, "instructions");
  }

  /** CPU time by the same system call; every Linux has it. */
  static Optional<Meter> taskClock() {
    return open(TYPE_SOFTWARE, SOFTWARE_TASK_CLOCK, "CPU nanoseconds");
  }

  @SuppressWarnings("restricted") // the build enables native access; nothing native is shipped
  private static Optional<Meter> open(int type, int config, String unit) {
    int call = systemCall();
    if (call < 0) {
      return Optional.empty();
    }
    Arena arena = Arena.ofShared();
    try {
      Linker linker = Linker.nativeLinker();
      ValueLayout.OfInt i = ValueLayout.JAVA_INT;
      ValueLayout.OfLong l = ValueLayout.JAVA_LONG;
      FunctionDescriptor syscall = FunctionDescriptor.of(l, l, ValueLayout.ADDRESS, i, i, i, l);
      MethodHandle openEvent =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("syscall"),
              syscall,
              Linker.Option.firstVariadicArg(1));
      MethodHandle read =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("read"),
              FunctionDescriptor.of(l, i, ValueLayout.ADDRESS, l));
      MethodHandle close =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("close"), FunctionDescriptor.of(i, i));
      MemorySegment attr = arena.allocate(ATTR_SIZE);
      attr.set(i, 0, type);
      attr.set(i, 4, ATTR_SIZE);
      attr.set(l, 8, config);
      attr.set(l, 40, EXCLUDE_KERNEL_AND_HYPERVISOR);
      long fd = (long) openEvent.invokeExact((long) call, attr, 0, -1, -1, 0L);
      if (fd >= 0) {
        return Optional.of(new PerfMeter(arena, read, close, (int) fd, unit));
      }
    } catch (Throwable e) {
      // No such call, or native access is not enabled: no meter.
    }
    arena.close();
    return Optional.empty();
  }

  private static int systemCall() {
    if (!System.getProperty("os.name").equals("Linux")) {
      return -1;
    }
    return switch (System.getProperty("os.arch")) {
      case "amd64" -> 298;
      case "aarch64" -> 241;
      default -> -1;
    };
  }

  @Override
  public long read() {
    try {
      long bytes = (long) read.invokeExact(descriptor, value, 8L);
      if (bytes != 8) {
        throw new IllegalStateException("the performance counter gave " + bytes + " bytes of 8");
      }
      return value.get(ValueLayout.JAVA_LONG, 0);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String unit() {
    return unit;
  }

  @Override
  public void close() {
    try {
      int ignored = (int) close.invokeExact(descriptor);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    } finally {
      arena.close();
    }
  }
}
