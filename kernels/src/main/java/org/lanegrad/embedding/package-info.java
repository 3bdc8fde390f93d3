/** Tables of word vectors: gathering them and adding gradients back. */
package org.lanegrad.embedding;
