import type { Budget } from './budget.ts';

/** A place in a budget. */
export interface Place {
  readonly budget: Budget;
  readonly key: string;
  /** What proves right clears it, where it belongs to whoever knows what is right. */
  readonly isOwn?: boolean;
}

/** The places that were taken. Both methods may be called in any order; only the first call counts. */
export interface Reservation {
  /** What was tried was right: it counts nowhere, and whoever tried starts anew at what is their own. */
  succeed(): Promise<void>;
  /** Nothing was compared, or nothing was sent, so it counts nowhere. */
  giveBack(): Promise<void>;
}

/** The places that whoever is not known takes besides. */
export interface StrangersPlaces {
  readonly places: readonly Place[];
  /** Asked where all of one are taken: whoever is known is let through. */
  isKnown(): Promise<boolean>;
}

/** Takes all places, or throws as the first budget that has none, and takes none. */
export async function reservePlaces(
  places: readonly Place[],
  strangers: StrangersPlaces | null = null,
): Promise<Reservation> {
  const taken: Place[] = [];
  const take = async (place: Place) => {
    await place.budget.take(place.key);
    taken.push(place);
  };
  try {
    for (const place of places) await take(place);
    for (const place of strangers?.places ?? []) {
      await take(place).catch(async (error) => {
        if (!(await strangers?.isKnown())) throw error;
      });
    }
  } catch (error) {
    await giveBackAll(taken);
    throw error;
  }
  return createReservation(taken);
}

function createReservation(taken: readonly Place[]): Reservation {
  let isSettled = false;
  const settle = async (release: () => Promise<void>) => {
    if (isSettled) return;
    isSettled = true;
    await release();
  };
  return {
    succeed: () =>
      settle(async () => {
        await Promise.all(taken.map(({ budget, key, isOwn }) => (isOwn ? budget.clear(key) : budget.giveBack(key))));
      }),
    giveBack: () => settle(() => giveBackAll(taken)),
  };
}

async function giveBackAll(places: readonly Place[]): Promise<void> {
  await Promise.all(places.map(({ budget, key }) => budget.giveBack(key)));
}
