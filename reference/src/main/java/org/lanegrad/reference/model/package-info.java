/** The lectures' models, made of the graph and its ops, for kernels to be checked against. */
package org.lanegrad.reference.model;
