import { readReport } from '../../../bench/load/wrk.ts';

const report = `Running 2s test @ http://127.0.0.1:1/
  1 threads and 64 connections
  94822 requests in 2.00s, 110.68MB read
Requests/sec:  47391.05
Transfer/sec:     55.32MB
`;

test('requests and their rate are read from what wrk prints', () => {
	expect(readReport('nginx', report)).toEqual({ count: 94822, rate: 47391.05 });
});

test.each([
	[
		'  Socket errors: connect 0, read 3, write 0, timeout 0\n',
		'nginx failed requests: Socket errors: connect 0, read 3',
	],
	['  Non-2xx or 3xx responses: 17\n', 'nginx failed requests: Non-2xx or 3xx responses: 17'],
])('a report that has %j is none', (line, message) => {
	expect(() => readReport('nginx', report + line)).toThrow(message);
});

test('no request at all is an error too', () => {
	expect(() => readReport('nginx', '0 requests in 2.00s')).toThrow('answered nothing');
});
