/**
 * What every process tells of itself in its metrics. What must hold: a process that has nothing to
 * do is not kept busy by its own measurements.
 */
import { collectDefaultMetrics, Registry } from 'prom-client';

/** The delay of the event loop is looked at no more often: by default it would be every 10 ms. */
const eventLoopMonitoringPrecision = 200;

export function processRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision });
  return registry;
}
