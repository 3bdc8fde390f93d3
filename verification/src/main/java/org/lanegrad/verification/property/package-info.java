/**
 * jqwik arbitraries for property tests of kernels. jqwik is an optional dependency: bring your own.
 */
package org.lanegrad.verification.property;
