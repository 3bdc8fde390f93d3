/** How far a float result may lie from a double one, and what to say when it lies further. */
package org.lanegrad.verification.compare;
