import { type Sample, SERVICES, sum } from './sample.ts';

interface Line {
  readonly name: string;
  readonly of: (sample: Sample) => number | null;
}

interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
}

const OF_EACH = (of: (sample: Sample, service: (typeof SERVICES)[number]) => number): Line[] =>
  SERVICES.map((service) => ({ name: service, of: (sample) => of(sample, service) }));

const PANELS: readonly Panel[] = [
  {
    title: 'Resident memory, MB',
    lines: OF_EACH(({ services }, service) => services[service].resident),
  },
  {
    title: 'Heap of the main thread after a collection, MB',
    lines: OF_EACH(({ services }, service) => services[service].heap),
  },
  {
    title: 'Open descriptors',
    lines: OF_EACH(({ services }, service) => sum(Object.values(services[service].descriptors))),
  },
  {
    title: 'Timers and other handles',
    lines: OF_EACH(({ services }, service) => services[service].timers + services[service].handles),
  },
  {
    title: 'Journals, MB, of 64 each',
    lines: OF_EACH(({ services }, service) => services[service].journal),
  },
  {
    title: 'Leases, of 20',
    lines: [{ name: 'leases', of: ({ leases }) => leases }],
  },
  {
    title: 'Lease database, MB',
    lines: [{ name: 'database and its log', of: ({ leaseFile }) => leaseFile }],
  },
  {
    title: 'Time of a boot, s (median between two samples)',
    lines: [{ name: 'boot', of: ({ load: { bootMs } }) => bootMs && bootMs / 1000 }],
  },
];

const WIDTH = 920;
const COLUMNS = 2;
const CELL = { width: WIDTH / COLUMNS, height: 210 };
const INNER = { left: 52, right: 16, top: 48, bottom: 38 };

/** Legible on white and on black, and for those who see colours otherwise: they differ in lightness, too. */
const STYLE = `
  svg { font: 12px system-ui, sans-serif; }
  .ground { fill: #ffffff; } .text { fill: #24292f; } .faint { fill: #57606a; }
  .grid { stroke: #d0d7de; } .line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
  .c0 { stroke: #0550ae; } .c1 { stroke: #bc4c00; } .c2 { stroke: #116329; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; } .text { fill: #e6edf3; } .faint { fill: #9da7b1; } .grid { stroke: #30363d; }
    .c0 { stroke: #79c0ff; } .c1 { stroke: #ffa657; } .c2 { stroke: #7ee787; }
  }`;

/** A soak as an SVG: a panel for each kind of figure, over minutes. */
export function plot(samples: readonly Sample[]): string {
  const height = Math.ceil(PANELS.length / COLUMNS) * CELL.height;
  const panels = PANELS.map((panel, n) => {
    const [x, y] = [(n % COLUMNS) * CELL.width, Math.floor(n / COLUMNS) * CELL.height];
    return `<g transform="translate(${x} ${y})">${panelOf(panel, samples)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Figures of the three services over the run">
<style>${STYLE}</style>
<rect class="ground" width="100%" height="100%"/>
${panels.join('\n')}
</svg>
`;
}

function panelOf({ title, lines }: Panel, samples: readonly Sample[]): string {
  const minutes = samples.map(({ at }) => at / 60);
  const values = lines.map(({ of }) => samples.map(of));
  const [right, top] = [
    niceTop(minutes.at(-1) ?? 1),
    niceTop(Math.max(...values.flat().map((value) => value ?? 0))),
  ];
  const { left } = INNER;
  const [inWidth, inHeight] = [CELL.width - INNER.left - INNER.right, CELL.height - INNER.top - INNER.bottom];
  const x = (minute: number) => round(left + (minute / right) * inWidth);
  const y = (value: number) => round(INNER.top + (1 - value / top) * inHeight);
  const grid = ticks(top).map(
    (tick) =>
      `<line class="grid" x1="${left}" x2="${left + inWidth}" y1="${y(tick)}" y2="${y(tick)}"/><text class="faint" x="${left - 6}" y="${y(tick) + 4}" text-anchor="end">${label(tick)}</text>`,
  );
  const axis = ticks(right).map(
    (tick) =>
      `<text class="faint" x="${x(tick)}" y="${INNER.top + inHeight + 15}" text-anchor="middle">${label(tick)}</text>`,
  );
  const drawn = values.map((row, n) => {
    const points = row.flatMap((value, at) => (value === null ? [] : [`${x(minutes[at]!)},${y(value)}`]));
    return `<polyline class="line c${n}" points="${points.join(' ')}"/>`;
  });
  const legend = lines.map(
    ({ name }, n) =>
      `<line class="line c${n}" x1="${left + n * 64}" x2="${left + n * 64 + 16}" y1="36" y2="36"/><text class="text" x="${left + n * 64 + 20}" y="40">${name}</text>`,
  );
  const unit = `<text class="faint" x="${left + inWidth}" y="${INNER.top + inHeight + 29}" text-anchor="end">minutes</text>`;
  return [
    `<text class="text" x="${left}" y="22" font-weight="600">${title}</text>`,
    ...legend,
    ...grid,
    ...axis,
    unit,
    ...drawn,
  ].join('\n');
}

/** The least of 1, 1.5, 2, 3, 4, 5, 6, 8, 10 times a power of ten that is at least so much. */
function niceTop(most: number): number {
  if (!(most > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((step) => step * power).find((step) => step >= most)!;
}

const TICKS = 4;
const ticks = (top: number): number[] => Array.from({ length: TICKS + 1 }, (_, n) => (top * n) / TICKS);
const label = (value: number): string => String(Number(value.toPrecision(3)));
const round = (value: number): number => Math.round(value * 10) / 10;
