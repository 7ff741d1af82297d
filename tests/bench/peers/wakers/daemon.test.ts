import { isListed } from '../../../../bench/peers/wakers/daemon.ts';

const tcp = `  sl  local_address rem_address   st tx_queue rx_queue
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
   1: 0100007F:1F91 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 2 1
`;
const unix = `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 1 /run/fpm.sock
0000000000000000: 00000003 00000000 00000000 0001 03 2 /run/other.sock
`;

test('a port is listened on where its socket is in state 0A, and not where it is only connected', () => {
	expect(isListed(tcp, 0x1f90)).toBe(true);
	expect(isListed(tcp, 0x1f91)).toBe(false);
	expect(isListed(tcp, 0xc350)).toBe(false);
});

test('a unix socket is listened on where it accepts connections', () => {
	expect(isListed(unix, '/run/fpm.sock')).toBe(true);
	expect(isListed(unix, '/run/other.sock')).toBe(false);
	expect(isListed(unix, 'fpm.sock')).toBe(false);
});
