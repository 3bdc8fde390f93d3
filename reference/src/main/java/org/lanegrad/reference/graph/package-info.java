/**
 * Computational graphs: {@link org.lanegrad.reference.graph.Graph}, made by naming its nodes, and
 * {@link org.lanegrad.reference.graph.Tape}, made by computing with numbers that remember.
 */
package org.lanegrad.reference.graph;
