import type { ContenderName } from './contender.ts';
import { type Measured, median } from './measure.ts';
import type { Unit } from './scenario.ts';

/** One row as it is kept and shown. */
export interface Row {
  readonly row: string;
  readonly told: string;
  readonly unit: Unit;
  readonly rounds: number;
  /** The day. */
  readonly measured: string;
  readonly noise?: number;
  readonly stack?: Figures;
  readonly compose?: Figures;
  readonly limit?: Figures;
  /** Medians of the ratios of each round, in which both saw the same machine. */
  readonly toCompose?: number;
  readonly toLimit?: number;
  readonly bar?: number;
  readonly limitBar?: number;
  readonly most?: number;
  readonly failures?: Measured['failures'];
}

interface Figures {
  readonly median: number;
  readonly min: number;
}

export function rowOf(measured: Measured, day: string): Row {
  const { figures, failures, noise, ...rest } = measured;
  const told = (name: ContenderName): { readonly [name: string]: Figures } => {
    const values = figures[name] ?? [];
    return values.length === 0
      ? {}
      : { [name]: { median: round(median(values)), min: round(Math.min(...values)) } };
  };
  const ratio = (name: ContenderName): number | undefined => {
    const others = figures[name] ?? [];
    const ratios = (figures.stack ?? [])
      .slice(0, others.length)
      .map((own, index) => own / (others[index] ?? 0));
    return ratios.length === 0 || !ratios.every(Number.isFinite) ? undefined : round(median(ratios));
  };
  const [toCompose, toLimit] = [ratio('compose'), ratio('limit')];
  return {
    ...rest,
    rounds: Math.max(0, ...Object.values(figures).map((values) => values.length)),
    measured: day,
    ...(noise === undefined || Number.isNaN(noise) ? {} : { noise: round(noise) }),
    ...told('stack'),
    ...told('compose'),
    ...told('limit'),
    ...(toCompose === undefined ? {} : { toCompose }),
    ...(toLimit === undefined ? {} : { toLimit }),
    ...(Object.keys(failures).length === 0 ? {} : { failures }),
  };
}

/** The rows as a table of Markdown. What misses its bar is in bold. */
export function tableOf(rows: readonly Row[]): string {
  const head = [
    '',
    'stack',
    '(min)',
    'Compose',
    '(min)',
    'engine',
    'stack / Compose',
    'bar',
    'stack / engine',
    'n',
    'noise',
  ];
  const cells = rows.map((row) => [
    row.told,
    figure(row, 'stack'),
    least(row, 'stack'),
    figure(row, 'compose'),
    least(row, 'compose'),
    figure(row, 'limit'),
    mark(row.toCompose, row.bar) + (misses(row, 'most') ? ` **> ${amount(row.most ?? 0, row.unit)}**` : ''),
    bars(row),
    mark(row.toLimit, row.limitBar),
    String(row.rounds),
    row.noise === undefined ? '' : `${Math.round(row.noise * 100)} %`,
  ]);
  const lines = [head, head.map((_, index) => (index === 0 ? '---' : '---:')), ...cells];
  return lines.map((line) => `| ${line.join(' | ')} |\n`).join('');
}

/** Which rows need more than a tenth longer than is kept, in comparison with Docker Compose, or alone where it has none. */
export function regressions(rows: readonly Row[], kept: readonly Row[]): readonly string[] {
  return rows.flatMap((row) => {
    const before = kept.find((one) => one.row === row.row);
    const [now, then] =
      row.toCompose !== undefined && before?.toCompose !== undefined
        ? [row.toCompose, before.toCompose]
        : [row.toLimit, before?.toLimit];
    if (now === undefined || then === undefined || now <= then * 1.1) return [];
    return [
      `${row.row}: ${then.toFixed(2)} → ${now.toFixed(2)}, ${Math.round((now / then - 1) * 100)} % more`,
    ];
  });
}

/** The rows that miss a bar, with by how much. */
export function missed(rows: readonly Row[]): readonly Row[] {
  return rows.filter(
    (row) =>
      misses(row, 'most') ||
      (row.toCompose ?? 0) > (row.bar ?? Number.POSITIVE_INFINITY) ||
      (row.toLimit ?? 0) > (row.limitBar ?? Number.POSITIVE_INFINITY),
  );
}

function misses(row: Row, bar: 'most'): boolean {
  return (row.stack?.median ?? 0) > (row[bar] ?? Number.POSITIVE_INFINITY);
}

function bars({ bar, limitBar, most, unit }: Row): string {
  return [
    ...(bar === undefined ? [] : [String(bar)]),
    ...(limitBar === undefined ? [] : [`${limitBar} × engine`]),
    ...(most === undefined ? [] : [amount(most, unit)]),
  ].join(', ');
}

function mark(ratio: number | undefined, bar: number | undefined): string {
  if (ratio === undefined) return '';
  return bar !== undefined && ratio > bar ? `**${ratio.toFixed(2)}**` : ratio.toFixed(2);
}

function figure(row: Row, name: ContenderName): string {
  const figures = row[name];
  if (figures !== undefined) return amount(figures.median, row.unit);
  return row.failures?.[name] === undefined ? '' : 'failed';
}

function least(row: Row, name: ContenderName): string {
  const figures = row[name];
  return figures === undefined ? '' : amount(figures.min, row.unit);
}

function amount(value: number, unit: Unit): string {
  if (unit === 'ms' && value >= 1000) return `${(value / 1000).toFixed(2)} s`;
  return `${value.toFixed(value < 10 && !Number.isInteger(value) ? 1 : 0)} ${unit.replace(' CPU', '')}`;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
