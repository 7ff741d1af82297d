"""The smallest Python server, of http.server: 1 KiB to everybody.

Binds $PORT, serves fd 3 where LISTEN_FDS is set (the bare floor), or, where INETD is set, the one connection that is its stdin.
"""

import os
import socket
from http.server import BaseHTTPRequestHandler, HTTPServer

BODY = b"x" * 1024


class Hello(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_):
        pass


if "INETD" in os.environ:
    connection = socket.socket(fileno=0)
    Hello(connection, connection.getpeername(), None)
elif "LISTEN_FDS" in os.environ:
    server = HTTPServer(("", 0), Hello, bind_and_activate=False)
    server.socket.close()
    server.socket = socket.socket(fileno=3)
    server.server_name, server.server_port = "", 0
    server.serve_forever()
else:
    HTTPServer(("", int(os.environ["PORT"])), Hello).serve_forever()
