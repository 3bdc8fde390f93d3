/**
 * The computational graph over the kernels: {@link org.lanegrad.graph.Op}s applied to {@link
 * org.lanegrad.graph.Node}s make a {@link org.lanegrad.graph.Graph}; gradients are nodes of it; a
 * {@link org.lanegrad.graph.Session} runs it.
 *
 * <p>{@link org.lanegrad.graph.Ops} lists the ops as plain functions of nodes. A graph holds no
 * value but those of its parameters and constants, which are the caller's matrices; a session owns
 * all other memory.
 */
package org.lanegrad.graph;
