import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Profile } from '../../config/profile.ts';
import type { Health } from '../api/shapes.ts';
import type { Observed } from '../observer/observed.ts';
import { Meters } from './meters.ts';
import { addPoolGauges, type StatesOf } from './pool-gauges.ts';

export interface MetricsParts {
  readonly version: string;
  readonly profile: Profile;
  readonly observed: Pick<Observed, 'onChange'>;
  /** undefined where they are not known. */
  readonly leases: StatesOf | undefined;
  readonly health: () => Promise<Health>;
}

/** Sampling the event loop a hundred times a second, as is the default, would be most of what an idle service does. */
const LOOP_SAMPLES_MS = 500;

/** What Prometheus is told: process, journal, pools and services. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #parts: MetricsParts;
  #unlisten: () => void = () => undefined;

  constructor(parts: MetricsParts) {
    this.#parts = parts;
  }

  start(): void {
    const { profile, observed, leases, health, version } = this.#parts;
    const registry = this.#registry;
    const registers = [registry];
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_SAMPLES_MS });
    const meters = new Meters(registry);
    this.#unlisten = observed.onChange(({ measurements }) => meters.take(measurements));
    if (leases) addPoolGauges(registry, profile, leases);
    new Gauge({
      name: 'remoteboot_build_info',
      help: 'Version of the appliance; always 1',
      labelNames: ['version'],
      registers,
    }).set({ version }, 1);
    new Gauge({
      name: 'remoteboot_service_up',
      help: '1 where the service runs and all is well with it',
      labelNames: ['service'],
      registers,
      async collect() {
        this.reset();
        const services = await health().then(
          (all) => all.services,
          () => [],
        );
        for (const { service, state } of services) this.set({ service }, state === 'running' ? 1 : 0);
      },
    });
  }

  stop(): void {
    this.#unlisten();
    this.#registry.clear();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The exposition text (https://prometheus.io/docs/instrumenting/exposition_formats/). */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
