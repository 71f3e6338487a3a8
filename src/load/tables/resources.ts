import type { Service } from '../../model/stack.ts';
import { blkio } from './blkio.ts';
import { deploy } from './deploy.ts';
import { devices, gpus } from './devices.ts';
import { decimal } from './numbers.ts';
import { about, type Table } from './shape.ts';
import { distinctTexts, flag, oneOf, size, text, whole } from './shapes.ts';
import { ulimits } from './ulimits.ts';

const cut = whole({ cut: true });

/** The attributes of a service that say what its containers may use of the machine. */
export const resourceTable = {
  blkio_config: about('How much of the disks the container may use.', blkio),
  cgroup: about(
    'Whether the container has the control groups of the host or its own.',
    oneOf('host', 'private'),
  ),
  cgroup_parent: about('The control group that holds that of the container.', text),
  cpu_count: about('How many processors the container may use.', whole({ min: 0 })),
  cpu_percent: about('Which part of the processors it may use.', whole({ min: 0, max: 100 })),
  cpu_period: about('The period in which `cpu_quota` counts, in microseconds.', cut),
  cpu_quota: about('How long processors may be used in each period, in microseconds.', cut),
  cpu_rt_period: about('The period of realtime scheduling, in microseconds.', cut),
  cpu_rt_runtime: about('How long processors may be used in each period of realtime scheduling.', cut),
  cpu_shares: about('The weight of the container against others that want to run.', cut),
  cpus: about('How many processors the container may use, as in 0.5.', decimal),
  cpuset: about('The processors the container may run on, as in 0-3 or 0,1.', text),
  deploy: about('How many containers there are and what they may use.', deploy),
  device_cgroup_rules: about('Which kinds of devices the container may use.', distinctTexts),
  devices: about('Devices of this machine that the container can use.', devices),
  gpus: about('Graphics processors the container can use.', gpus),
  mem_limit: about('How much memory the container may use.', size()),
  mem_reservation: about('How much memory is kept for the container.', size({ exact: true })),
  mem_swappiness: about('How readily its memory is swapped out, from 0 to 100.', size({ exact: true })),
  memswap_limit: about('How much memory and swap together it may use; -1 for no limit.', size()),
  oom_kill_disable: about('Do not kill the container when memory runs out.', flag),
  oom_score_adj: about('How readily it is killed when memory runs out.', whole({ min: -1000, max: 1000 })),
  pids_limit: about('How many processes the container may have; -1 for no limit.', cut),
  scale: about('How many containers of the service there are.', whole({ min: 0 })),
  shm_size: about('The size of shared memory.', size()),
  ulimits: about('Limits of the processes in the container.', ulimits),
} satisfies Partial<Table<keyof Service & string>>;
