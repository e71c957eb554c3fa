/** Sees that the leases of what this process works on are renewed in time. */
export interface Renewals {
  renew(): Promise<void>;
  /**
   * Before anything is taken: renews where that is overdue, because the process stood still, the database was away or the clock
   * was set forward. Whose leases are over would take its own work, and do it a second time beside the first.
   */
  catchUp(): Promise<void>;
}

export function createRenewals(renew: () => Promise<void>, leaseMs: number, now: () => Date): Renewals {
  let renewedAt: number | null = null;
  async function renewAll(): Promise<void> {
    const at = now().getTime();
    await renew();
    renewedAt = at;
  }
  return {
    renew: renewAll,
    async catchUp() {
      renewedAt ??= now().getTime(); // nothing has been taken yet
      if (now().getTime() - renewedAt > leaseMs / 2) await renewAll();
    },
  };
}
