package org.lanegrad.bench.peer;

import java.util.Optional;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * PyTorch on one thread: its kernels into tensors that are there already where it offers that, for
 * cross-entropy with autograd, as its users call it.
 */
public final class PyTorchOps implements NativeOps {
  private static final double EPSILON = 1e-5;
  private static final long MEAN = 1;

  /** Settles on one thread. */
  public PyTorchOps() {
    torch.set_num_threads(1);
  }

  @Override
  public String name() {
    return "PyTorch";
  }

  @Override
  public Optional<Runnable> forward(String op, int rows, int columns) {
    Tensor x = torch.randn(rows, columns);
    Tensor y = torch.randn(rows, columns);
    Scalar one = new Scalar(1.0);
    Scalar eighth = new Scalar(0.125);
    Scalar minusOne = new Scalar(-1.0);
    Scalar twenty = new Scalar(20.0);
    Runnable call =
        switch (op) {
          case "relu" -> () -> torch.relu_out(y, x);
          case "leaky relu" -> () -> torch.leaky_relu_out(y, x, eighth);
          case "hard tanh" -> () -> torch.hardtanh_out(y, x, minusOne, one);
          case "hard sigmoid" -> () -> torch.hardsigmoid_out(y, x);
          case "hard swish" -> () -> torch.hardswish_out(y, x);
          case "sigmoid" -> () -> torch.sigmoid_out(y, x);
          case "tanh" -> () -> torch.tanh_out(y, x);
          case "elu" -> () -> torch.elu_out(y, x, one, one, one);
          case "celu" -> () -> torch.celu_out(y, x, one);
          case "softplus" -> () -> torch.softplus_out(y, x, one, twenty);
          case "silu" -> () -> torch.silu_out(y, x);
          case "mish" -> () -> torch.mish_out(y, x);
          case "gelu" -> () -> torch.gelu_out(y, x);
          case "gelu, tanh" -> () -> torch.gelu_out(y, x, "tanh");
          case "exp" -> () -> torch.exp_out(y, x);
          case "expm1" -> () -> torch.expm1_out(y, x);
          case "log" -> () -> torch.log_out(y, x);
          case "log1p" -> () -> torch.log1p_out(y, x);
          case "erf" -> () -> torch.erf_out(y, x);
          case "softmax" -> () -> torch.softmax_out(y, x, 1);
          case "log-softmax" -> () -> torch.log_softmax_out(y, x, 1);
          case "layer norm" -> layerNorm(rows, columns);
          case "rms norm" -> rmsNorm(rows, columns);
          case "cross-entropy" -> crossEntropy(rows, columns);
          default -> null;
        };
    return Optional.ofNullable(call).map(PyTorchOps::scoped);
  }

  @Override
  public Optional<Runnable> backward(String op, int rows, int columns) {
    Tensor d = torch.randn(rows, columns);
    Tensor saved = torch.randn(rows, columns);
    Tensor dx = torch.randn(rows, columns);
    Scalar zero = new Scalar(0.0);
    Scalar one = new Scalar(1.0);
    Scalar eighth = new Scalar(0.125);
    Scalar minusOne = new Scalar(-1.0);
    Scalar twenty = new Scalar(20.0);
    Runnable call =
        switch (op) {
          case "relu" -> () -> torch.threshold_backward_out(dx, d, saved, zero);
          case "leaky relu" -> () -> torch.leaky_relu_backward_out(dx, d, saved, eighth, false);
          case "hard tanh" -> () -> torch.hardtanh_backward_out(dx, d, saved, minusOne, one);
          case "hard sigmoid" -> () -> torch.hardsigmoid_backward_out(dx, d, saved);
          case "hard swish" -> () -> torch.hardswish_backward_out(dx, d, saved);
          case "sigmoid" -> () -> torch.sigmoid_backward_out(dx, d, saved);
          case "tanh" -> () -> torch.tanh_backward_out(dx, d, saved);
          case "elu" -> () -> torch.elu_backward_out(dx, d, one, one, one, false, saved);
          case "softplus" -> () -> torch.softplus_backward_out(dx, d, saved, one, twenty);
          case "silu" -> () -> torch.silu_backward_out(dx, d, saved);
          case "mish" -> () -> torch.mish_backward(d, saved);
          case "gelu" -> () -> torch.gelu_backward_out(dx, d, saved);
          case "gelu, tanh" -> () -> torch.gelu_backward_out(dx, d, saved, "tanh");
          case "layer norm" -> layerNormBackward(rows, columns);
          default -> null;
        };
    return Optional.ofNullable(call).map(PyTorchOps::scoped);
  }

  @Override
  public Runnable network(int rows, int... sizes) {
    Tensor x = torch.randn(rows, sizes[0]);
    int layers = sizes.length - 1;
    Tensor[] weights = new Tensor[layers];
    TensorOptional[] biases = new TensorOptional[layers];
    for (int i = 0; i < layers; i++) {
      weights[i] = torch.randn(sizes[i + 1], sizes[i]);
      biases[i] = new TensorOptional(torch.randn(sizes[i + 1]));
    }
    return scoped(
        () -> {
          Tensor y = x;
          for (int i = 0; i < layers; i++) {
            y = torch.linear(y, weights[i], biases[i]);
            if (i + 1 < layers) {
              torch.relu_(y);
            }
          }
        });
  }

  /** With autograd, and the gradients subtracted in place. */
  @Override
  public Optional<Runnable> trainingStep(int rows, int... sizes) {
    Tensor x = torch.randn(rows, sizes[0]);
    Tensor labels = torch.zeros(rows).to(torch.ScalarType.Long);
    int layers = sizes.length - 1;
    Tensor[] parameters = new Tensor[2 * layers];
    for (int i = 0; i < layers; i++) {
      parameters[2 * i] = torch.randn(sizes[i + 1], sizes[i]).requires_grad_(true);
      parameters[2 * i + 1] = torch.randn(sizes[i + 1]).requires_grad_(true);
    }
    TensorOptional even = new TensorOptional();
    Scalar rate = new Scalar(1e-4);
    return Optional.of(
        scoped(
            () -> {
              Tensor y = x;
              for (int i = 0; i < layers; i++) {
                y = torch.linear(y, parameters[2 * i], new TensorOptional(parameters[2 * i + 1]));
                y = i + 1 < layers ? torch.relu(y) : y;
              }
              torch.cross_entropy_loss(y, labels, even, MEAN, -100, 0).backward();
              for (Tensor parameter : parameters) {
                Tensor gradient = parameter.mutable_grad();
                parameter.detach().sub_(gradient, rate);
                gradient.reset();
              }
            }));
  }

  /** What a call returns is freed with its scope. */
  @SuppressWarnings("try") // the scope works by being open
  private static Runnable scoped(Runnable call) {
    return () -> {
      try (PointerScope scope = new PointerScope()) {
        call.run();
      }
    };
  }

  private static Runnable layerNorm(int rows, int columns) {
    Tensor x = torch.randn(rows, columns);
    Tensor y = torch.randn(rows, columns);
    Tensor mean = torch.randn(rows, 1);
    Tensor s = torch.randn(rows, 1);
    TensorOptional gamma = new TensorOptional(torch.randn(columns));
    TensorOptional beta = new TensorOptional(torch.randn(columns));
    long[] shape = {columns};
    return () -> torch.native_layer_norm_out(y, mean, s, x, shape, gamma, beta, EPSILON);
  }

  private static Runnable layerNormBackward(int rows, int columns) {
    Tensor d = torch.randn(rows, columns);
    Tensor x = torch.randn(rows, columns);
    Tensor dx = torch.randn(rows, columns);
    Tensor dgamma = torch.randn(columns);
    Tensor dbeta = torch.randn(columns);
    Tensor mean = torch.randn(rows, 1);
    Tensor s = torch.randn(rows, 1);
    TensorOptional gamma = new TensorOptional(torch.randn(columns));
    TensorOptional beta = new TensorOptional(torch.randn(columns));
    BoolPointer all = new BoolPointer(3);
    all.put(0, true).put(1, true).put(2, true);
    long[] shape = {columns};
    return () ->
        torch.native_layer_norm_backward_out(
            dx, dgamma, dbeta, d, x, shape, mean, s, gamma, beta, all);
  }

  private static Runnable rmsNorm(int rows, int columns) {
    Tensor x = torch.randn(rows, columns);
    TensorOptional gamma = new TensorOptional(torch.randn(columns));
    DoubleOptional epsilon = new DoubleOptional(EPSILON);
    long[] shape = {columns};
    return () -> torch.rms_norm(x, shape, gamma, epsilon);
  }

  private static Runnable crossEntropy(int rows, int classes) {
    Tensor logits = torch.randn(rows, classes).requires_grad_(true);
    Tensor labels = torch.zeros(rows).to(torch.ScalarType.Long);
    TensorOptional even = new TensorOptional();
    return () -> {
      torch.cross_entropy_loss(logits, labels, even, MEAN, -100, 0).backward();
      logits.mutable_grad().reset();
    };
  }
}
