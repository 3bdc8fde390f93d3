package org.lanegrad.bench.peer;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.lanegrad.bench.op.PeerComparison.Peer;

/** The peers that are on the class path. */
public final class Peers {
  private Peers() {}

  /** OpenBLAS and oneDNN, where they are. */
  public static List<SgemmPeer> all() {
    List<SgemmPeer> peers = new ArrayList<>();
    NativeLibrary.settle();
    NativeLibrary.open(
            "/org/bytedeco/openblas/linux-x86_64/",
            List.of("libquadmath.so.0", "libgfortran.so.5", "libopenblas.so.0"))
        .ifPresent(library -> peers.add(new OpenBlas(library)));
    oneDnn().ifPresent(library -> peers.add(new OneDnn(library)));
    return peers;
  }

  /** Libraries of activations and row kernels, where they are. */
  public static List<NativeOps> ops() {
    NativeLibrary.settle();
    List<NativeOps> ops = new ArrayList<>();
    oneDnn()
        .ifPresent(
            library ->
                ops.add(
                    new OneDnnOps(
                        new OneDnnEltwise(library),
                        new OneDnnRows(library),
                        new OneDnnDense(library))));
    Iterator<NativeOps> found = ServiceLoader.load(NativeOps.class).iterator();
    while (addNext(found, ops)) {}
    return ops;
  }

  /** A library that isn't there any more, as after a build without the profile, is a line. */
  private static boolean addNext(Iterator<NativeOps> found, List<NativeOps> ops) {
    try {
      boolean hasNext = found.hasNext();
      if (hasNext) {
        ops.add(found.next());
      }
      return hasNext;
    } catch (ServiceConfigurationError | LinkageError e) {
      System.err.println("a peer is left out: " + e);
      return true;
    }
  }

  /** Who has a forward pass. */
  public static List<Peer> forward(List<NativeOps> libraries, String op, int rows, int columns) {
    List<Peer> peers = new ArrayList<>();
    for (NativeOps library : libraries) {
      Optional<Runnable> call = library.forward(op, rows, columns);
      call.ifPresent(run -> peers.add(new Peer(library.name(), run)));
    }
    return peers;
  }

  /** Who has a backward pass. */
  public static List<Peer> backward(List<NativeOps> libraries, String op, int rows, int columns) {
    List<Peer> peers = new ArrayList<>();
    for (NativeOps library : libraries) {
      Optional<Runnable> call = library.backward(op, rows, columns);
      call.ifPresent(run -> peers.add(new Peer(library.name(), run)));
    }
    return peers;
  }

  /** oneDNN's symbols; the library is unpacked once. */
  static Optional<SymbolLookup> oneDnn() {
    return OneDnnLibrary.SYMBOLS;
  }

  private static final class OneDnnLibrary {
    static final Optional<SymbolLookup> SYMBOLS = open();

    private static Optional<SymbolLookup> open() {
      NativeLibrary.settle();
      return NativeLibrary.open(
          "/org/bytedeco/dnnl/linux-x86_64/",
          List.of("libgomp.so.1", "libiomp5.so", "libdnnl.so.3"));
    }
  }

  @SuppressWarnings("restricted") // the build enables native access
  private static MethodHandle handle(
      SymbolLookup library, String name, FunctionDescriptor descriptor) {
    return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), descriptor);
  }

  /** {@code cblas_sgemm}, and for one row {@code cblas_sgemv}, which is ten times as fast there. */
  private static final class OpenBlas implements SgemmPeer {
    private static final int ROW_MAJOR = 101;
    private static final int AS_IS = 111;
    private static final int TRANSPOSED = 112;

    private final MethodHandle sgemm;
    private final MethodHandle sgemv;

    OpenBlas(SymbolLookup library) {
      sgemv =
          handle(
              library,
              "cblas_sgemv",
              FunctionDescriptor.ofVoid(
                  JAVA_INT,
                  JAVA_INT,
                  JAVA_INT,
                  JAVA_INT,
                  JAVA_FLOAT,
                  ADDRESS,
                  JAVA_INT,
                  ADDRESS,
                  JAVA_INT,
                  JAVA_FLOAT,
                  ADDRESS,
                  JAVA_INT));
      sgemm =
          handle(
              library,
              "cblas_sgemm",
              FunctionDescriptor.ofVoid(
                  JAVA_INT,
                  JAVA_INT,
                  JAVA_INT,
                  JAVA_INT,
                  JAVA_INT,
                  JAVA_INT,
                  JAVA_FLOAT,
                  ADDRESS,
                  JAVA_INT,
                  ADDRESS,
                  JAVA_INT,
                  JAVA_FLOAT,
                  ADDRESS,
                  JAVA_INT));
    }

    @Override
    public String name() {
      return "OpenBLAS";
    }

    @Override
    public void multiply(
        boolean transposeA,
        boolean transposeB,
        int m,
        int n,
        int k,
        MemorySegment a,
        MemorySegment b,
        MemorySegment c) {
      try {
        if (m == 1 && !transposeB) {
          sgemv.invokeExact(ROW_MAJOR, TRANSPOSED, k, n, 1f, b, n, a, 1, 0f, c, 1);
          return;
        }
        sgemm.invokeExact(
            ROW_MAJOR,
            transposeA ? TRANSPOSED : AS_IS,
            transposeB ? TRANSPOSED : AS_IS,
            m,
            n,
            k,
            1f,
            a,
            transposeA ? m : k,
            b,
            transposeB ? k : n,
            0f,
            c,
            n);
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** {@code dnnl_sgemm}. */
  private static final class OneDnn implements SgemmPeer {
    private final MethodHandle sgemm;

    OneDnn(SymbolLookup library) {
      sgemm =
          handle(
              library,
              "dnnl_sgemm",
              FunctionDescriptor.of(
                  JAVA_INT,
                  JAVA_BYTE,
                  JAVA_BYTE,
                  JAVA_LONG,
                  JAVA_LONG,
                  JAVA_LONG,
                  JAVA_FLOAT,
                  ADDRESS,
                  JAVA_LONG,
                  ADDRESS,
                  JAVA_LONG,
                  JAVA_FLOAT,
                  ADDRESS,
                  JAVA_LONG));
    }

    @Override
    public String name() {
      return "oneDNN";
    }

    @Override
    public void multiply(
        boolean transposeA,
        boolean transposeB,
        int m,
        int n,
        int k,
        MemorySegment a,
        MemorySegment b,
        MemorySegment c) {
      try {
        int status =
            (int)
                sgemm.invokeExact(
                    (byte) (transposeA ? 'T' : 'N'),
                    (byte) (transposeB ? 'T' : 'N'),
                    (long) m,
                    (long) n,
                    (long) k,
                    1f,
                    a,
                    (long) (transposeA ? m : k),
                    b,
                    (long) (transposeB ? k : n),
                    0f,
                    c,
                    (long) n);
        if (status != 0) {
          throw new IllegalStateException("dnnl_sgemm gave " + status);
        }
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
