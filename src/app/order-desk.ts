/** Orders of operators, for the HTTP server. */
import { systemClock } from '../base/clock.ts';
import type { OrderDesk } from '../httpd/parts.ts';
import { endOrder, giveOrder, ordersAt } from '../queue/orders.ts';
import { providerNames } from '../shaping/provider-list.ts';
import { readRate } from '../shaping/rate.ts';
import type { Store } from '../store/store.ts';

export function orderDesk(store: Store): OrderDesk {
  return {
    list: () => store.read(() => ordersAt(systemClock.nowMs())),
    give: (order) => store.write(giveOrder, order),
    end: (id, org) => store.write(endOrder, { id, org }),
    isRate: (text) => readRate(text) !== undefined,
    isProvider: (name) => providerNames.has(name),
  };
}
