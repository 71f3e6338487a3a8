import { sanitiseData, sanitiseLine } from '../report/sanitise.ts';

/** Prints what would be done, a line a step. */
export function printPlan(text: string): void {
  printLines(text === '' ? 'nothing to do\n' : text);
}

/** Prints lines of which parts come from elsewhere, so that none of them reaches the terminal as an order. */
export function printLines(text: string): void {
  const lines = text.split('\n').map((line) => sanitiseLine(line, { colour: false }));
  process.stdout.write(lines.join('\n'));
}

/** Prints data: as it is for programs, and so that no part of it is an order for a terminal. */
export function printData(text: string): void {
  process.stdout.write(process.stdout.isTTY === true ? sanitiseData(text) : text);
}
