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
import java.util.Optional;

/** oneDNN's elementwise primitives over vectors of floats. */
public final class OneDnnEltwise {
  private static final int CPU = 1;
  private static final int IN_ORDER = 1;
  private static final int FLOAT = 3;
  private static final int VECTOR = 2;
  private static final int TRAINING = 64;
  private static final int SOURCE = 1;
  private static final int DESTINATION = 17;
  private static final int DIFF_SOURCE = 129;
  private static final int DIFF_DESTINATION = 145;

  private final SymbolLookup library;
  private final MethodHandle execute;
  private final MethodHandle wait;
  private final MemorySegment engine;
  private final MemorySegment stream;

  private OneDnnEltwise(SymbolLookup library) {
    this.library = library;
    execute = handle("dnnl_primitive_execute", ADDRESS, ADDRESS, JAVA_INT, ADDRESS);
    wait = handle("dnnl_stream_wait", ADDRESS);
    engine = created("dnnl_engine_create", new MemoryLayout[] {JAVA_INT, JAVA_LONG}, CPU, 0L);
    stream =
        created("dnnl_stream_create", new MemoryLayout[] {ADDRESS, JAVA_INT}, engine, IN_ORDER);
  }

  /** The library, where it is on the class path. */
  public static Optional<OneDnnEltwise> find() {
    return Peers.oneDnn().map(OneDnnEltwise::new);
  }

  /**
   * A function by oneDNN's number for it.
   *
   * @param forward its algorithm forward
   * @param backward its algorithm backward
   * @param fromOutput whether the backward pass reads the output
   * @param alpha its first parameter
   * @param beta its second parameter
   */
  public record Function(int forward, int backward, boolean fromOutput, float alpha, float beta) {}

  /** A forward pass over n elements. */
  public Runnable forward(Function f, int n) {
    MemorySegment vector = vector(n);
    MemorySegment descriptor =
        created(
            "dnnl_eltwise_forward_primitive_desc_create",
            new MemoryLayout[] {
              ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_FLOAT, JAVA_FLOAT, ADDRESS
            },
            engine,
            TRAINING,
            f.forward,
            vector,
            vector,
            f.alpha,
            f.beta,
            MemorySegment.NULL);
    return primitive(descriptor, vector, n, SOURCE, DESTINATION);
  }

  /** A backward pass over n elements. */
  public Runnable backward(Function f, int n) {
    MemorySegment vector = vector(n);
    MemorySegment hint =
        created(
            "dnnl_eltwise_forward_primitive_desc_create",
            new MemoryLayout[] {
              ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_FLOAT, JAVA_FLOAT, ADDRESS
            },
            engine,
            TRAINING,
            f.backward,
            vector,
            vector,
            f.alpha,
            f.beta,
            MemorySegment.NULL);
    MemorySegment descriptor =
        created(
            "dnnl_eltwise_backward_primitive_desc_create",
            new MemoryLayout[] {
              ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_FLOAT, JAVA_FLOAT, ADDRESS, ADDRESS
            },
            engine,
            f.backward,
            vector,
            vector,
            vector,
            f.alpha,
            f.beta,
            hint,
            MemorySegment.NULL);
    int saved = f.fromOutput ? DESTINATION : SOURCE;
    return primitive(descriptor, vector, n, saved, DIFF_DESTINATION, DIFF_SOURCE);
  }

  private MemorySegment vector(int n) {
    MemorySegment sizes = Arena.global().allocate(JAVA_LONG, 12);
    sizes.set(JAVA_LONG, 0, n);
    return created(
        "dnnl_memory_desc_create_with_tag",
        new MemoryLayout[] {JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT},
        1,
        sizes,
        FLOAT,
        VECTOR);
  }

  private Runnable primitive(MemorySegment descriptor, MemorySegment vector, int n, int... roles) {
    MemorySegment primitive =
        created("dnnl_primitive_create", new MemoryLayout[] {ADDRESS}, descriptor);
    MemorySegment arguments = Arena.global().allocate(16L * roles.length, 8);
    for (int r = 0; r < roles.length; r++) {
      MemorySegment memory =
          created(
              "dnnl_memory_create",
              new MemoryLayout[] {ADDRESS, ADDRESS, ADDRESS},
              vector,
              engine,
              filled(n));
      arguments.set(JAVA_INT, 16L * r, roles[r]);
      arguments.set(ADDRESS, 16L * r + 8, memory);
    }
    int count = roles.length;
    return () -> {
      try {
        check((int) execute.invokeExact(primitive, stream, count, arguments), "execute");
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
  private MemorySegment created(String name, MemoryLayout[] layouts, Object... arguments) {
    MemoryLayout[] all = new MemoryLayout[layouts.length + 1];
    all[0] = ADDRESS;
    System.arraycopy(layouts, 0, all, 1, layouts.length);
    MemorySegment room = Arena.global().allocate(ADDRESS);
    Object[] values = new Object[arguments.length + 1];
    values[0] = room;
    System.arraycopy(arguments, 0, values, 1, arguments.length);
    try {
      check((int) handle(name, all).invokeWithArguments(values), name);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
    return room.get(ADDRESS, 0);
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
