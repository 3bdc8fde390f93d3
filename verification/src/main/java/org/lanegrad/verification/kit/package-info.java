/** Every check that the library's own kernels get, for kernels of your own. */
package org.lanegrad.verification.kit;
