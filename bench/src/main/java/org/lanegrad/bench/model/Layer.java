package org.lanegrad.bench.model;

import java.util.Locale;
import org.lanegrad.activation.Activation;
import org.lanegrad.activation.ExponentialLinear;
import org.lanegrad.activation.Gelu;
import org.lanegrad.activation.HardSwish;
import org.lanegrad.activation.Mish;
import org.lanegrad.activation.PiecewiseLinear;
import org.lanegrad.activation.Relu;
import org.lanegrad.activation.Sigmoid;
import org.lanegrad.activation.Softplus;
import org.lanegrad.activation.Swish;
import org.lanegrad.activation.Tanh;

/** The activations of hidden layers that can be named on the command line. */
public enum Layer {
  RELU,
  LEAKY_RELU,
  TANH,
  SIGMOID,
  GELU,
  SILU,
  MISH,
  ELU,
  SELU,
  HARD_SWISH,
  SOFTPLUS;

  /** The kernel. */
  public Activation activation() {
    return switch (this) {
      case RELU -> new Relu();
      case LEAKY_RELU -> PiecewiseLinear.leakyRelu(0.01f);
      case TANH -> new Tanh();
      case SIGMOID -> new Sigmoid();
      case GELU -> new Gelu();
      case SILU -> new Swish(1f);
      case MISH -> new Mish();
      case ELU -> ExponentialLinear.elu(1f);
      case SELU -> ExponentialLinear.selu();
      case HARD_SWISH -> new HardSwish();
      case SOFTPLUS -> new Softplus();
    };
  }

  /** As it is written on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
