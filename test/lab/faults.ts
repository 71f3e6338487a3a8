/**
 * `npm run test:faults [COMMAND… /PATTERN/…]`: every call that commands make of the engine goes wrong in every way, and every signal
 * comes at every time; then the same command runs once more and is to reach what was wanted. Prints which survived, of all
 * cases or of those whose words fit one of the patterns.
 */
import { type Choose, describeCase, scenariosNamed, type Tried, tableOf, tryAll } from '../faults/matrix.ts';
import { withEngine } from './engine.ts';
import { withoutLeftovers } from './leftovers.ts';
import { main } from './main.ts';
import { say } from './say.ts';

/** Two of them keep two cores busy. */
const lanes = Number(process.env.STACK_FAULTS_LANES ?? 3);

await main(async () => {
  const words = process.argv.slice(2);
  let count = 0;
  const chosen = scenariosNamed(words.filter((word) => !word.startsWith('/')));
  const wanted = words.filter((word) => word.startsWith('/')).map((word) => new RegExp(word.slice(1, -1)));
  const choose: Choose = (cases) =>
    cases.filter((one) => wanted.length === 0 || wanted.some((some) => some.test(describeCase(one))));
  const tell = ({ scenario, one, wrong, output, tried }: Tried): void => {
    count += 1;
    if (count % 20 === 0) say(`${count} tried`);
    if (wrong.length > 0)
      say(`WRONG: ${scenario}, ${describeCase(one)}\n  ${wrong.join('\n  ')}\n${output.slice(-1500)}`);
    else if (!tried) say(`not reached: ${scenario}, ${describeCase(one)}`);
  };
  const all = await withEngine(async (engine) => {
    Object.assign(process.env, engine.env);
    return withoutLeftovers(engine.host, async () => {
      const done: Tried[] = [];
      for (const scenario of chosen) {
        done.push(...(await tryAll([scenario], choose, lanes, tell)));
        // Who ends it before the end knows that much.
        say(`\n${tableOf(done)}\n`);
      }
      return done;
    });
  }, say);
  const tried = all.filter((one) => one.tried || one.wrong.length > 0);
  const survived = tried.filter(({ wrong }) => wrong.length === 0);
  const lost = all.filter(({ wrong }) => wrong.some((what) => what.includes('DATA LOST')));
  const timid = all.filter(({ isTimid }) => isTimid);
  say(`${tried.length} cases tried, ${survived.length} survived, ${lost.length} lost data`);
  say(`${timid.length} told of an error though all had been done`);
  return survived.length === tried.length ? 0 : 1;
});
