/** The one place that decides whether lanes are on and how wide they are; not exported. */
package org.lanegrad.simd;
