import { activate } from './activate.ts';
import { emperor } from './emperor.ts';
import { fpm } from './fpm.ts';
import { hotel } from './hotel.ts';
import { passenger } from './passenger.ts';
import { proxyd } from './proxyd.ts';
import type { WakerKind } from './waker.ts';
import { xinetd } from './xinetd.ts';

/** Whom Innkeeper's cold starts are compared with. */
export const wakerKinds: readonly WakerKind[] = [activate, proxyd, xinetd, emperor, passenger, fpm, hotel];
