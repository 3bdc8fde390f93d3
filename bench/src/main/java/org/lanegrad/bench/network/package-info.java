/** What the gradients of whole networks cost beside their forward pass. */
package org.lanegrad.bench.network;
