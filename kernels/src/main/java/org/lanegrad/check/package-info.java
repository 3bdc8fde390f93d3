/** The argument checks that every public method shares; not exported. */
package org.lanegrad.check;
