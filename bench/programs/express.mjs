// An Express app as they are in production, with the middleware and libraries that such apps load: 1 KiB to everybody. Binds $PORT,
// serves fd 3 where LISTEN_FDS is set (the bare floor), or, where INETD is set, the one connection that is its stdin.
import { createServer } from 'node:http';
import { Socket } from 'node:net';
import axios from 'axios';
import compression from 'compression';
import cookieParser from 'cookie-parser';
import cors from 'cors';
import express from 'express';
import session from 'express-session';
import helmet from 'helmet';
import Joi from 'joi';
import lodash from 'lodash';
import { DateTime } from 'luxon';
import morgan from 'morgan';
import pug from 'pug';
import winston from 'winston';

const log = winston.createLogger({ transports: [new winston.transports.Console({ level: 'error' })] });
const page = pug.compile('| #{body}');
const query = Joi.object({ name: Joi.string().max(100) });
const client = axios.create({ timeout: 1000 });

const app = express();
app.use(helmet(), cors(), compression({ threshold: '4kb' }), cookieParser());
app.use(morgan('tiny', { stream: { write: (line) => log.info(line) } }));
// Its remark on its store would go to the visitor where INETD is set.
console.warn = () => {};
app.use(session({ secret: 'of no use', resave: false, saveUninitialized: false }));
app.use(express.json(), express.urlencoded({ extended: true }));
app.get('/', (request, response) => {
	const { error } = query.validate(request.query);
	if (error !== undefined) return response.status(400).end();
	response.set('X-Rendered', DateTime.utc().toISO()).set('X-Patience', String(client.defaults.timeout));
	response.type('text').send(page({ body: lodash.repeat('x', 1024) }));
});

const { INETD, LISTEN_FDS, PORT } = process.env;
const server = createServer(app);
if (INETD !== undefined) server.emit('connection', new Socket({ fd: 0 }));
else server.listen(LISTEN_FDS === undefined ? Number(PORT) : { fd: 3 });
