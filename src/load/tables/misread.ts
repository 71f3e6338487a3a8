import { type Node, scalarText } from '../node.ts';
import { complain, type Place } from '../report.ts';

/**
 * The text of a scalar where Docker Compose takes any scalar for text, else `undefined`. It is told if that is not the
 * text that is written: `0777` arrives as `511`.
 */
export function arrivingText(node: Node, place: Place): string | undefined {
  const text = scalarText(node);
  const written = node.kind === 'number' || node.kind === 'boolean' ? node.written : undefined;
  if (text !== undefined && written !== undefined) {
    complain(place, node, {
      code: 'misread-value',
      severity: 'warning',
      message: `\`${written}\` is a ${node.kind} and arrives as \`${text}\``,
      hint: `put it in quotes to keep it as it is: \`"${written}"\``,
    });
  }
  return text;
}

/** Tells `- NAME="VALUE"`, whose quotes are part of the value. Once, as all lines are mostly written alike. */
export function tellKeptQuotes(node: Node, place: Place): void {
  if (node.kind !== 'text' || node.keepsQuotes === undefined) return;
  const name = node.value.slice(0, node.value.indexOf('='));
  const message = `the quotes are part of the value of \`${name}\``;
  complain(place, node, {
    code: 'misread-value',
    severity: 'warning',
    message,
    once: `kept-quotes ${place.path}`,
    withMore: (more) => `${message}, and so in ${more}`,
    hint: `write \`- ${name}=VALUE\`, or put the quotes around all of it`,
  });
}
