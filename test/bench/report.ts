export type Row = { what: string; goal: string; result: string; held: boolean | undefined };

export const atLeast = (what: string, value: number, goal: number, unit: string): Row => ({
  what,
  goal: `≥ ${goal} ${unit}`,
  result: `${round(value)} ${unit}`,
  held: value >= goal,
});
export const atMost = (what: string, value: number, goal: number, unit: string): Row => ({
  what,
  goal: `≤ ${goal} ${unit}`,
  result: `${round(value)} ${unit}`,
  held: value <= goal,
});
export const fact = (what: string, result: string): Row => ({ what, goal: '', result, held: undefined });

const round = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(1));

/** A table for people: what was measured, what it should be, what it is. */
export function print(rows: readonly Row[]): void {
  const width = (of: keyof Row) => Math.max(...rows.map((row) => String(row[of] ?? '').length), 4);
  const line = ({ what, goal, result, held }: Row): string =>
    `${what.padEnd(width('what'))}  ${goal.padEnd(width('goal'))}  ${result.padEnd(width('result'))}  ${held === undefined ? '' : held ? 'ok' : 'MISSED'}`;
  console.log(
    ['', line({ what: 'what', goal: 'goal', result: 'result', held: undefined }), ...rows.map(line)].join('\n'),
  );
}
