/**
 * How long a test may take, and how long anybody here waits for an event, in ms. It is for who hangs, not a verdict on speed: a third of
 * a CPU beside a busy neighbour takes its time. Waiting ends by the event, or with the test.
 */
export const PATIENCE = 120_000;
