import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createProject, type TestProject, testLabel } from '../../helpers/project.ts';

/** How the services write: nothing, 1,000 lines a second together, or what programs do to screens. */
export const manners = ['quiet', 'steady', 'burst', 'long', 'colours', 'wide', 'json'] as const;
export type Manner = (typeof manners)[number];

export interface WritingStack extends TestProject {
  tell(manner: Manner): void;
  /** How many lines its services have written. */
  count(): number;
}

const services = ['api', 'web', 'db', 'jobs'];

/** A stack of services that write what and as fast as they are told. */
export function createWritingStack(): WritingStack {
  const labels = `labels: [${testLabel}=1]`;
  const project = createProject({
    file: `services:
${services
  .map(
    (name) => `  ${name}:
    image: busybox
    ${labels}
    init: true
    stop_grace_period: 1s
    command: [sh, /control/write.sh, ${name}]
    volumes: ["./control:/control"]
`,
  )
  .join('')}networks:
  default: { ${labels} }
`,
  });
  const say = (manner: Manner): void => project.write('control/manner', `${manner}\n`);
  say('quiet');
  project.write('control/write.sh', script);
  const counts = new Map<string, number>();
  const count = (name: string): number => {
    const file = path.join(project.directory, 'control', `${name}.count`);
    // While it is written there is nothing in it.
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (text !== '') counts.set(name, Number(text));
    return counts.get(name) ?? 0;
  };
  return Object.assign(project, {
    tell: say,
    count: () => services.map(count).reduce((sum, one) => sum + one, 0),
  });
}

/** Ten times a second it writes what is due; the clock is the kernel's, in hundredths of a second. */
const script = String.raw`name=$1
number=0
[ -s /control/$name.count ] && read number </control/$name.count
due=0
escape=$(printf '\033')
long=$(printf '%05000d' 7)
clock() { read up rest </proc/uptime; now=$(( ${'$'}{up%.*} * 100 + 1${'$'}{up#*.} - 100 )); }
line() { number=$((number + 1)); echo "$1"; }
many() { left=$1; shift; while [ $left -gt 0 ]; do line "$number $*"; left=$((left - 1)); done; }
clock
before=$now
while :; do
  read manner </control/manner
  clock
  passed=$((now - before))
  before=$now
  case $manner in
    steady) due=$((due + passed * 250)); many $((due / 100)) "GET /orders/$number answered 200 in $((number % 97)) ms"; due=$((due % 100)) ;;
    burst) many 3000 'all at once'; usleep 900000 ;;
    long) line "$number $long"; line "$number short" ;;
    colours) line "$number $escape[1;31mred$escape[0m $escape[38;5;208morange$escape[48;2;10;20;30m and$escape[0m"
      line "$number $escape[2J$escape[10;10Hmoved $escape]0;title$(printf '\007') $escape[?1049h"; printf 'progress 50%%\rprogress 99%%\n' ;;
    wide) many 5 '日本語のログ 🚀 👩‍👩‍👧 é ｆｕｌｌ 한국어 🇩🇪'; ls /missing/$number ;;
    json) line "{\"level\":\"error\",\"msg\":\"order $number failed\",\"at\":$now,\"nested\":{\"a\":[1,2,3]}}"; line '{"level":"debug","msg":"tick"}' ;;
  esac
  echo $number >/control/$name.count
  usleep 100000
done
`;
