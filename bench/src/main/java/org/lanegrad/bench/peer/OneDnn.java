package org.lanegrad.bench.peer;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** An engine and a stream of oneDNN, and how its primitives are made and run. */
class OneDnn {
  static final int TRAINING = 64;
  static final int SOURCE = 1;
  static final int DESTINATION = 17;
  static final int DIFF_SOURCE = 129;
  static final int DIFF_DESTINATION = 145;

  private static final int CPU = 1;
  private static final int IN_ORDER = 1;
  private static final int FLOAT = 3;
  private static final int ANY_LAYOUT = 1;

  private final SymbolLookup library;
  private final MethodHandle execute;
  private final MethodHandle wait;
  private final MemorySegment engine;
  private final MemorySegment stream;

  OneDnn(SymbolLookup library) {
    this.library = library;
    execute = handle("dnnl_primitive_execute", ADDRESS, ADDRESS, JAVA_INT, ADDRESS);
    wait = handle("dnnl_stream_wait", ADDRESS);
    engine = created("dnnl_engine_create", new MemoryLayout[] {JAVA_INT, JAVA_LONG}, CPU, 0L);
    stream =
        created("dnnl_stream_create", new MemoryLayout[] {ADDRESS, JAVA_INT}, engine, IN_ORDER);
  }

  /**
   * What a primitive reads or writes.
   *
   * @param role oneDNN's number for it
   * @param shape its descriptor
   * @param size its elements
   */
  record Argument(int role, MemorySegment shape, int size) {}

  final MemorySegment engine() {
    return engine;
  }

  /** A dense tensor of floats; oneDNN numbers the plain layouts by their dimensions, from 2 on. */
  final MemorySegment shape(int... sizes) {
    return shape(1 + sizes.length, sizes);
  }

  /** A tensor of floats in whatever layout a primitive prefers. */
  final MemorySegment anyShape(int... sizes) {
    return shape(ANY_LAYOUT, sizes);
  }

  private MemorySegment shape(int layout, int[] sizes) {
    MemorySegment dimensions = Arena.global().allocate(JAVA_LONG, 12);
    for (int d = 0; d < sizes.length; d++) {
      dimensions.setAtIndex(JAVA_LONG, d, sizes[d]);
    }
    return created(
        "dnnl_memory_desc_create_with_tag",
        new MemoryLayout[] {JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT},
        sizes.length,
        dimensions,
        FLOAT,
        layout);
  }

  /** How many floats a descriptor's memory holds. */
  @SuppressWarnings("restricted") // the build enables native access
  final int elements(MemorySegment shape) {
    try {
      MethodHandle size =
          Linker.nativeLinker()
              .downcallHandle(
                  library.findOrThrow("dnnl_memory_desc_get_size"),
                  FunctionDescriptor.of(JAVA_LONG, ADDRESS));
      return (int) ((long) size.invokeExact(shape) / Float.BYTES);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** The layout that a primitive chose for one of its arguments. */
  @SuppressWarnings("restricted") // the build enables native access
  final MemorySegment layout(MemorySegment descriptor, int what) {
    try {
      MethodHandle query =
          Linker.nativeLinker()
              .downcallHandle(
                  library.findOrThrow("dnnl_primitive_desc_query_md"),
                  FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT, JAVA_INT));
      return (MemorySegment) query.invokeExact(descriptor, what, 0);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** A primitive with its memory, to be run. */
  final Runnable primitive(MemorySegment descriptor, Argument... arguments) {
    MemorySegment primitive =
        created("dnnl_primitive_create", new MemoryLayout[] {ADDRESS}, descriptor);
    MemorySegment list = Arena.global().allocate(16L * arguments.length, 8);
    for (int a = 0; a < arguments.length; a++) {
      MemorySegment memory =
          created(
              "dnnl_memory_create",
              new MemoryLayout[] {ADDRESS, ADDRESS, ADDRESS},
              arguments[a].shape,
              engine,
              filled(arguments[a].size));
      list.set(JAVA_INT, 16L * a, arguments[a].role);
      list.set(ADDRESS, 16L * a + 8, memory);
    }
    int count = arguments.length;
    return () -> {
      try {
        check((int) execute.invokeExact(primitive, stream, count, list), "execute");
        check((int) wait.invokeExact(stream), "wait");
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    };
  }

  private static MemorySegment filled(int n) {
    MemorySegment segment = Arena.global().allocate(4L * n, 64);
    for (long i = 0; i < n; i++) {
      segment.setAtIndex(JAVA_FLOAT, i, (i * 37 % 101) / 12.5f - 4f);
    }
    return segment;
  }

  /** Calls a function whose first argument is where the new object goes. */
  final MemorySegment created(String name, MemoryLayout[] layouts, Object... arguments) {
    MemoryLayout[] all = new MemoryLayout[layouts.length + 1];
    all[0] = ADDRESS;
    System.arraycopy(layouts, 0, all, 1, layouts.length);
    MemorySegment room = Arena.global().allocate(ADDRESS);
    Object[] values = new Object[arguments.length + 1];
    values[0] = room;
    System.arraycopy(arguments, 0, values, 1, arguments.length);
    call(name, all, values);
    return room.get(ADDRESS, 0);
  }

  /** Calls a function that gives a status. */
  final void call(String name, MemoryLayout[] layouts, Object... arguments) {
    try {
      check((int) handle(name, layouts).invokeWithArguments(arguments), name);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("restricted") // the build enables native access
  private MethodHandle handle(String name, MemoryLayout... layouts) {
    return Linker.nativeLinker()
        .downcallHandle(library.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, layouts));
  }

  private static void check(int status, String what) {
    if (status != 0) {
      throw new IllegalStateException("oneDNN: " + what + " gave " + status);
    }
  }
}
