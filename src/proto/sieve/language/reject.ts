/** `reject` and `ereject` (RFC 5429): refusal with a reason. It stands alone: what is refused is not also delivered or answered (2.4). */
import { type CommandDefinition, step } from './definition.ts';

function refusal(name: 'reject' | 'ereject'): CommandDefinition {
  return {
    name,
    needs: name,
    args: ['string'],
    compile(call) {
      const reason = call.text(0);
      return step((run) => {
        const rival = run.actions.find((each) => each.is !== 'discard' && each.is !== 'notify');
        if (rival) throw run.error(rival.is === 'reject' ? 'rejectTwice' : 'rejectWithDelivery');
        run.keep = 'cancelled';
        run.act({
          is: 'reject',
          at: run.at,
          rule: run.rule,
          extended: name === 'ereject',
          reason: reason.read(run),
        });
      });
    },
  };
}

export const refusals: readonly CommandDefinition[] = [refusal('reject'), refusal('ereject')];
