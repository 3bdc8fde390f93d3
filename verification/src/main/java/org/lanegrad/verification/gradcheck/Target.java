package org.lanegrad.verification.gradcheck;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What is checked, in the form that the check works with: all outputs one after the other. */
interface Target {
  /** The outputs; an array of its own at each call. */
  double[] forward(double[][] inputs);

  /** A gradient for each input, null where there is none; arrays of their own. */
  double[][] backward(double[][] inputs, double[] upstream);

  /** The unit roundoff: 2⁻²⁴ for floats, 2⁻⁵³ for doubles. */
  double unit();

  /** What was noticed on the way that is no fault. */
  List<String> notes();

  /** A value as the function can be given it. */
  default double rounded(double value) {
    return unit() > 0x1p-30 ? (float) value : value;
  }

  /** From functions over floats. */
  static Target floats(GradCheck.FloatForward forward, GradCheck.FloatBackward backward) {
    return new Target() {
      private final List<String> notes = new ArrayList<>();
      private float[][] latest;

      @Override
      public double[] forward(double[][] inputs) {
        float[][] in = floats(inputs);
        float[][] before = copy(in);
        float[][] out = forward.run(in);
        requireUnchanged("forward", before, in);
        if (out == null || Arrays.stream(out).anyMatch(o -> o == null)) {
          throw new GradCheckFault("forward returned no output: null");
        }
        if (latest != null && latest.length > 0 && out.length > 0 && latest[0] == out[0]) {
          note("forward returns the same array each time: it was copied after each call");
        }
        latest = out;
        return joined(out);
      }

      @Override
      public double[][] backward(double[][] inputs, double[] upstream) {
        float[][] in = floats(inputs);
        float[][] before = copy(in);
        float[][] up = split(upstream);
        float[][] upBefore = copy(up);
        float[][] gradients = backward.run(in, up);
        requireUnchanged("backward", before, in);
        for (int k = 0; k < up.length; k++) {
          int written = Arrays.mismatch(upBefore[k], up[k]);
          if (written >= 0) {
            throw new GradCheckFault("backward wrote to the upstream gradient, element " + written);
          }
        }
        if (gradients == null) {
          throw new GradCheckFault("backward returned no gradients: null");
        }
        double[][] result = new double[gradients.length][];
        for (int v = 0; v < result.length; v++) {
          result[v] = gradients[v] == null ? null : joined(new float[][] {gradients[v]});
        }
        return result;
      }

      private float[][] split(double[] upstream) {
        float[][] parts = new float[latest.length][];
        for (int k = 0, at = 0; k < parts.length; at += parts[k].length, k++) {
          parts[k] = new float[latest[k].length];
          for (int i = 0; i < parts[k].length; i++) {
            parts[k][i] = (float) upstream[at + i];
          }
        }
        return parts;
      }

      private void note(String text) {
        if (!notes.contains(text)) {
          notes.add(text);
        }
      }

      @Override
      public double unit() {
        return 0x1p-24;
      }

      @Override
      public List<String> notes() {
        return notes;
      }
    };
  }

  /** From functions over doubles. */
  static Target doubles(GradCheck.DoubleForward forward, GradCheck.DoubleBackward backward) {
    return new Target() {
      @Override
      public double[] forward(double[][] inputs) {
        double[][] in = copy(inputs);
        double[] out = forward.run(in);
        requireUnchanged("forward", inputs, in);
        if (out == null) {
          throw new GradCheckFault("forward returned no output: null");
        }
        return out.clone();
      }

      @Override
      public double[][] backward(double[][] inputs, double[] upstream) {
        double[][] in = copy(inputs);
        double[] up = upstream.clone();
        double[][] gradients = backward.run(in, up);
        requireUnchanged("backward", inputs, in);
        if (!Arrays.equals(up, upstream)) {
          throw new GradCheckFault("backward wrote to the upstream gradient");
        }
        if (gradients == null) {
          throw new GradCheckFault("backward returned no gradients: null");
        }
        return copy(gradients);
      }

      @Override
      public double unit() {
        return 0x1p-53;
      }

      @Override
      public List<String> notes() {
        return List.of();
      }
    };
  }

  private static double[][] copy(double[][] arrays) {
    double[][] copies = new double[arrays.length][];
    Arrays.setAll(copies, v -> arrays[v] == null ? null : arrays[v].clone());
    return copies;
  }

  private static float[][] floats(double[][] arrays) {
    float[][] floats = new float[arrays.length][];
    for (int v = 0; v < floats.length; v++) {
      floats[v] = new float[arrays[v].length];
      for (int i = 0; i < floats[v].length; i++) {
        floats[v][i] = (float) arrays[v][i];
      }
    }
    return floats;
  }

  private static double[] joined(float[][] parts) {
    double[] all = new double[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
    int at = 0;
    for (float[] part : parts) {
      for (float value : part) {
        all[at++] = value;
      }
    }
    return all;
  }

  private static float[][] copy(float[][] arrays) {
    float[][] copies = new float[arrays.length][];
    Arrays.setAll(copies, v -> arrays[v].clone());
    return copies;
  }

  private static void requireUnchanged(String pass, float[][] before, float[][] after) {
    for (int v = 0; v < after.length; v++) {
      int written = after[v] == null ? 0 : Arrays.mismatch(before[v], after[v]);
      if (written >= 0) {
        throw damaged(pass, v, written);
      }
    }
  }

  private static void requireUnchanged(String pass, double[][] before, double[][] after) {
    for (int v = 0; v < after.length; v++) {
      int written = after[v] == null ? 0 : Arrays.mismatch(before[v], after[v]);
      if (written >= 0) {
        throw damaged(pass, v, written);
      }
    }
  }

  private static GradCheckFault damaged(String pass, int variable, int index) {
    return new GradCheckFault(pass + " wrote to its input {" + variable + "}, element " + index);
  }
}
