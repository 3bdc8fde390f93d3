/**
 * Flat backpropagation: whole models as straight code, the backward pass being the forward pass
 * read upside down, line by line.
 */
package org.lanegrad.reference.flat;
