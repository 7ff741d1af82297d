import { Socket, type SocketConstructorOpts } from 'node:net';

/** One buffer for the reads of all visitors: a read is followed at once by the call that uses it up. */
const bytesRead = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * Reads what comes on a connection that was accepted with `pauseOnConnect`; `read` gets bytes[0..end), which are valid until it
 * returns. Returns the socket to go on with.
 *
 * Node lets sockets that connect read into one buffer (`onread`), but not those that a server accepts: they get 64 KiB of fresh
 * memory for every read, which costs a warm request a twelfth of its CPU time. So the handle of the accepted socket moves to one that we make.
 * That a socket has its handle in `_handle` and takes one as `handle` is how Node itself hands connections around, though its
 * documentation is silent; where it should end, reading goes on the documented way.
 */
export function readInto(accepted: Socket, read: (bytes: Buffer, end: number) => void): Socket {
	const inner = accepted as Socket & { _handle?: object | null };
	const handle = inner._handle;
	if (typeof handle !== 'object' || handle === null) {
		accepted.on('data', (chunk: Buffer) => read(chunk, chunk.length));
		return accepted.resume();
	}
	inner._handle = null;
	// Without a handle, this only tells the server that the connection is not its own any more.
	accepted.destroy();
	const options: SocketConstructorOpts = {
		handle: handle as never,
		allowHalfOpen: true,
		onread: {
			buffer: bytesRead,
			callback: (length) => {
				read(bytesRead, length);
				return true;
			},
		},
	};
	return new Socket(options);
}
