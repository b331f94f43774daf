/** Orders of operators in a thread: they close the gates of sites, and those that slow down become rules of shaping, so that one limit is one over all threads. */
import { systemClock } from '../base/clock.ts';
import type { Settings } from '../config/schema.ts';
import type { DeliveryOptions, RouteOption } from '../delivery/options.ts';
import { Orders, type Order } from '../queue/orders.ts';
import { receiverOf } from '../shaping/gate.ts';
import type { ShapingOptions, ShapingRule } from '../shaping/options.ts';
import { readRate } from '../shaping/rate.ts';
import { deliveryOptions } from './part-options.ts';
import { shapingOptions } from './shaping.ts';
import type { ThreadFacts } from './thread-parts.ts';

export function openOrders(
  { store, log }: Pick<ThreadFacts, 'store' | 'log'>,
  onChange: (orders: readonly Order[]) => void,
): Orders {
  return new Orders({
    store,
    clock: systemClock,
    log,
    providerOf: (facts) => receiverOf(facts).provider,
    onChange,
  });
}

/** The settings' rules, with those that operators have ordered. */
export function orderedShaping(settings: Settings, orders: readonly Order[]): ShapingOptions {
  const options = shapingOptions(settings);
  return { ...options, rules: [...options.rules, ...orders.flatMap(ruleOf)] };
}

function ruleOf({ is, id, rate, why, by, untilMs, provider, domain, org, campaign }: Order): ShapingRule[] {
  const messageRate = is === 'limit' ? readRate(rate) : undefined;
  if (!messageRate) return [];
  return [
    {
      name: `order ${id}`,
      from: 'settings',
      across: provider !== undefined,
      limits: { messageRate },
      why: `${why} (${by}, until ${new Date(untilMs).toISOString().slice(0, 16)} UTC)`,
      ...(provider !== undefined && { provider }),
      ...(domain !== undefined && { domain }),
      ...(org !== undefined && { org }),
      ...(campaign !== undefined && { campaign }),
    },
  ];
}

/** Delivery as the settings have it, with the ways that operators have ordered before those of the settings. */
export function orderedDelivery(
  settings: Settings,
  ownAddresses: readonly string[],
  orders: readonly Order[],
): DeliveryOptions {
  const options = deliveryOptions(settings, ownAddresses);
  return { ...options, routes: [...reroutesOf(orders), ...options.routes] };
}

/** The latest order comes first. */
export const reroutesOf = (orders: readonly Order[]): readonly RouteOption[] =>
  orders.toReversed().flatMap(({ is, to, domain, sender }) =>
    is === 'reroute' && to !== undefined
      ? [
          {
            domains: [domain ?? '*'],
            ...(sender !== undefined && { senders: [sender.slice(sender.indexOf('@') + 1)] }),
            hosts: [to],
          },
        ]
      : [],
  );
