import type { Event } from '../model/event.ts';
import { withoutOutput, withoutProgress, withTimestamps } from '../report/adapt.ts';
import type { GlobalOptions } from './program.ts';
import type { Session } from './session.ts';
import type { UpFlags } from './up-flags.ts';

/** Says only what is wanted of what happens. */
export function listen(
  session: Session,
  listener: (event: Event) => void,
  { quietPull, quietBuild, timestamps }: Pick<UpFlags, 'quietPull' | 'quietBuild' | 'timestamps'>,
  { asCompose }: GlobalOptions,
): void {
  const quiet = [
    ...(quietPull === true ? (['pull-image'] as const) : []),
    ...(quietBuild === true ? (['build-image'] as const) : []),
  ];
  const heard = timestamps === true ? withTimestamps(listener) : listener;
  // Docker Compose says that an image is there also where it is to be quiet.
  const without = asCompose ? withoutOutput : withoutProgress;
  session.listen(quiet.length > 0 ? without(heard, quiet) : heard);
}
