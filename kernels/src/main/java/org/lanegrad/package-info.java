/** What all kernels share: {@link org.lanegrad.Matrix}, the view that every matrix argument is. */
package org.lanegrad;
