/** A rule of the scheme that the model leaves out, to see that the check notices. */
export type Weakness =
  | 'none'
  /** Writers do not wait for the leases of others. */
  | 'no lease wait'
  /** The cache is turned on again without waiting for leases from before it was off. */
  | 'no wait before turning on'
  /** Redis is known by its process (run id), not by its data set's history (replication id). */
  | 'run id only'
  /** Redis is not told apart at all. */
  | 'no identity of Redis'
  /** Leases carry no floor. */
  | 'no floor'
  /** The primary's position is read before the generation row. */
  | 'position before row'
  /** The version is set, not raised. */
  | 'no compare-and-max'
  /** A change of a property is logged though an earlier write, perhaps of the same one, is not. */
  | 'gaps allowed'
  /** What is logged after a later write counts as if it were in every page by then. */
  | 'late changes left out'
  /** The first write of a later epoch counts as one like others. */
  | 'no whole entry for an epoch'
  /** Every turn-on has the same nonce. */
  | 'no nonce'
  /** A primary is believed without asking replicas. */
  | 'no confirmation'
  /** Pages come from replicas that may not have the version. */
  | 'no wait at the replica'
  /** A lease is looked at before Redis is asked, not after. */
  | 'no look at the lease after the answer';
