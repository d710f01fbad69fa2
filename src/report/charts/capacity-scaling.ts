/**
 * How a closed loop scales with its clients: what was measured, and the Universal Scalability Law through it.
 *
 * @module
 */
import type { CapacityReport, Scaling, ScalingFit } from '../../model/capacity.js';
import { formatAmount, formatRate, formatThings } from '../../model/figure-text.js';
import { describeFit } from '../capacity-words.js';
import { BAND_COLOUR, capacityFrame, NAMED_COLOUR } from './capacity-frame.js';
import { composeChart, type Chart, type PositionFieldDef, type Row } from './chart.js';
import { having, textTooltip } from './rows.js';

const MEASURED_COLOUR = '#4f8fc0';
const CURVE_COLOUR = '#e06000';
const CURVE_SAMPLES = 80;
const ROOM = 1.08;

/** One chart; none where the closed loop was not tried. */
export function scalingCharts(report: CapacityReport): Chart[] {
  const { scaling } = report;
  return scaling === null || scaling.points.length === 0 ? [] : [scalingChart(report, scaling)];
}

function scalingChart(report: CapacityReport, { points, fit, refusal }: Scaling): Chart {
  const limits = [...new Set(points.flatMap(({ limitedBy }) => limitedBy ?? []))];
  const frame = capacityFrame(report, 'scalability', 'Scalability: closed loop over the number of clients', [
    ...(refusal === null ? [] : [refusal]),
    ...(fit === null ? [] : [describeFit(fit)]),
    'closed loop: each client starts again when it has released, so this shows throughput, not the SLO',
    ...(limits.length > 0 ? [`hollow: ${limits.map((limit) => LIMIT_NOTES[limit]).join(', or ')}`] : []),
  ]);
  const mostClients = points.reduce((most, each) => Math.max(most, each.clients), 0) * ROOM;
  const peak = fit?.peak ?? null;
  const mostRate =
    Math.max(
      points.reduce((most, each) => Math.max(most, each.ratePerSecond), 0),
      peak?.ratePerSecond.high ?? 0,
    ) * 1.14;
  const x = (field: string): PositionFieldDef => ({
    field,
    type: 'quantitative',
    scale: { domain: [0, mostClients], nice: false },
    axis: { title: 'clients', format: ',~r', tickMinStep: 1, grid: false },
  });
  const y = (field: string): PositionFieldDef => ({
    field,
    type: 'quantitative',
    scale: { domain: [0, mostRate], nice: false },
    axis: { title: 'acquisitions/s', format: ',~r' },
  });
  const kinds = fit === null ? KINDS.slice(0, 1) : KINDS;
  const color = {
    field: 'kind',
    type: 'nominal',
    scale: { domain: kinds, range: [MEASURED_COLOUR, CURVE_COLOUR, BAND_COLOUR].slice(0, kinds.length) },
    legend: { columns: 3, symbolOpacity: 1 },
  } as const;
  const [measured, curve, linear] = KINDS;
  return composeChart(frame, {
    heightPx: 320,
    rows: [
      ...points.map((point) => ({
        kind: measured,
        clients: point.clients,
        rate: point.ratePerSecond,
        isBound: point.limitedBy === null ? 0 : 1,
        round: String(point.round),
        'acquisitions/s': `${point.health === 'suspect' ? '≥ ' : ''}${formatRate(point.ratePerSecond)}`,
        generator: `${point.limitedBy === null ? point.health : LIMIT_NOTES[point.limitedBy]}, ${formatThings(point.workers, 'worker')}`,
        by: formatThings(point.clients, 'client'),
      })),
      ...(fit === null ? [] : curveRows(fit, curve, mostClients)),
      ...(fit === null ? [] : linearRows(fit, linear, mostClients, mostRate)),
      ...(peak === null ? [] : [peakRow(peak, mostClients)]),
    ],
    layers: [
      {
        transform: having('peakLow'),
        mark: { type: 'rect', color: BAND_COLOUR, opacity: 0.28, clip: true },
        encoding: { x: x('peakLow'), x2: { field: 'peakHigh' }, y: { value: 0 }, y2: { value: 'height' } },
      },
      {
        transform: having('peak'),
        mark: { type: 'rule', color: NAMED_COLOUR, strokeWidth: 1.5 },
        encoding: { x: x('peak') },
      },
      {
        transform: [{ filter: `datum.kind === ${JSON.stringify(linear)}` }],
        mark: { type: 'line', clip: true, strokeWidth: 1.5, strokeDash: [3, 3] },
        encoding: { x: x('at'), y: y('value'), color },
      },
      {
        transform: [{ filter: `datum.kind === ${JSON.stringify(curve)}` }],
        mark: { type: 'line', clip: true, strokeWidth: 2.5 },
        encoding: { x: x('at'), y: y('value'), color },
      },
      ...[false, true].map((isBound) => ({
        transform: [{ filter: `datum.isBound === ${isBound ? '1' : '0'}` }],
        mark: { type: 'point', filled: !isBound, opacity: 0.9, size: 50, strokeWidth: 1.5, clip: true } as const,
        encoding: {
          x: x('clients'),
          y: y('rate'),
          color,
          tooltip: textTooltip(['by', 'round', 'acquisitions/s', 'generator']),
        },
      })),
      {
        transform: having('peak'),
        mark: { type: 'text', align: 'left', baseline: 'bottom', dx: 6, dy: -6, fontSize: 12, fontWeight: 'bold' },
        encoding: { x: x('peak'), y: { value: 'height' }, text: { field: 'peakLabel', type: 'nominal' } },
      },
    ],
  });
}

const LIMIT_NOTES = {
  generator: 'the generator limited this point',
  machine: 'the machine limited this point',
  others: 'other processes were in the way, so it was not fitted',
} as const;

const KINDS = ['measured, one mark a round', 'fitted scalability law', 'linear, as one client'] as const;

/** Rate by the law X(n) = λ n / (1 + σ (n − 1) + κ n (n − 1)). */
function lawAt({ lambda, sigma, kappa }: ScalingFit, clients: number): number {
  const wait = 1 + sigma.value * (clients - 1) + kappa.value * clients * (clients - 1);
  return (lambda.value * clients) / wait;
}

function curveRows(fit: ScalingFit, kind: string, mostClients: number): Row[] {
  return Array.from({ length: CURVE_SAMPLES + 1 }, (_, index) => {
    const at = Math.min(mostClients, 1 + ((mostClients - 1) * index) / CURVE_SAMPLES);
    return { kind, at, value: lawAt(fit, at) };
  });
}

/** As far as the axes reach. */
function linearRows({ lambda }: ScalingFit, kind: string, mostClients: number, mostRate: number): Row[] {
  const end = Math.min(mostClients, mostRate / lambda.value);
  return [0, end].map((at) => ({ kind, at, value: Math.min(lambda.value * at, mostRate) }));
}

function peakRow(peak: NonNullable<ScalingFit['peak']>, mostClients: number): Row {
  const inside = (clients: number): number => Math.min(Math.max(clients, 0), mostClients);
  return {
    peak: inside(peak.clients.value),
    peakLow: inside(peak.clients.low),
    peakHigh: inside(peak.clients.high),
    peakLabel: `peak ${formatRate(peak.ratePerSecond.value)} at ${formatAmount(Math.round(peak.clients.value))} clients`,
  };
}
