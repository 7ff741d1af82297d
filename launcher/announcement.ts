import type { Tenant } from '../tenants/tenant.ts';
import type { Knocker } from './knocks.ts';
import type { Event, State } from './lifecycle.ts';
import type { ReapCause } from './reaper.ts';

/** Who may have an instance stopped: an operator, a change of the tenant's file, the end of the house, the one that takes its place. */
export type StopOrder = 'operator' | 'file' | 'closing' | 'restart';

/** What made an instance stop; `itself`: it said so (STOPPING=1); `deaf`: it accepted nobody any more. */
export type StopCause = ReapCause | StopOrder | 'itself' | 'deaf';

/** What broke: it was not ready in time, it could not be made, or it ended unasked. */
export type Failure = 'timeout' | 'launch' | 'exit';

/** What happens to instances and is worth a line for people; whoever prints it finds the words. Times in ms. */
export type Announcement = { readonly tenant: Tenant; readonly instance: number | undefined } & Occurrence;

export type Occurrence =
	/** It became ready, `ms` after the first knock. */
	| { readonly type: 'woken'; readonly by: Knocker; readonly ms: number }
	/** A restarted launcher found it alive. */
	| { readonly type: 'adopted' }
	/** It is being stopped after being idle for `after`. */
	| { readonly type: 'reaped'; readonly cause: ReapCause; readonly after: number }
	/** No process of it is left, as was wanted. */
	| { readonly type: 'stopped'; readonly cause: StopCause }
	/**
	 * No process of it is left, unasked; `text` says how, going on from "it". 0: it may start again at once; undefined:
	 * it was started beside another one, which goes on.
	 */
	| {
			readonly type: 'failed';
			readonly failure: Failure;
			readonly text: string;
			readonly retryIn: number | undefined;
	  }
	/** A program error: the lifecycle table has no place for this; nothing was done. */
	| { readonly type: 'unexpected'; readonly state: State; readonly event: Event };
