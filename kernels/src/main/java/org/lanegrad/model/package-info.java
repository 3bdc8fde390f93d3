/**
 * Whole networks: {@link org.lanegrad.model.Trainer} trains one, {@link org.lanegrad.model.Model}
 * serves one, {@link org.lanegrad.model.SafeTensors} and {@link org.lanegrad.model.Checkpoint} keep
 * what it learned. All of it stands on {@link org.lanegrad.graph}.
 */
package org.lanegrad.model;
