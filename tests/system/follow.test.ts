import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { House } from './house.ts';
import { visit } from './visitor.ts';

const program = join(import.meta.dirname, '..', '..', 'bin', 'innkeeper');

/** Says so many numbered lines whenever it is asked. */
const speaker = `
import { createServer } from 'node:http';
let number = 0;
createServer((request, response) => {
	const lines = Array.from({ length: Number(request.url.slice(1)) }, () => \`\${number++} \${'.'.repeat(100)}\`);
	console.log(lines.join('\\n'));
	response.end();
}).listen(process.env.PORT);
`;

let house: House;
beforeAll(async () => {
	house = await House.start({
		tenants: {
			speaker: {
				yaml: {
					id: 101,
					name: 'speaker',
					hosts: ['speaker.test'],
					command: ['node', 'speaker.mjs'],
					log: { size: '64K', files: 4 },
				},
				files: { 'speaker.mjs': speaker },
			},
		},
	});
});
afterAll(() => house.discard());

/** A log that is rotated while it is followed, by the scribe itself; what falls off the oldest file's end was read long before. */
test('logs --follow tells each line once and whole, over many rotations', async () => {
	const control = join(house.folder, 'run', 'control.sock');
	const follower = execa(program, ['logs', 'speaker', '--follow', '--lines', '0', '--control', control], {
		reject: false,
		buffer: false,
	});
	let text = '';
	let heard = (): void => {};
	follower.stdout.setEncoding('utf8').on('data', (chunk: string) => {
		text += chunk;
		heard();
	});
	const until = async (end: string): Promise<void> => {
		while (!text.endsWith(end)) await new Promise<void>((resolve) => (heard = resolve));
	};
	// What is said before the follower is there is not its own: it is there once it has told something.
	let said = 0;
	while (text === '') {
		await visit(house, 'speaker.test', '/1');
		said++;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	const first = Number(text.split(' ')[0]);
	for (let round = 0; round < 25; round++) {
		// More than a file holds: the reader meets one rotation or two in each.
		await visit(house, 'speaker.test', '/1000');
		said += 1000;
		await until(`\n${said - 1} ${'.'.repeat(100)}\n`);
	}
	const numbers = text
		.trimEnd()
		.split('\n')
		.map((line) => /^(\d+) \.{100}$/.exec(line)?.[1] ?? line);
	expect(numbers).toEqual(Array.from({ length: said - first }, (_, index) => String(first + index)));
	expect(readdirSync(join(house.folder, 'state', 'logs')).sort()).toEqual([
		'101.log',
		'101.log.1',
		'101.log.2',
		'101.log.3',
	]);
	follower.kill('SIGINT');
	await follower;
});
