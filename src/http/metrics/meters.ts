import { Counter, Histogram, type Registry } from 'prom-client';
import { COUNTERS, type CounterKey, HISTOGRAMS, type HistogramKey, type Measurement } from './measurement.ts';

/** The counters and histograms of the journal, as Prometheus wants them; they begin at nothing with the process. */
export class Meters {
  readonly #counters: Record<CounterKey, Counter>;
  readonly #histograms: Record<HistogramKey, Histogram>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#counters = mapped(
      COUNTERS,
      ({ name, help, labels }) => new Counter({ name, help, labelNames: [...labels], registers }),
    );
    this.#histograms = mapped(
      HISTOGRAMS,
      ({ name, help, labels, buckets }) =>
        new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers }),
    );
  }

  take(measurements: readonly Measurement[]): void {
    for (const one of measurements) {
      if ('counter' in one) this.#counters[one.counter].inc(one.labels, one.by);
      else this.#histograms[one.histogram].observe(one.labels, one.seconds);
    }
  }
}

function mapped<K extends string, D, M>(
  table: Readonly<Record<K, D>>,
  make: (definition: D) => M,
): Record<K, M> {
  const entries = Object.entries(table) as [K, D][];
  return Object.fromEntries(entries.map(([key, definition]) => [key, make(definition)])) as Record<K, M>;
}
