import type { VpsId } from '../tenants/ids.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { Place } from './drivers/launch.ts';

/** What an instance does that its supervisor must know. Every event carries the instance's number; late ones are ignored. */
export type InstanceEvent =
	/** It can accept visitors on the socket of that name. */
	| { type: 'listening'; instance: number; socket: string }
	/** It binds, or listens on, a TCP port at which no visitor of its comes. */
	| { type: 'elsewhere'; instance: number; call: 'bind' | 'listen'; port: number }
	/** It sent newline-separated assignments to NOTIFY_SOCKET. */
	| { type: 'notify'; instance: number; text: string }
	/** No process of it has the socket any more by which its visitors come; it may still serve those whom it accepted. */
	| { type: 'deaf'; instance: number }
	/** Its first process is gone; `status` is `exit:N` or `signal:N`. */
	| { type: 'exit'; instance: number; status: string }
	/** No process of it is left. Always the last event of an instance, also of one killed. */
	| { type: 'empty'; instance: number };

/** What came of a start. */
export interface Started {
	readonly pid: number;
	/** The names of the sockets that it was given. */
	readonly sockets: readonly string[];
}

/** How instances are made and ended; one file each in drivers/, and a fake in tests. Rejections carry a LauncherError. */
export interface Driver {
	/** `beside`: though another instance of the tenant lives. Resolves once the first process has exec'ed; events may come before that. Rejects where nothing was left behind. */
	start(tenant: Tenant, instance: number, at: Place, beside: boolean): Promise<Started>;
	/** True where two instances at once might spoil what the tenant keeps. */
	keepsData(tenant: Tenant): boolean;
	/** An instance failed: what the driver found out about this machine for the tenant, it finds out again at the next start. */
	lookAgain(tenant: Tenant): void;
	/** To every process of the VPS. Does nothing where it is gone. */
	signal(id: VpsId, instance: number, signal: string): void;
	/** Kills every process of the VPS; `empty` follows. */
	kill(id: VpsId, instance: number): void;
	/** Asks for a `knock` on each of the tenant's public sockets while no instance serves them. */
	watch(tenant: Tenant): void;
	/** Resets the visitors who wait at the tenant's public sockets, and watches them again. No instance of it may live. */
	turnAway(tenant: Tenant): void;
	/** Lets in the visitors who wait outside, and all that follow: the instance is ready. */
	admit(tenant: Tenant): void;
	/** New visitors at the tenant's public sockets wait for the next instance from now on, where this machine can do that. */
	shut(tenant: Tenant): void;
	/** Runs a command in the VPS; its end as wait(2) says it, `exit:N` or `signal:N`. It is killed after `limit` ms. Rejects where it cannot be run. */
	run(tenant: Tenant, instance: number, command: readonly [string, ...string[]], limit: number): Promise<string>;
	/** True while a visitor has a connection that the instance accepted by itself. */
	busyOutside(tenant: Tenant): Promise<boolean>;
	/** ms since a visitor last used a socket that the tenant serves by itself; undefined where it has none, 0 while a connection lasts. */
	idleOutside(tenant: Tenant): Promise<number | undefined>;
	/** True where visitors wait at the sockets that the tenant serves by itself, and no process of the instance has any of those. */
	deafOutside(tenant: Tenant, instance: number): Promise<boolean>;
}
