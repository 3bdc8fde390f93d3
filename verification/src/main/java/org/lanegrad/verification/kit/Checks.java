package org.lanegrad.verification.kit;

import java.util.List;
import org.lanegrad.verification.gradcheck.GradCheck;

/**
 * Checks of one's own, to run without JUnit: {@code java … org.lanegrad.verification.kit.RunChecks
 * com.example.MyChecks}, for a public class with a public constructor without arguments.
 */
public interface Checks {
  /** Checks of kernels. */
  default List<KernelCheck> kernels() {
    return List.of();
  }

  /** Checks of gradients. */
  default List<GradCheck> gradients() {
    return List.of();
  }
}
