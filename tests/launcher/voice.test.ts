import { Voice } from '../../launcher/voice.ts';

/** A pipe with room for so many bytes, which takes a part where it does not take all. */
class Pipe {
	text = '';
	room = 0;

	write(bytes: Buffer): number {
		if (this.room === 0) throw Object.assign(new Error('full'), { code: 'EAGAIN' });
		const taken = bytes.subarray(0, this.room);
		this.text += taken.toString();
		this.room -= taken.length;
		return taken.length;
	}
}

let pipe: Pipe;
let voice: Voice;
beforeEach(() => {
	pipe = new Pipe();
	voice = new Voice((bytes) => pipe.write(bytes));
});

test('a line is written at once', () => {
	pipe.room = 100;
	voice.say('one');
	voice.say('two');
	expect(pipe.text).toBe('one\ntwo\n');
});

test('lines that a full pipe does not take are counted, and their number is told before the next one', () => {
	voice.say('lost');
	voice.say('lost, too');
	pipe.room = 100;
	voice.say('said');
	voice.say('and on');
	expect(pipe.text).toBe('innkeeper: 2 lines of the launcher could not be written\nsaid\nand on\n');
});

test('a line of which a part was taken is finished before anything else is said', () => {
	pipe.room = 4;
	voice.say('whole');
	voice.say('lost');
	pipe.room = 100;
	voice.say('next');
	expect(pipe.text).toBe('whole\ninnkeeper: 1 lines of the launcher could not be written\nnext\n');
});

/*
 * Attack: a tenant's error text, or a visitor's target, acts on the operator's terminal, or looks like a line of the launcher's own.
 * Model: it stands in a line of the log. Fix: whatever is no text is escaped in every line.
 */
test('nothing in a line acts on a terminal or begins another line', () => {
	pipe.room = 200;
	voice.say('fail    hello  \x1b[2J\x9b2J\x7f\u202e\u2028\r\nfail    hello  of its own\t');
	expect(pipe.text).toBe(
		'fail    hello  \\x1b[2J\\x9b2J\\x7f\\u{202e}\\u{2028}\\x0d\\x0afail    hello  of its own\\x09\n',
	);
});
