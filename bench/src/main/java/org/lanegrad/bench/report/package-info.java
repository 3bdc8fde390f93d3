/** The published report: results.json, report.md, index.html and its plots. */
package org.lanegrad.bench.report;
