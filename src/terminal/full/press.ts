import { actionOf, type Key } from '../keys.ts';
import { perform } from './actions.ts';
import { longestInput, pressConfirm, pressHelp, pressInput, pressPalette, typed } from './over.ts';
import { type FullState, placeOf, type Step, tell } from './state.ts';
import type { World } from './world.ts';

/** The state after a key. Pure; any key leaves a valid state, whatever has happened to the stack meanwhile. */
export function press(state: FullState, key: Key, world: World): Step {
  if (world.keys['screen.interrupt'].includes(key)) return { state, wish: { kind: 'interrupt' } };
  const { over } = state;
  switch (over?.kind) {
    case 'palette':
      return pressPalette(state, over, key, world);
    case 'confirm':
      return pressConfirm(state, over, key);
    case 'input':
      return pressInput(state, over, key, world);
    case 'help':
      return pressHelp(state, over, key, world);
    case undefined: {
      const action = actionOf(world.keys, placeOf(state, world), key);
      if (action === undefined) return { state };
      // What was answered has been read by who goes on; going back takes it away and does nothing else.
      const isRead = action !== 'screen.back' && state.message?.tone !== 'busy';
      return perform(isRead ? tell(state, undefined) : state, action, world, key);
    }
  }
}

/** The state after text was pasted: it is text, whatever the keys of its letters do. */
export function paste(state: FullState, pasted: string, world: World): Step {
  const { over } = state;
  if (over?.kind !== 'palette' && over?.kind !== 'input') return { state };
  const words = pasted.slice(0, longestInput).replaceAll(/\p{Cc}+/gu, ' ');
  const text = (over.text + words).slice(0, longestInput);
  if (over.kind === 'palette') return { state: { ...state, over: { ...over, text, at: 0 } } };
  return { state: typed(state, { ...over, text }, world) };
}
