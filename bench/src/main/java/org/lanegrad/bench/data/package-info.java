/** Data sets in files: CSV, IDX as MNIST has it, NPY, each gzipped or not. */
package org.lanegrad.bench.data;
