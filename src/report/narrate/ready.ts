import type { PortAsked, StackReady } from '../../model/event.ts';
import { addressesOfService, describeAnswer } from '../addresses.ts';
import { createPainter } from '../paint.ts';
import { lookOf } from '../shapes.ts';
import { isReady } from '../state.ts';
import type { View } from '../view.ts';
import { pad, widthOfNames } from '../width.ts';
import { formatDuration, plural } from '../words.ts';
import { list, type NarrateOptions, type Notice } from './notice.ts';

export function tellReady(
  { milliseconds, changed }: StackReady,
  after: View,
  options: NarrateOptions,
): Notice {
  const all = after.services.length;
  const text = changed ? `ready in ${formatDuration(milliseconds)}` : 'ready, nothing had to change';
  // What runs and is not waited for may take its time to become healthy.
  const early = after.services.filter(({ state }) => state === 'starting').map(({ name }) => name);
  const count = after.ready + early.length === all ? '' : `${after.ready + early.length} of `;
  const waiting = early.length === 0 ? '' : `; not healthy yet: ${list(early)}`;
  return {
    shape: 'good',
    text: `${text}: ${count}${plural(all, 'service')}${waiting}`,
    details: formatAddresses(after, options),
  };
}

/** That a port answers which did not before. */
export function tellAnswer(event: PortAsked, before: View, after: View): readonly Notice[] {
  const addressIn = ({ services }: View) =>
    services
      .flatMap(({ replicas }) => replicas)
      .find(({ id }) => id === event.id)
      ?.addresses.find(({ hostPort }) => hostPort === event.hostPort);
  const address = addressIn(after);
  if (address === undefined || addressIn(before)?.answer?.answers !== false || !event.answers) return [];
  const text = `answers now: ${address.text} ${describeAnswer(address)}`;
  return [{ shape: 'good', service: event.service, text: text.replace(/ answers$/, '') }];
}

export function tellJoined(after: View, options: NarrateOptions): Notice {
  const { ready, services, name } = after;
  const count = ready === services.length ? '' : `${ready} of `;
  const text = `${name} runs: ${count}${plural(services.length, 'service')} ready`;
  return { shape: 'good', text, details: formatAddresses(after, options) };
}

/** Where the services answer: a line for each that publishes a port. */
function formatAddresses({ services }: View, { colour, ascii }: NarrateOptions): readonly string[] {
  const paint = createPainter(colour);
  const reachable = services
    .map((service) => ({ service, addresses: addressesOfService(service) }))
    .filter(
      ({ addresses, service }) =>
        addresses.length > 0 && (isReady(service.state) || service.state === 'starting'),
    );
  const width = widthOfNames(reachable.map(({ service }) => service.name));
  return reachable.map(({ service, addresses }) => {
    const { shape, style } = lookOf(service.state, ascii);
    const texts = addresses.map((address) => {
      const place = address.url === undefined ? address.text : paint.underline(address.text);
      return [place, paint.dim(describeAnswer(address))].filter((part) => part !== '').join(' ');
    });
    return `  ${paint[style](shape)} ${pad(service.name, width)}  ${texts.join('  ')}`;
  });
}
