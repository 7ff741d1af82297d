import {
	type Alias,
	isAlias,
	isCollection,
	isMap,
	isNode,
	isPair,
	isScalar,
	isSeq,
	type Node,
	type Pair,
	type Document as ParsedDocument,
	parseDocument,
	type YAMLError,
} from 'yaml';
import type { Fault, FaultCode } from './fault.ts';

/** Keys from the outermost to the innermost; numbers are positions in lists, from 0. */
export type Path = readonly (string | number)[];

/** What a fault says beside where it is. */
export interface Complaint {
	readonly code: FaultCode;
	readonly message: string;
	readonly severity?: Fault['severity'];
}

/** After so many the parser has lost its way, and what else it finds helps nobody. */
const MOST_SYNTAX_FAULTS = 20;

/**
 * The YAML parser's errors whose own words quote nothing of the text, which may hold secrets; all others are told in
 * words of ours.
 */
const QUOTES_NOTHING: ReadonlySet<string> = new Set([
	'BAD_INDENT',
	'BAD_PROP_ORDER',
	'BLOCK_AS_IMPLICIT_KEY',
	'BLOCK_IN_FLOW',
	'DUPLICATE_KEY',
	'KEY_OVER_1024_CHARS',
	'MISSING_CHAR',
	'MULTILINE_IMPLICIT_KEY',
	'MULTIPLE_ANCHORS',
	'MULTIPLE_DOCS',
	'MULTIPLE_TAGS',
	'TAB_AS_INDENT',
]);

/** A YAML document (JSON is YAML) that knows where its keys stand. */
export class Document {
	readonly file: string;
	/** As plain objects, lists and scalars; undefined where the text is no YAML, an empty map where it is empty. */
	readonly value: unknown;
	/** What is wrong with the text as YAML. */
	readonly faults: readonly Fault[];
	readonly #text: string;
	readonly #parsed: ParsedDocument;

	/** `asWritten`: maps and lists whose scalars are text as it stands there: `1.10` is no number, `yes` no boolean. */
	constructor(file: string, text: string, asWritten: readonly Path[] = []) {
		this.file = file;
		this.#text = text;
		this.#parsed = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
		for (const path of asWritten) keepAsWritten(this.#parsed, path);
		const errors = [...this.#parsed.errors, ...this.#parsed.warnings].slice(0, MOST_SYNTAX_FAULTS);
		const faults = errors.map((error) => this.#syntaxFault(error));
		if (faults.every(({ code }) => code === 'duplicate-key')) {
			try {
				this.value = this.#parsed.toJS() ?? {};
			} catch {
				const message = 'an alias (*) names no anchor (&) above it, or they multiply without bound';
				faults.push(this.fault([], { code: 'syntax', message }));
			}
		}
		this.faults = faults;
	}

	/** True where the text has a value at the path. */
	has(path: Path): boolean {
		return this.#nodeAt(path) !== undefined;
	}

	/** A fault at what stands at the path, or, where nothing does, at what is nearest above. */
	fault(path: Path, complaint: Complaint): Fault {
		let offset = 0;
		for (let depth = path.length; depth >= 0; depth--) {
			const node = this.#nodeAt(path.slice(0, depth));
			if (node?.range) {
				offset = node.range[0];
				break;
			}
		}
		return this.#faultAt(offset, path, complaint);
	}

	/** A fault at the last key of the path rather than at its value. */
	keyFault(path: Path, complaint: Complaint): Fault {
		const key = this.#pairAt(path)?.key;
		if (!isNode(key) || !key.range) return this.fault(path, complaint);
		return this.#faultAt(key.range[0], path, complaint);
	}

	#faultAt(offset: number, path: Path, { code, message, severity = 'fault' }: Complaint): Fault {
		const before = this.#text.slice(0, offset);
		const lineStart = before.lastIndexOf('\n') + 1;
		const line = before.split('\n').length;
		return { file: this.file, line, column: offset - lineStart + 1, key: dotted(path), message, code, severity };
	}

	#syntaxFault(error: YAMLError): Fault {
		const offset = error.pos[0];
		if (error.code === 'DUPLICATE_KEY') {
			const path = pathTo(this.#parsed.contents, offset);
			return this.#faultAt(offset, path, { code: 'duplicate-key', message: 'it stands twice' });
		}
		const message = QUOTES_NOTHING.has(error.code) ? error.message : `it is not YAML (${error.code.toLowerCase()})`;
		return this.#faultAt(offset, [], { code: 'syntax', message });
	}

	#nodeAt(path: Path): Node | undefined {
		let node: unknown = this.#parsed.contents;
		for (const step of path) {
			const inner = resolved(this.#parsed, node);
			if (!isCollection(inner)) return undefined;
			node = inner.get(step, true);
		}
		return isNode(node) ? node : undefined;
	}

	#pairAt(path: Path): Pair | undefined {
		const map = resolved(this.#parsed, this.#nodeAt(path.slice(0, -1)));
		if (!isMap(map)) return undefined;
		const last = path.at(-1);
		return map.items.find(({ key }) => isScalar(key) && String(key.value) === String(last));
	}
}

/** As people write it: `idle.stop`, `addresses[0]`. */
function dotted(path: Path): string {
	return path.map((step, depth) => (typeof step === 'number' ? `[${step}]` : depth === 0 ? step : `.${step}`)).join('');
}

function resolved(document: ParsedDocument, node: unknown): unknown {
	return isAlias(node) ? (node as Alias).resolve(document) : node;
}

function keepAsWritten(document: ParsedDocument, path: Path): void {
	let collection: unknown = document.contents;
	for (const step of path) {
		const inner = resolved(document, collection);
		collection = isMap(inner) ? inner.get(step, true) : undefined;
	}
	const inner = resolved(document, collection);
	if (!isCollection(inner)) return;
	for (const item of inner.items) {
		const key = isPair(item) ? item.key : undefined;
		if (isScalar(key) && typeof key.value !== 'string') key.value = key.source ?? String(key.value);
		writeOut(resolved(document, isPair(item) ? item.value : item));
	}
}

/** Nothing, as in `KEY:`, is an empty text. */
function writeOut(scalar: unknown): void {
	if (!isScalar(scalar) || typeof scalar.value === 'string') return;
	scalar.value = scalar.value === null ? '' : (scalar.source ?? String(scalar.value));
}

/** The keys down to the one that begins at the offset; empty where none does. */
function pathTo(node: unknown, offset: number): (string | number)[] {
	if (!isMap(node) && !isSeq(node)) return [];
	for (const [index, item] of node.items.entries()) {
		const step = isPair(item) && isScalar(item.key) ? String(item.key.value) : index;
		if (isPair(item) && isScalar(item.key) && item.key.range?.[0] === offset) return [step];
		const value = isPair(item) ? item.value : item;
		if (!isNode(value) || !value.range || offset < value.range[0] || offset >= value.range[2]) continue;
		return [step, ...pathTo(value, offset)];
	}
	return [];
}
