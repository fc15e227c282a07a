import type { Trouble } from '../../actors/trouble.ts';
import { at } from '../deadlines.ts';
import type { RecoveryContext } from './context.ts';
import type { recoveryActors } from './setup.ts';

type WorkName = Exclude<keyof typeof recoveryActors, 'initializeComponents' | 'checkHealth' | 'leadBackSipConfig'>;

/** Only states that have one ask for it. */
const troubleOf = ({ context }: { readonly context: RecoveryContext }): Trouble => context.trouble!;

type Way<Target extends string, Action extends string> = { readonly to: Target; readonly actions?: readonly Action[] };

const via = <Target extends string, Action extends string>(
  { to, actions = [] }: Way<Target, Action>,
  tell: 'tellDone' | 'tellFailed',
  name: string,
) => ({ target: to, actions: [{ type: tell, params: { box: name } } as const, ...actions] });

/** A state that does one piece of work: what breaks, or is not done in time, has failed. */
export function box<
  const Src extends WorkName,
  const Done extends string,
  const Failed extends string,
  const DoneAction extends string = never,
  const FailedAction extends string = never,
>(name: string, src: Src, done: Way<Done, DoneAction>, failed: Way<Failed, FailedAction>) {
  const [well, ill] = [via(done, 'tellDone', name), via(failed, 'tellFailed', name)];
  return {
    invoke: { id: src, src, input: troubleOf, onError: ill },
    on: { 'work.done': well, 'work.failed': ill },
    after: { [at.recoveryStep]: ill },
  } as const;
}
