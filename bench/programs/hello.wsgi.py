"""The Python server's answer as a WSGI application (PEP 3333), for peers that bring a server of their own."""

BODY = b"x" * 1024


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(BODY)))])
    return [BODY]
