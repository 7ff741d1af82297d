<?php
// 1 KiB to everybody: a page for PHP's built-in server and for php-fpm; or, where INETD is set, the one answer to stdin's visitor.
$body = str_repeat('x', 1024);
if (getenv('INETD') !== false) {
	while (trim((string) fgets(STDIN)) !== '');
	echo "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1024\r\nConnection: close\r\n\r\n", $body;
	exit;
}
header('Content-Type: text/plain');
header('Content-Length: 1024');
echo $body;
