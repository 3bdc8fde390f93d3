/** The table of matrix products and dense layers against the FMA peak and the native peers. */
package org.lanegrad.bench.matmul;
