package org.lanegrad.verification.jit;

/**
 * A kernel that fails the guard.
 *
 * @param kind what is wrong
 * @param name the case
 * @param size the size, or the change of sizes
 * @param width the vector width, by its name in the plan
 * @param detail the figures, and what boxed where
 * @param again the command that shows it again
 */
public record JitFinding(
    Kind kind, String name, String size, String width, String detail, String again) {
  /** What may be wrong. */
  public enum Kind {
    /** It allocates in steady state: its vectors are objects. */
    BOXES("boxes"),
    /** After one order of warm-up it is much slower than after the others. */
    BISTABLE("is bistable"),
    /** After a change of size or values it runs much slower for a while. */
    STALLS("stalls");

    private final String verb;

    Kind(String verb) {
      this.verb = verb;
    }
  }

  @Override
  public String toString() {
    return name
        + " "
        + kind.verb
        + ", "
        + size
        + ", "
        + width
        + ": "
        + detail
        + "\n  again: "
        + again;
  }
}
