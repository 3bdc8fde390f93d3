/**
 * Native libraries that we measure ourselves against, OpenBLAS and oneDNN called through {@code
 * java.lang.foreign}, PyTorch and ONNX Runtime through their own bindings. They are on the class
 * path under {@code -Ppeers} only; without it there are no peers.
 */
package org.lanegrad.bench.peer;
