/**
 * The independent witness: every op in double, slow and obvious, with its Jacobian written out.
 *
 * <p>{@code op} holds one forward formula and one explicit Jacobian for each op; {@code diff} the
 * ways to a derivative that need no formula of their own. Nothing here knows of the kernels.
 */
package org.lanegrad.reference;
