/** The checks as trees of JUnit 5 tests. Needs JUnit Jupiter, which is optional otherwise. */
package org.lanegrad.verification.junit;
