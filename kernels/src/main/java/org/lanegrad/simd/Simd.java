package org.lanegrad.simd;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Whether the kernels use vector lanes in this JVM, decided once.
 *
 * <p>Lanes are on when the incubator module is there and the JIT compiles the Vector API to vector
 * instructions. Where it doesn't, each Vector API call allocates and a kernel would run 10 to 40
 * times slower than its scalar loop, so the scalar loop it is. The first kernel to be used logs one
 * line, through {@link System.Logger} {@code org.lanegrad}, that says why and what to add. The
 * system property {@code lanegrad.lanes=off} turns lanes off, {@code lanegrad.lanes=on} insists on
 * them under an unknown JIT.
 *
 * <p>This class names no vector type, so that it links without the module.
 */
public final class Simd {
  /** The system property that overrides the decision: {@code on} or {@code off}. */
  public static final String PROPERTY = "lanegrad.lanes";

  private static final String MODULE = "jdk.incubator.vector";
  private static final String WHY_OFF = whyOff();

  /** Whether kernels take their vector loops. */
  public static final boolean LANES = WHY_OFF == null;

  static {
    if (!LANES) {
      Logger log = System.getLogger("org.lanegrad");
      log.log(Level.WARNING, "Lanegrad runs its scalar loops: " + WHY_OFF);
    }
  }

  private Simd() {}

  /** The number of floats that one vector holds; 1 when lanes are off. */
  public static int lanes() {
    return LANES ? FloatLanes.COUNT : 1;
  }

  /**
   * How many vectors cover so many floats. Loops over whole arrays count vectors: an index that
   * steps by lanes would overflow at the end of the longest ones.
   */
  public static int vectors(int length) {
    return (int) ((length + (long) FloatLanes.COUNT - 1) / FloatLanes.COUNT);
  }

  /** One phrase for a log or a report: "16 lanes (512 bits)", or why there are none. */
  public static String describe() {
    return LANES
        ? "%d lanes (%d bits)".formatted(FloatLanes.COUNT, 32 * FloatLanes.COUNT)
        : "scalar: " + WHY_OFF;
  }

  private static String whyOff() {
    String wish = System.getProperty(PROPERTY, "");
    if (wish.equals("off")) {
      return "the system property " + PROPERTY + " is off";
    }
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return "the module " + MODULE + " is not there; add --add-modules " + MODULE;
    }
    if (wish.equals("on")) {
      return null;
    }
    String why = jitWithoutVectors();
    if (why == null && FloatLanes.COUNT < 4) {
      why = "this JVM offers no vectors of 128 bits or more (see -XX:MaxVectorSize, -XX:UseSSE)";
    }
    return why;
  }

  /**
   * Only HotSpot's C2 compiles the Vector API. {@code java.vm.info} tells the modes without it:
   * "interpreted mode" under -Xint, "emulated-client" under -XX:TieredStopAtLevel=1.
   */
  private static String jitWithoutVectors() {
    String name = System.getProperty("java.vm.name", "");
    String version = System.getProperty("java.vm.version", "");
    String info = System.getProperty("java.vm.info", "");
    if (info.contains("interpreted") || info.contains("emulated-client")) {
      return "this JVM runs without its C2 compiler ("
          + info
          + "); drop -Xint, -XX:TieredStopAtLevel";
    }
    boolean hotspot = name.contains("HotSpot") || name.startsWith("OpenJDK");
    if (!hotspot || version.contains("jvmci")) {
      return "%s %s is not known to compile the Vector API; -D%s=on insists"
          .formatted(name, version, PROPERTY);
    }
    return null;
  }
}
