/**
 * Is a vector kernel's speed what it should be in every JVM? Whether C2 keeps vectors in registers
 * depends on the vector width, on what was compiled before, and on which branches it has seen
 * taken; where it does not, a kernel allocates and runs ten to a thousand times slower. So each
 * kernel is run in fresh JVMs, on several widths, after different orders of warm-up: {@link
 * org.lanegrad.verification.jit.JitGuard} starts them and judges, {@link
 * org.lanegrad.verification.jit.JitProbe} is what runs in them.
 */
package org.lanegrad.verification.jit;
